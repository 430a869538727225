/**
 * Which of the names that manifests hold are looked for in them, and what stands for a name that no manifest has. A reference whose target is
 * in no manifest may be met by a chart or a controller; it dangles for certain only where the manifests declare the namespace, or where the
 * name is almost one that they have.
 */
import { podSpecs, referencesOf, type Reference } from '../kinds/relations.ts';
import type { ManifestObject } from './files.ts';

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const items = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const at = (value: unknown, ...path: readonly string[]): Fields =>
  path.reduce((here, step) => fields(here[step]), fields(value));

/** Whose references are followed: the checks of a component follow the others. */
const referring: ReadonlySet<string> = new Set([
  ...Object.keys(podSpecs),
  'HTTPRoute',
  'RoleBinding',
  'ClusterRoleBinding',
]);

/** Kinds that people keep in Git, so that one that is not there may be missing. */
const kept: ReadonlySet<string> = new Set([
  'Service',
  'Secret',
  'ConfigMap',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'Role',
  'ClusterRole',
]);

/** What an object names that ought to stand in Git as well. */
export const keptReferences = (object: ManifestObject): readonly Reference[] =>
  referring.has(object.kind)
    ? referencesOf(object).filter(({ kind, group }) => kept.has(kind) && (group === undefined || group === ''))
    : [];

/** What an object makes a controller write, by the kind and name that others refer to. */
export function writtenFor(object: ManifestObject): { kind: 'Secret'; name: string } | undefined {
  const name =
    object.kind === 'Certificate'
      ? at(object, 'spec')['secretName']
      : object.kind === 'ExternalSecret'
        ? (at(object, 'spec', 'target')['name'] ?? object.metadata.name)
        : undefined;
  return typeof name === 'string' ? { kind: 'Secret', name } : undefined;
}

/** What every namespace has, whatever manifests say. */
export const always: readonly { kind: string; name: string }[] = [
  { kind: 'ServiceAccount', name: 'default' },
  { kind: 'ConfigMap', name: 'kube-root-ca.crt' },
  // For aggregated API servers, in kube-system [kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/namespace_policy.go].
  { kind: 'Role', name: 'extension-apiserver-authentication-reader' },
];

/** The labels of the pods that a workload makes. */
export function podLabels(object: ManifestObject): Fields | undefined {
  const path = podSpecs[object.kind]?.split('.');
  if (path === undefined) return undefined;
  return object.kind === 'Pod'
    ? fields(object.metadata.labels)
    : at(object, ...path.slice(0, -1), 'metadata', 'labels');
}

/** The labels by which a Service selects pods; undefined when it selects none. */
export function selectorOf(object: ManifestObject): Fields | undefined {
  if (object.kind !== 'Service') return undefined;
  const selector = at(object, 'spec', 'selector');
  return Object.keys(selector).length === 0 ? undefined : selector;
}

/** The ports that a Service has. */
export const portsOf = (service: ManifestObject): readonly number[] =>
  items(at(service, 'spec')['ports']).flatMap(({ port }) => (typeof port === 'number' ? [port] : []));
