/**
 * A list that may not hold all that there is: manifests say nothing of what others made, and a user may not read every namespace. A hit is a
 * hit; that nothing matches, or how many there are, is not told (`Missed`). So a judge that decides from the rest still decides.
 */
import { missed, type Missed } from './fact.ts';

/** What a list may hold beside its items. */
interface Unseen<T> {
  why: Missed;
  /**
   * Stands for all of it: items that tell what is known of what is not there, and refuse the rest. What takes none of them takes nothing of
   * what is not seen. Undefined where nothing is known.
   */
  standIns: readonly T[] | undefined;
}

/**
 * A list that holds some of what there is.
 *
 * @param why What whoever comes to its end is told.
 * @param standIns One for each sort of item that it may hold beside; nothing is known of these when left out.
 */
export const openList = <T>(items: readonly T[], why: Missed, standIns?: readonly T[]): T[] =>
  list(items, { why, standIns });

/** A list that holds all that there is, until of one of its items something is asked that nobody here knows: what comes of it is open. */
export const wholeList = <T>(items: readonly T[]): T[] => list(items, undefined);

/** What stands behind a list that is not an array of its own. */
interface State<T> {
  items: readonly T[];
  unseen: Unseen<T> | undefined;
}

const states = new WeakMap<readonly unknown[], State<unknown>>();

const stateOf = <T>(items: readonly T[]): State<T> =>
  (states.get(items) as State<T> | undefined) ?? { items, unseen: undefined };

/** Several lists as one: it may hold beside its items what any of them may. */
export function allOf<L extends readonly (readonly unknown[])[]>(...lists: L): readonly L[number][number][] {
  const all = lists.map((one) => stateOf<L[number][number]>(one));
  const items = all.flatMap((one) => one.items);
  const open = all.flatMap(({ unseen }) => unseen ?? []);
  const [first] = open;
  if (first === undefined) return lists.some((one) => states.has(one)) ? list(items, undefined) : items;
  const known = open.flatMap(({ standIns }) => standIns ?? []);
  return list(items, { why: first.why, standIns: open.every(({ standIns }) => standIns) ? known : undefined });
}

/** @param unseen What it may hold beside; undefined while it holds all. */
function list<T>(items: readonly T[], unseen: Unseen<T> | undefined): T[] {
  // An item of which it cannot be told what becomes of it is one that may be there or not.
  const each = <U>(to: (item: T, index: number) => Iterable<U>): { some: U[]; open: Unseen<U> | undefined } => {
    const some: U[] = [];
    let open = unseen && unseenOf(unseen, to, items.length);
    for (const [index, item] of items.entries()) {
      try {
        for (const one of to(item, index)) some.push(one);
      } catch (error) {
        open = { why: open?.why ?? missed(error), standIns: undefined };
      }
    }
    return { some, open };
  };
  const made = <U>({ some, open }: { some: readonly U[]; open: Unseen<U> | undefined }): U[] => list(some, open);
  const end = <U>(open: Unseen<unknown> | undefined, otherwise: U): U => {
    if (open !== undefined) throw open.why;
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
    includes: (item: T) => items.includes(item) || end(unseen, false),
  };
  const told = new Proxy([...items], {
    get(target, field) {
      if (field === Symbol.iterator) {
        return function* () {
          yield* target;
          end(unseen, undefined);
        };
      }
      if (typeof field === 'string' && Object.hasOwn(answers, field)) return answers[field as keyof T[]];
      return typeof field === 'symbol'
        ? (Reflect.get(target, field) as unknown)
        : end(unseen, Reflect.get(target, field) as unknown);
    },
    ownKeys: (target) => end(unseen, Reflect.ownKeys(target)),
  });
  states.set(told, { items, unseen });
  return told;
}

/** What becomes of what is not seen; nothing where none of it can be meant. */
function unseenOf<T, U>(
  { why, standIns }: Unseen<T>,
  to: (item: T, index: number) => Iterable<U>,
  index: number,
): Unseen<U> | undefined {
  if (standIns === undefined) return { why, standIns: undefined };
  try {
    const left = standIns.flatMap((standIn) => [...to(standIn, index)]);
    return left.length === 0 ? undefined : { why, standIns: left };
  } catch (error) {
    missed(error);
    return { why, standIns: undefined };
  }
}
