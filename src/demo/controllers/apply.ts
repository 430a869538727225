/**
 * Applies an object as a controller does on the server: it owns the fields that it has written, and leaves others alone.
 */
import { fieldsOf, isFields, type Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject, StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { Cluster } from './cluster.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';

/**
 * Creates an object, or writes into the one of its name what the controller wants; a field that it wrote before and no longer wants goes.
 *
 * @param defaults What an API server fills in when it creates the object.
 * @param isAllowed Whether an API server takes the update; it refuses a changed immutable field, and the object stays as it is.
 */
export function apply(
  cluster: Cluster,
  kind: Kind,
  wanted: KubernetesObject,
  {
    defaults = {},
    isAllowed = () => true,
  }: { defaults?: Fields; isAllowed?: (old: StoredObject, fresh: StoredObject) => boolean } = {},
): StoredObject {
  const old = cluster.get(kind, wanted.metadata.namespace, wanted.metadata.name);
  const stored =
    old === undefined
      ? cluster.create(merged(defaults, undefined, wanted) as KubernetesObject)
      : update(cluster, old, wanted, isAllowed);
  return stored;
}

function update(
  cluster: Cluster,
  old: StoredObject,
  wanted: KubernetesObject,
  isAllowed: (old: StoredObject, fresh: StoredObject) => boolean,
): StoredObject {
  const key = `applied ${old.metadata.uid}`;
  const fresh = merged(old, cluster.memory.get(key), wanted) as StoredObject;
  if (!isAllowed(old, fresh)) return old;
  cluster.memory.set(key, wanted);
  return cluster.replace(fresh);
}

/** Maps merge; lists and scalars are taken as wanted; what was applied and is no longer wanted goes. */
function merged(old: unknown, applied: unknown, wanted: unknown): unknown {
  if (!isFields(wanted)) return wanted;
  const result = new Map(Object.entries(fieldsOf(old)));
  for (const key of Object.keys(fieldsOf(applied))) if (!(key in wanted)) result.delete(key);
  for (const [key, value] of Object.entries(wanted)) {
    result.set(key, merged(result.get(key), isFields(applied) ? applied[key] : undefined, value));
  }
  return Object.fromEntries(result);
}
