/** What somebody does to objects, written down. */
import { mergePatch } from '../objects/merge-patch.ts';
import { identity, type KubernetesObject } from '../objects/object.ts';

/** One difference that a fault makes: a merge is a JSON merge patch (RFC 7386), in which null deletes a field. */
export interface Change {
  op: 'create' | 'merge' | 'delete';
  object: KubernetesObject;
}

/**
 * What a change makes of an object; undefined when it is deleted.
 *
 * @throws when the change does not fit: one that changes nothing would be a mistake.
 */
export function applyChange(old: KubernetesObject | undefined, { op, object }: Change): KubernetesObject | undefined {
  if (op === 'create' && old !== undefined) {
    throw new Error(`A change creates ${identity(object)}, which exists. Merge into it instead.`);
  }
  if (op !== 'create' && old === undefined) {
    throw new Error(`A change is to ${op} ${identity(object)}, which does not exist. Is its name spelt as there?`);
  }
  return op === 'delete' ? undefined : (mergePatch(old, object) as KubernetesObject);
}
