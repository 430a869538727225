/** Where the objects of manifests stand: in a namespace or in none, and by which name. */
import { kinds, knownKind } from '../runbook/kinds.ts';
import { groupOf } from '../kinds/kind.ts';
import { withoutNamespace } from '../kinds/scope.ts';
import type { Manifest, ManifestObject } from './manifest.ts';

/** Whether an object of this kind stands in a namespace. */
export function isNamespaced({ apiVersion, kind }: Pick<ManifestObject, 'apiVersion' | 'kind'>): boolean {
  const known = knownKind(apiVersion, kind);
  return known === undefined ? !withoutNamespace.has(kind) : kinds[known].namespaced;
}

/** An API server takes the namespace off an object whose kind has none; kustomize, which knows few kinds, gives one to such, too. */
export function asServed(manifest: Manifest): Manifest {
  const { namespace, ...metadata } = manifest.object.metadata;
  if (namespace === undefined || isNamespaced(manifest.object)) return manifest;
  return { ...manifest, object: { ...manifest.object, metadata } };
}

/** `namespace/name`, or the name alone. */
export const nameOf = ({ metadata }: ManifestObject): string =>
  `${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** By which an object is found: `Deployment shop/web`. */
export const keyOf = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;

/** What no other object of a cluster has: `Deployment.apps shop/web`. */
export const idOf = ({ apiVersion, kind, metadata }: ManifestObject): string =>
  keyOf(`${kind}.${groupOf(apiVersion)}`, metadata.namespace ?? '', metadata.name);

/** The namespaces that manifests declare. */
export const namespacesOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.metadata.name] : [])));
