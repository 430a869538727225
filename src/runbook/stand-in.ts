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

const refusing = (told: object, problem: Problem): object =>
  guarded(
    told,
    (field) => {
      if (!Object.hasOwn(told, field)) throw new Unread(problem);
    },
    {
      ownKeys() {
        throw new Unread(problem);
      },
    },
  );

/** An object that says of a field, before it is looked at, that it cannot be told. @param ask Throws why. */
export function guarded<T extends object>(object: T, ask: (field: string) => void, more: ProxyHandler<T> = {}): T {
  return new Proxy(object, {
    get(target, field) {
      if (typeof field === 'string') ask(field);
      return Reflect.get(target, field) as unknown;
    },
    has(target, field) {
      if (typeof field === 'string') ask(field);
      return Reflect.has(target, field);
    },
    ...more,
  });
}
