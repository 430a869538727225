/**
 * GatewayClasses: what Envoy Gateway says of those that name it, and the EnvoyProxy that each points at.
 *
 * It serves the Gateways of every one of them: there may be several [since 0.6, managedGatewayClasses], and one whose parameters are
 * not found is not accepted while its Gateways go on, with Envoy Gateway's defaults in place of the EnvoyProxy [since 1.7,
 * envoyproxy/gateway#7754; internal/provider/kubernetes/controller.go, internal/gatewayapi/contexts.go attachEnvoyProxy].
 */
import { list, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import type { Ancestor } from '../../../gateways/backend-tls.ts';
import { proxyVerdict } from '../../../gateways/translate.ts';

const finalizer = 'gateway-exists-finalizer.gateway.networking.k8s.io';

export interface ManagedClass {
  gatewayClass: StoredObject;
  /** What its parameters name; undefined when they name nothing, or nothing that is there. */
  envoyProxy: StoredObject | undefined;
  /** What is said of that to the class. */
  proxyAncestor: Ancestor | undefined;
}

/** Judges every class that names this controller; they come back, by name. */
export function judgeClasses(
  cluster: Cluster,
  controllerName: string,
  gateways: readonly StoredObject[],
): ReadonlyMap<string, ManagedClass> {
  const used = new Set(gateways.map((gateway) => text(gateway, 'spec', 'gatewayClassName')));
  const managed = cluster
    .list(kinds.GatewayClass)
    .filter((one) => text(one, 'spec', 'controllerName') === controllerName)
    .map((gatewayClass): ManagedClass => {
      const namespace = text(gatewayClass, 'spec', 'parametersRef', 'namespace') || 'default';
      const parameters = findEnvoyProxy(cluster, gatewayClass, namespace);
      const verdict = parameters.found === undefined ? undefined : proxyVerdict(parameters.found);
      const problem = parameters.problem ?? (verdict?.status === 'False' ? verdict.message : undefined);
      const condition: Pick<Condition, 'status' | 'reason' | 'message'> =
        problem === undefined
          ? { status: 'True', reason: 'Accepted', message: 'Valid GatewayClass' }
          : { status: 'False', reason: 'InvalidParameters', message: `Invalid parametersRef: ${problem}` };
      const { generation } = gatewayClass.metadata;
      const fresh = cluster.setStatus(gatewayClass, {
        conditions: cluster.conditions(list(gatewayClass, 'status', 'conditions'), {
          type: 'Accepted',
          ...condition,
          ...(generation === undefined ? {} : { observedGeneration: generation }),
        }),
      });
      keepFinalizer(cluster, fresh, used.has(fresh.metadata.name));
      const reference = { group: kinds.GatewayClass.group, kind: 'GatewayClass', name: gatewayClass.metadata.name };
      return {
        gatewayClass: fresh,
        envoyProxy: parameters.found,
        proxyAncestor: verdict && { reference, verdicts: new Map([[verdict.type, verdict]]) },
      };
    });
  return new Map(managed.map((one) => [one.gatewayClass.metadata.name, one]));
}

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
  const isClass = owner.kind === 'GatewayClass';
  const place = isClass ? owner.metadata.name : `${owner.metadata.namespace ?? ''}/${owner.metadata.name}`;
  if (group !== kinds.EnvoyProxy.group || kind !== kinds.EnvoyProxy.kind) {
    const why = isClass ? '(invalid group or kind)' : '';
    return { found: undefined, problem: `unsupported parametersRef${why} for ${owner.kind.toLowerCase()} ${place}` };
  }
  const found = cluster.get(kinds.EnvoyProxy, namespace, name);
  if (found !== undefined) return { found };
  const missing = `${kinds.EnvoyProxy.kind}.${kinds.EnvoyProxy.group} "${name}" not found`;
  return {
    found,
    problem: `failed to find envoyproxy ${namespace}/${name} for ${owner.kind} ${owner.metadata.name}: ${missing}`,
  };
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
