/**
 * Objects and lists as far as manifests tell them. What they do not tell is not absent: whoever looks at it is told that only
 * a cluster knows (`NeedsCluster`), so that a judge which decides from the rest still decides.
 */
import { isNamespaced } from './scope.ts';
import { missed, NeedsCluster, type Missed } from '../runbook/fact.ts';

interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** What the API server and controllers write into an object's metadata. */
const writtenByServer = new Set([
  'creationTimestamp',
  'finalizers',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
]);

/** What the API server writes into a spec where its author leaves it out. */
const allocated: Readonly<Record<string, ReadonlySet<string>>> = {
  Service: new Set(['clusterIP', 'clusterIPs', 'healthCheckNodePort']),
};

/** An object without what a cluster adds to it. */
export function openObject<T extends Named>(object: T): T {
  const { kind, metadata } = object;
  const name = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  const describe = (field: string): string => `The ${field} of ${name}`;
  // Without one it lands in that of whoever applies it.
  const isHomeless = metadata.namespace === undefined && isNamespaced(object);
  const left = isHomeless ? new Set([...writtenByServer, 'namespace']) : writtenByServer;
  const inner: Record<string, PropertyDescriptor> = { metadata: whole(without(metadata, left, describe)) };
  const given = allocated[kind];
  // A malformed spec is one that cannot be read, and stays so.
  const spec: unknown = Object.getOwnPropertyDescriptor(object, 'spec')?.value;
  if (given !== undefined && typeof spec === 'object' && spec !== null) {
    const absent = new Set([...given].filter((field) => !(field in spec)));
    inner['spec'] = whole(without(spec, absent, describe));
  }
  const closed = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(object), ...inner }) as T;
  return without(closed, new Set(['status']), describe);
}

const whole = (value: object): PropertyDescriptor => ({ value, configurable: true, enumerable: true, writable: true });

/** An object in which some fields are nobody's to know. */
function without<T extends object>(object: T, fields: ReadonlySet<string>, describe: (field: string) => string): T {
  const own = Object.entries(Object.getOwnPropertyDescriptors(object)).filter(([name]) => !fields.has(name));
  const rest = Object.defineProperties({}, Object.fromEntries(own)) as T;
  const refuse = (field: string | symbol): void => {
    if (typeof field === 'string' && fields.has(field)) throw new NeedsCluster(describe(field));
  };
  return new Proxy(rest, {
    get(target, field) {
      refuse(field);
      return Reflect.get(target, field) as unknown;
    },
    has(target, field) {
      refuse(field);
      return Reflect.has(target, field);
    },
  });
}

/**
 * A list that holds some of what there is. A hit is a hit; that nothing matches, or how many there are, only a cluster can tell.
 *
 * @param what What else there may be: `Other Services than those of the manifests`.
 */
export const openList = <T>(items: readonly T[], what: string): T[] => list(items, new NeedsCluster(what));

/** A list that holds all that there is, until of one of its items something is asked that nobody here knows: what comes of it is open. */
export const wholeList = <T>(items: readonly T[]): T[] => list(items, undefined);

/** @param why Why it may not hold all; undefined while it does. */
function list<T>(items: readonly T[], why: Missed | undefined): T[] {
  // An item of which it cannot be told what becomes of it is one that may be there or not.
  const each = <U>(to: (item: T, index: number) => Iterable<U>): { some: U[]; open: Missed | undefined } => {
    const some: U[] = [];
    let open = why;
    for (const [index, item] of items.entries()) {
      try {
        for (const one of to(item, index)) some.push(one);
      } catch (error) {
        open ??= missed(error);
      }
    }
    return { some, open };
  };
  const made = <U>({ some, open }: { some: readonly U[]; open: Missed | undefined }): U[] => list(some, open);
  const end = <U>(open: Missed | undefined, otherwise: U): U => {
    if (open !== undefined) throw open;
    return otherwise;
  };
  type Test = (item: T, index: number) => boolean;
  const matching = (test: Test) => each((item, index) => (test(item, index) ? [item] : []));
  const answers: Partial<Record<keyof T[], unknown>> = {
    filter: (test: Test) => made(matching(test)),
    map: (to: (item: T, index: number) => unknown) => made(each((item, index) => [to(item, index)])),
    flatMap: (to: (item: T, index: number) => unknown) =>
      made(each((item, index): readonly unknown[] => [to(item, index)].flat())),
    find: (test: Test) => {
      const { some, open } = matching(test);
      return some.length > 0 ? some[0] : end(open, undefined);
    },
    some: (test: Test) => {
      const { some, open } = matching(test);
      return some.length > 0 || end(open, false);
    },
    every: (test: Test) => {
      const { some, open } = matching((item, index) => !test(item, index));
      return some.length === 0 && end(open, true);
    },
    includes: (item: T) => items.includes(item) || end(why, false),
  };
  return new Proxy([...items], {
    get(target, field) {
      if (field === Symbol.iterator) {
        return function* () {
          yield* target;
          end(why, undefined);
        };
      }
      if (typeof field === 'string' && Object.hasOwn(answers, field)) return answers[field as keyof T[]];
      return typeof field === 'symbol'
        ? (Reflect.get(target, field) as unknown)
        : end(why, Reflect.get(target, field) as unknown);
    },
    ownKeys: (target) => end(why, Reflect.ownKeys(target)),
  });
}
