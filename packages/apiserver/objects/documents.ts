/** Objects in YAML that `kubectl` would accept. */
import { parseAllDocuments } from 'yaml';
import { text } from './fields.ts';
import { mergePatch } from './merge-patch.ts';
import { identity, type KubernetesObject } from './object.ts';

/** The objects of a YAML stream. Documents that are no objects (Helm values, kustomizations, nothing) are left out. */
export function parseObjects(yaml: string, origin: string): readonly KubernetesObject[] {
  const documents = [...parseAllDocuments(yaml)];
  const cause = documents.flatMap(({ errors }) => errors)[0];
  if (cause !== undefined) throw new Error(`${origin} is not YAML`, { cause });
  return documents
    .map((document): unknown => document.toJS())
    .filter(
      (document): document is KubernetesObject =>
        isObject(document) && !document.apiVersion.startsWith('kustomize.config.k8s.io/'),
    );
}

const isObject = (value: unknown): value is KubernetesObject =>
  text(value, 'apiVersion') !== '' && text(value, 'kind') !== '' && text(value, 'metadata', 'name') !== '';

/** Objects of the same identity become one; later documents win, maps merge, lists are replaced. */
export function mergeDocuments(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const merged = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const key = identity(object);
    merged.set(key, mergePatch(merged.get(key), object) as KubernetesObject);
  }
  return [...merged.values()];
}
