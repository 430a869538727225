/** Whether an object is on its way out, and what holds it. */
import { at, isFields, list, number, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { kindKey, kindOf } from './kind.ts';

/** How an object is deleted. */
export interface Removal {
  /** How long it may take to end; a pod's containers have that long to stop. */
  graceSeconds?: number;
  /** What has to be done before it goes. */
  finalizers?: readonly string[];
}

/** Whether an object is to go as soon as its finalizers allow. */
export const isTerminating = ({ metadata }: StoredObject): boolean => metadata['deletionTimestamp'] !== undefined;

export const namespaceKind = kindKey({ group: '', kind: 'Namespace' });

export const graceOf = (object: StoredObject): number => number(object, 'metadata', 'deletionGracePeriodSeconds');

/** Whether an object that is to be deleted stays for now: finalizers, time to end, and what lives in a namespace hold it. */
export const isHeld = (object: StoredObject): boolean =>
  graceOf(object) > 0 ||
  list(object, 'metadata', 'finalizers').length > 0 ||
  (kindOf(object) === namespaceKind && list(object, 'spec', 'finalizers').length > 0);

/** How long an object may take to end: what is asked for or its spec says, for a pod whose containers may run; nothing for others. */
export function gracePeriodOf(object: StoredObject, asked?: number): number {
  const isRunning =
    object.kind === 'Pod' &&
    text(object, 'spec', 'nodeName') !== '' &&
    !['Succeeded', 'Failed'].includes(text(object, 'status', 'phase'));
  if (!isRunning) return 0;
  const own = at(object, 'spec', 'terminationGracePeriodSeconds');
  return asked ?? (typeof own === 'number' ? own : 30);
}

/** Owners of an object: what its `ownerReferences` name. */
export const ownerUids = (object: StoredObject): readonly string[] =>
  list(object, 'metadata', 'ownerReferences').flatMap((reference) =>
    isFields(reference) && typeof reference['uid'] === 'string' ? [reference['uid']] : [],
  );
