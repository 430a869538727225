/** What `kubectl apply` notes on each object that it wrote: the object as it was told, by which it knows later what to take away. */
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import { strings } from '../../../../packages/apiserver/objects/fields.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What controllers make, and what nobody keeps in Git. */
const made: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'EndpointSlice', 'Secret', 'Event']);

/** Fields of which nobody tells the API server what it takes anyway, and that it does not put back when an apply leaves them out. */
const defaulted: ReadonlySet<string> = new Set(['volumeMode', 'volumeName']);

const isMade = ({ kind, metadata }: KubernetesObject): boolean =>
  made.has(kind) ||
  metadata['ownerReferences'] !== undefined ||
  'app.kubernetes.io/managed-by' in strings(metadata, 'labels');

/** Objects of which those that stand in Git were applied from there. */
export const applied = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.map((object) => (isMade(object) ? object : noted(object)));

/** An object with what `kubectl apply` notes on it. */
export function noted(object: KubernetesObject): KubernetesObject {
  const { metadata, status: _status, ...told } = object;
  const { name, namespace, labels } = metadata;
  const annotations = strings(metadata, 'annotations');
  const { 'deployment.kubernetes.io/revision': _revision, ...given } = annotations;
  const said = JSON.stringify({ ...told, metadata: { annotations: given, labels, name, namespace } }, (field, value) =>
    defaulted.has(field) ? undefined : (value as unknown),
  );
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [lastApplied]: `${said}\n` } } };
}
