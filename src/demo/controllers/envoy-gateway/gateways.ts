/** Gateways: whether they are accepted, and programmed: whether they have an address with an Envoy behind it. */
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { list, number, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { Cluster } from '../cluster.ts';
import { findEnvoyProxy, type ManagedClass } from './classes.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { JudgedGateway } from './judged.ts';
import type { JudgedListener } from './listeners.ts';

/** The EnvoyProxy of a Gateway: its own comes before its class's. */
export function parametersOfGateway(
  cluster: Cluster,
  gateway: StoredObject,
  { envoyProxy }: ManagedClass,
): Pick<JudgedGateway, 'envoyProxy' | 'problem'> {
  const own = findEnvoyProxy(cluster, gateway, gateway.metadata.namespace ?? '', [
    'spec',
    'infrastructure',
    'parametersRef',
  ]);
  return { envoyProxy: own.found ?? envoyProxy, problem: own.problem };
}

export function writeGatewayStatus(
  cluster: Cluster,
  { gateway, problem, listeners }: JudgedGateway,
  infrastructure: Infrastructure,
  missedAddress: boolean,
): void {
  const addresses = missedAddress ? [] : addressesOf(infrastructure.service);
  const { generation } = gateway.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const old = list(gateway, 'status', 'listeners');
  cluster.setStatus(gateway, {
    addresses: addresses.length === 0 ? undefined : addresses,
    conditions: cluster.conditions(
      list(gateway, 'status', 'conditions'),
      { type: 'Accepted', ...accepted(listeners, problem), ...observed },
      { type: 'Programmed', ...programmed(addresses.length, infrastructure.deployment), ...observed },
    ),
    listeners: listeners.map(({ name, conditions, supportedKinds, attached }) => {
      const before = list(
        old.find((entry) => text(entry, 'name') === name),
        'conditions',
      );
      return {
        name,
        attachedRoutes: attached.count,
        supportedKinds,
        conditions: cluster.conditions(
          before.filter((entry) => conditions.some(({ type }) => type === text(entry, 'type'))),
          ...conditions.map((condition) => ({ ...condition, ...observed })),
        ),
      };
    }),
  });
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

function accepted(listeners: readonly JudgedListener[], problem: string | undefined): Verdict {
  if (problem !== undefined) {
    return { status: 'False', reason: 'InvalidParameters', message: problem };
  }
  const valid = listeners.filter(({ isValid }) => isValid).length;
  if (valid === 0) return { status: 'False', reason: 'ListenersNotValid', message: 'There are no valid listeners' };
  if (valid < listeners.length) {
    return {
      status: 'True',
      reason: 'ListenersNotValid',
      message: 'There are one or more listeners that are not valid',
    };
  }
  return { status: 'True', reason: 'Accepted', message: 'The Gateway has been scheduled by Envoy Gateway' };
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
