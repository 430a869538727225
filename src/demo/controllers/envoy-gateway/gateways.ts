/** Gateways: whether they are accepted, and programmed: whether they have an address with an Envoy behind it. */
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { list, number, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { GivenGateway, JudgedGateway } from '../../../gateways/gateway.ts';
import type { Listener } from '../../../gateways/listener.ts';
import type { Cluster } from '../cluster.ts';
import { findEnvoyProxy, type ManagedClass } from './classes.ts';
import type { Infrastructure } from './infrastructure.ts';
import { fresh, listenersOf } from './statuses.ts';

/** A Gateway with the EnvoyProxies that it and its class name. */
export function givenGateway(cluster: Cluster, gateway: StoredObject, { envoyProxy }: ManagedClass): GivenGateway {
  const own = findEnvoyProxy(cluster, gateway, gateway.metadata.namespace ?? '', [
    'spec',
    'infrastructure',
    'parametersRef',
  ]);
  return { gateway, classProxy: envoyProxy, ownProxy: own.found, problem: own.problem };
}

export function writeGatewayStatus(
  cluster: Cluster,
  { gateway: judged, verdicts, isTaken, listeners, attachedSets }: JudgedGateway,
  infrastructure: Infrastructure,
  missedAddress: boolean,
): void {
  const gateway = fresh(cluster, judged);
  if (gateway === undefined) return;
  const { generation } = gateway.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const own = listeners.filter(({ set }) => set === undefined);
  const addresses = missedAddress ? [] : addressesOf(infrastructure.service);
  const isRefused = verdicts.get('Accepted')?.status === 'False';
  const said: readonly Condition[] = [
    ...[...verdicts.values()].map(({ at: _at, ...condition }) => condition),
    // What is refused is not looked at any further: what was said of it before stands.
    ...(isRefused
      ? []
      : [
          { type: 'Accepted', ...accepted(own) },
          { type: 'Programmed', ...programmed(addresses.length, infrastructure.deployment) },
        ]),
  ];
  const present = list(gateway, 'status', 'conditions').filter(
    (entry) => !['ResolvedRefs', 'InsecureFrontendValidationMode'].includes(text(entry, 'type')),
  );
  cluster.setStatus(gateway, {
    ...(isRefused ? {} : { addresses: addresses.length === 0 ? undefined : addresses }),
    attachedListenerSets: attachedSets === 0 ? undefined : attachedSets,
    conditions: cluster.conditions(present, ...said.map((condition) => ({ ...condition, ...observed }))),
    ...(isTaken ? { listeners: listenersOf(cluster, gateway, own) } : {}),
  });
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

/** By what is said of its listeners: that a certificate is missing is no fault of theirs [since 1.9]. */
function accepted(listeners: readonly Listener[]): Verdict {
  const refused = listeners.filter(({ verdicts }) => verdicts.get('Accepted')?.status !== 'True');
  const names = refused.map(({ name }) => name).sort();
  if (names.length === 0) {
    return { status: 'True', reason: 'Accepted', message: 'The Gateway has been scheduled by Envoy Gateway' };
  }
  return names.length < listeners.length
    ? { status: 'True', reason: 'ListenersNotValid', message: `Listeners not valid: ${names.join(', ')}` }
    : { status: 'False', reason: 'ListenersNotValid', message: `No listeners are valid: ${names.join(', ')}` };
}

/** That there is no address comes before that there is no Envoy. */
function programmed(addresses: number, deployment: StoredObject | undefined): Verdict {
  if (addresses === 0) {
    return {
      status: 'False',
      reason: 'AddressNotAssigned',
      message: 'No addresses have been assigned to the Gateway',
    };
  }
  const available = number(deployment, 'status', 'availableReplicas');
  if (available === 0) return { status: 'False', reason: 'NoResources', message: 'Envoy replicas unavailable' };
  return {
    status: 'True',
    reason: 'Programmed',
    message: `Address assigned to the Gateway, ${available}/${number(deployment, 'status', 'replicas')} envoy replicas available`,
  };
}

/** IP addresses first, then hostnames; a Service without a load balancer is reached at its ClusterIPs. */
function addressesOf(service: StoredObject | undefined): readonly { type: string; value: string }[] {
  if (service === undefined) return [];
  const ips = (values: readonly string[]): readonly { type: string; value: string }[] =>
    values.filter((value) => value !== '').map((value) => ({ type: 'IPAddress', value }));
  if (text(service, 'spec', 'type') === 'ClusterIP') {
    return ips(list(service, 'spec', 'clusterIPs').map((ip) => text(ip)));
  }
  const ingress = list(service, 'status', 'loadBalancer', 'ingress');
  return [
    ...ips(ingress.map((entry) => text(entry, 'ip'))),
    ...ingress
      .filter((entry) => text(entry, 'ip') === '' && text(entry, 'hostname') !== '')
      .map((entry) => ({ type: 'Hostname', value: text(entry, 'hostname') })),
  ];
}
