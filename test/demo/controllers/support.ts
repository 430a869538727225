/** A demo cluster to change and look at, as somebody with kubectl would. */
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../packages/apiserver/controllers/loop.ts';
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { KubernetesObject, StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { bringAbout } from '../../../src/demo/node/scenario.ts';
import type { Situation } from '../../../src/demo/scenario.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';

const now = new Date('2026-11-22T12:01:00Z');

export interface Living extends Situation {
  /** Makes changes, and lets all that follows from them happen. */
  after: (...changes: readonly Change[]) => void;
  get: (kind: Kind, path: string) => StoredObject;
  find: (kind: Kind, path: string) => StoredObject | undefined;
}

export function live(objects: readonly KubernetesObject[] = []): Living {
  const situation = bringAbout({ changes: [] }, { now, objects });
  const { state, cluster } = situation;
  let seconds = 0;
  const find = (kind: Kind, path: string): StoredObject | undefined => {
    const [first = '', second] = path.split('/');
    return second === undefined ? state.get(kind, undefined, first) : state.get(kind, first, second);
  };
  return {
    ...situation,
    find,
    get: (kind, path) => {
      const found = find(kind, path);
      if (found === undefined) throw new Error(`There is no ${kind.kind} ${path}.`);
      return found;
    },
    after: (...changes) => {
      seconds += 10;
      state.at(new Date(now.getTime() + seconds * 1000), () => {
        state.change(changes);
        settle(cluster, controllers);
      });
    },
  };
}

const change =
  (op: Change['op']) =>
  (apiVersion: string, kind: string, path: string, fields: object = {}): Change => {
    const [first = '', second] = path.split('/');
    const metadata = second === undefined ? { name: first } : { namespace: first, name: second };
    const { metadata: more = {}, ...rest } = fields as { metadata?: object };
    return { op, object: { apiVersion, kind, metadata: { ...metadata, ...more }, ...rest } };
  };

export const merge = change('merge');
export const create = change('create');
export const remove = change('delete');

/** `kubectl delete` of something that a finalizer holds. */
export const terminate = (apiVersion: string, kind: string, path: string): Change =>
  merge(apiVersion, kind, path, { metadata: { deletionTimestamp: '2026-11-22T12:01:00Z' } });

/** Conditions as `Type=Status Reason: message`. */
export const conditions = (owner: unknown, ...path: readonly string[]): readonly string[] =>
  list(owner, ...path, 'conditions').map(
    (one) => `${text(one, 'type')}=${text(one, 'status')} ${text(one, 'reason')}: ${text(one, 'message')}`,
  );
