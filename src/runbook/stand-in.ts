/**
 * What stands for objects that were not read: it tells their kind, and their namespace where that is known. Whoever asks it anything else is
 * told why they were not.
 */
import { Unread, type Problem } from './fact.ts';
import { apiVersion, kinds, type KindName } from './kinds.ts';

/** @param namespace Where they are; anywhere when left out. */
export function standIn(kind: KindName, problem: Problem, namespace?: string): object {
  const isPlaced = namespace !== undefined || !kinds[kind].namespaced;
  const metadata = refusing(isPlaced ? { namespace } : {}, problem);
  return refusing({ apiVersion: apiVersion(kind), kind, metadata }, problem);
}

function refusing(told: object, problem: Problem): object {
  const ask = (field: string | symbol): void => {
    if (typeof field === 'string' && !Object.hasOwn(told, field)) throw new Unread(problem);
  };
  return new Proxy(told, {
    get(target, field) {
      ask(field);
      return Reflect.get(target, field) as unknown;
    },
    has(target, field) {
      ask(field);
      return Reflect.has(target, field);
    },
    ownKeys() {
      throw new Unread(problem);
    },
  });
}
