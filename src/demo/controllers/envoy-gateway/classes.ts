/** GatewayClasses: which of them Envoy Gateway takes, and the EnvoyProxy that each names. */
import { list, text } from '../../fields.ts';
import type { StoredObject } from '../../objects.ts';
import { kinds, type Cluster, type Condition } from '../cluster.ts';

/** The name by which a GatewayClass asks for Envoy Gateway. */
export const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';
const finalizer = 'gateway-exists-finalizer.gateway.networking.k8s.io';

export interface AcceptedClass {
  gatewayClass: StoredObject;
  envoyProxy: StoredObject | undefined;
}

/** Judges every class that names this controller; the accepted ones come back, by name. */
export function judgeClasses(cluster: Cluster, gateways: readonly StoredObject[]): ReadonlyMap<string, AcceptedClass> {
  const ours = cluster
    .list(kinds.GatewayClass)
    .filter((one) => text(one, 'spec', 'controllerName') === controllerName)
    .sort((a, b) => (age(a) < age(b) ? -1 : 1));
  const used = new Set(gateways.map((gateway) => text(gateway, 'spec', 'gatewayClassName')));
  const accepted = new Map<string, AcceptedClass>();
  ours.forEach((gatewayClass, index) => {
    const parameters = findEnvoyProxy(
      cluster,
      gatewayClass,
      text(gatewayClass, 'spec', 'parametersRef', 'namespace') || 'default',
    );
    const condition: Pick<Condition, 'status' | 'reason' | 'message'> =
      index > 0
        ? { status: 'False', reason: 'OlderGatewayClassExists', message: olderExists }
        : parameters.problem === undefined
          ? { status: 'True', reason: 'Accepted', message: 'Valid GatewayClass' }
          : { status: 'False', reason: 'InvalidParameters', message: `Invalid parametersRef: ${parameters.problem}` };
    const { generation } = gatewayClass.metadata;
    const fresh = cluster.setStatus(gatewayClass, {
      conditions: cluster.conditions(list(gatewayClass, 'status', 'conditions'), {
        type: 'Accepted',
        ...condition,
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      }),
    });
    if (condition.status === 'True')
      accepted.set(fresh.metadata.name, { gatewayClass: fresh, envoyProxy: parameters.found });
    keepFinalizer(cluster, fresh, condition.status === 'True' && used.has(fresh.metadata.name));
  });
  return accepted;
}

const olderExists = 'Invalid GatewayClass: another older GatewayClass with the same Spec.Controller exists';

/** The oldest first; of the same second, by name. */
const age = ({ metadata }: StoredObject): string => `${metadata.creationTimestamp} ${metadata.name}`;

/** The EnvoyProxy that `parametersRef` of a class, or of a Gateway's infrastructure, names. */
export function findEnvoyProxy(
  cluster: Cluster,
  owner: StoredObject,
  namespace: string,
  path: readonly string[] = ['spec', 'parametersRef'],
): { found: StoredObject | undefined; problem?: string } {
  const name = text(owner, ...path, 'name');
  if (name === '') return { found: undefined };
  const group = text(owner, ...path, 'group');
  const kind = text(owner, ...path, 'kind');
  if (group !== kinds.EnvoyProxy.group || kind !== kinds.EnvoyProxy.kind) {
    return {
      found: undefined,
      problem: `unsupported parametersRef for ${owner.kind.toLowerCase()} ${owner.metadata.name}`,
    };
  }
  const found = cluster.get(kinds.EnvoyProxy, namespace, name);
  return found === undefined ? { found, problem: `failed to find envoyproxy ${namespace}/${name}` } : { found };
}

/** A class that has Gateways is not to go before they have. */
function keepFinalizer(cluster: Cluster, gatewayClass: StoredObject, isUsed: boolean): void {
  const present = list(gatewayClass, 'metadata', 'finalizers');
  const isTerminating = gatewayClass.metadata['deletionTimestamp'] !== undefined;
  const wanted =
    isUsed && (!isTerminating || present.includes(finalizer))
      ? [...present.filter((one) => one !== finalizer), finalizer]
      : present.filter((one) => one !== finalizer);
  if (wanted.length === present.length) return;
  const { finalizers: _finalizers, ...metadata } = gatewayClass.metadata;
  cluster.replace({
    ...gatewayClass,
    metadata: wanted.length === 0 ? metadata : { ...metadata, finalizers: wanted },
  });
}
