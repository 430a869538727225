/**
 * Objects and lists as far as manifests tell them. What they do not tell is not absent: whoever looks at it is told that only
 * a cluster knows (`NeedsCluster`), so that a judge which decides from the rest still decides.
 */
import { NeedsCluster } from '../runbook/fact.ts';

interface Named {
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
  const inner: Record<string, PropertyDescriptor> = { metadata: whole(without(metadata, writtenByServer, describe)) };
  const left = allocated[kind];
  // A malformed spec is one that cannot be read, and stays so.
  const spec: unknown = Object.getOwnPropertyDescriptor(object, 'spec')?.value;
  if (left !== undefined && typeof spec === 'object' && spec !== null) {
    const given = new Set([...left].filter((field) => !(field in spec)));
    inner['spec'] = whole(without(spec, given, describe));
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
export function openList<T>(items: readonly T[], what: string): T[] {
  const unknown = (): never => {
    throw new NeedsCluster(what);
  };
  const open = <U>(some: readonly U[]): U[] => openList(some, what);
  const answers: Partial<Record<keyof T[], unknown>> = {
    filter: (test: (item: T, index: number) => boolean) => open(items.filter((item, index) => test(item, index))),
    map: (to: (item: T, index: number) => unknown) => open(items.map((item, index) => to(item, index))),
    flatMap: (to: (item: T, index: number) => unknown) =>
      open(items.flatMap((item, index) => to(item, index) as readonly unknown[])),
    find: (test: (item: T, index: number) => boolean) => {
      const index = items.findIndex(test);
      return index === -1 ? unknown() : items[index];
    },
    some: (test: (item: T, index: number) => boolean) => items.some((item, index) => test(item, index)) || unknown(),
    every: (test: (item: T, index: number) => boolean) =>
      !items.every((item, index) => test(item, index)) ? false : unknown(),
    includes: (item: T) => items.includes(item) || unknown(),
  };
  return new Proxy([...items], {
    get(target, field) {
      if (field === Symbol.iterator) {
        return function* () {
          yield* target;
          unknown();
        };
      }
      if (typeof field === 'symbol') return Reflect.get(target, field) as unknown;
      return Object.hasOwn(answers, field) ? answers[field as keyof T[]] : unknown();
    },
    ownKeys: unknown,
  });
}
