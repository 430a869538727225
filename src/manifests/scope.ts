/** Where the objects of manifests stand: in a namespace or in none, and by which name. */
import { kinds } from '../runbook/kinds.ts';
import { groupOf } from '../kinds/kind.ts';
import { withoutNamespace } from '../kinds/scope.ts';
import type { Manifest, ManifestObject } from './manifest.ts';

/** Whether an object of this kind stands in a namespace. */
export function isNamespaced({ apiVersion, kind }: Pick<ManifestObject, 'apiVersion' | 'kind'>): boolean {
  const known = Object.entries(kinds).find(([name, { group }]) => name === kind && group === groupOf(apiVersion));
  return known === undefined ? !withoutNamespace.has(kind) : known[1].namespaced;
}

/** `namespace/name`, or the name alone. */
export const nameOf = ({ metadata }: ManifestObject): string =>
  `${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** The namespaces that manifests declare. */
export const namespacesOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.metadata.name] : [])));
