/**
 * Which of the names that manifests hold are looked for in them, and what stands for a name that no manifest has. A reference whose target is
 * in no manifest may be met by a chart or a controller; it dangles for certain only where the manifests declare the namespace, or where the
 * name is almost one that they have.
 */
import { podSpecs } from '../kinds/relations.ts';
import { referencesOf, type Reference } from '../kinds/references.ts';
import { selectionsOf, type Selected } from '../kinds/selections.ts';
import { fieldsOf, listOf, specOf } from './fields.ts';
import type { ManifestObject } from './manifest.ts';

/** Whose references are followed: the checks of a component follow the others. */
const referring: ReadonlySet<string> = new Set([
  ...Object.keys(podSpecs),
  ...['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute', 'Ingress'],
  ...['BackendTLSPolicy', 'BackendTrafficPolicy', 'ClientTrafficPolicy'],
  ...['EnvoyExtensionPolicy', 'EnvoyPatchPolicy', 'SecurityPolicy'],
  ...['HorizontalPodAutoscaler', 'RoleBinding', 'ClusterRoleBinding'],
]);

const gatewayApi = 'gateway.networking.k8s.io';

/** Kinds that people keep in Git, so that one that is not there may be missing: with their groups. */
const kept: ReadonlyMap<string, string> = new Map([
  ...['Service', 'Secret', 'ConfigMap', 'ServiceAccount', 'PersistentVolumeClaim'].map((kind) => [kind, ''] as const),
  // Bindings name them without a group that this could be held against.
  ...['Role', 'ClusterRole'].map((kind) => [kind, ''] as const),
  ...['Deployment', 'StatefulSet'].map((kind) => [kind, 'apps'] as const),
  ...['Gateway', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map(
    (kind) => [kind, gatewayApi] as const,
  ),
]);

/** Kinds that neither a controller nor, but for few, a chart makes: who has one in Git has all of them there. */
const byPeople: ReadonlySet<string> = new Set(['Gateway']);

export const isByPeople = (kind: string): boolean => byPeople.has(kind);

/** What an object names that ought to stand in Git as well. */
export const keptReferences = (object: ManifestObject): readonly Reference[] =>
  referring.has(object.kind)
    ? referencesOf(object).filter(
        ({ kind, group }) =>
          kept.has(kind) &&
          (group === undefined || group === kept.get(kind)) &&
          // Whether an HTTPRoute names a Gateway has a check of its own.
          !(object.kind === 'HTTPRoute' && kind === 'Gateway'),
      )
    : [];

/** What every namespace has, whatever manifests say. */
export const always: readonly { kind: string; name: string }[] = [
  { kind: 'ServiceAccount', name: 'default' },
  { kind: 'ConfigMap', name: 'kube-root-ca.crt' },
  // For aggregated API servers, in kube-system [kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/namespace_policy.go].
  { kind: 'Role', name: 'extension-apiserver-authentication-reader' },
];

/** The pods that a Service selects; a workload selects those that it makes itself. */
export const servicePods = (object: ManifestObject): Selected | undefined =>
  object.kind === 'Service' ? selectionsOf(object)[0] : undefined;

/** The ports that a Service has. */
export function portsOf(service: ManifestObject): readonly number[] {
  return listOf(specOf(service)['ports'])
    .map((one) => fieldsOf(one)['port'])
    .filter((port) => typeof port === 'number');
}
