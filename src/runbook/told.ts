/**
 * Judging many things of which some cannot be told: each is judged by itself, and what is not known of one leaves the others alone. A list may
 * hold some of what there is (`open-list.ts`); whoever reads it to its end is told so then, and keeps what came before.
 */
import { pass, unknown, type Judgement } from './check.ts';
import { Elsewhere, missed } from './fact.ts';
import { wholeList } from './open-list.ts';

type Judged = Judgement | Iterable<Judgement>;

/** What was judged, or is to be. */
type Judging = Judged | (() => Judged);

/** What is judged, as far as it can be; the rest is unknown, and says why. */
export function told(judging: Judging): readonly Judgement[] {
  const judgements: Judgement[] = [];
  try {
    const judged = typeof judging === 'function' ? judging() : judging;
    if (isMany(judged)) for (const one of judged) judgements.push(one);
    else judgements.push(judged);
  } catch (error) {
    judgements.push(untold(error, judgements.length > 0));
  }
  return judgements;
}

/** Judgements that say how far others go. */
const scopes = new WeakSet<Judgement>();

/** What is said of the rest. Where some was judged and the rest is in namespaces that may not be seen, it is said how far that goes. */
function untold(error: unknown, isSome: boolean): Judgement {
  if (isSome && error instanceof Elsewhere) {
    const scope = pass(error.scope);
    scopes.add(scope);
    return scope;
  }
  const { problem } = missed(error);
  return unknown(problem.message, problem);
}

const isMany = (judged: Judged): judged is Iterable<Judgement> => Symbol.iterator in judged;

/** What several judge, each by itself. */
export const together = (...judges: readonly Judging[]): readonly Judgement[] => judges.flatMap(told);

/** What several found; where that is nothing, that all is well. */
export function foundOr(passed: string, ...judges: readonly Judging[]): readonly Judgement[] {
  const found = together(...judges);
  return found.every((one) => scopes.has(one)) ? [pass(passed), ...found] : found;
}

/** Judges each of some things by itself. */
export const eachOf = <T>(items: Iterable<T>, judge: (item: T) => Judged): readonly Judgement[] =>
  told(function* () {
    let isSome = false;
    try {
      for (const item of items) {
        isSome = true;
        yield* told(() => judge(item));
      }
    } catch (error) {
      yield untold(error, isSome);
    }
  });

/** Whether there is nothing in a list: one that holds something is not empty, whatever else there may be. */
export const isNone = (items: readonly unknown[]): boolean => items.every(isNothing);

const isNothing = (_item: unknown): boolean => false;

/** What there is in a list, as far as it is told. */
export function known<T>(items: Iterable<T>): readonly T[] {
  const some: T[] = [];
  try {
    for (const item of items) some.push(item);
  } catch (error) {
    missed(error);
  }
  return some;
}

/** What is looked up, where it can be told, and else what stands in its place: for what explains a finding, and does not make it. */
export function knownOr<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    missed(error);
    return otherwise;
  }
}

/** Whether one of some statements holds: one that does settles it, whatever cannot be told of the others. */
export const anyOf = (...statements: readonly (() => boolean)[]): boolean =>
  wholeList(statements).some((statement) => statement());

/** Whether a list holds all that there is. */
export function isWhole(items: Iterable<unknown>): boolean {
  try {
    return [...items].length >= 0;
  } catch (error) {
    missed(error);
    return false;
  }
}

/** Each item once. With the list's own methods, as are the next: of one that may not hold all, what comes of it may not either. */
export function once<T>(items: readonly T[]): readonly T[] {
  const seen = new Set<T>();
  return items.filter((item) => {
    const isFirst = !seen.has(item);
    seen.add(item);
    return isFirst;
  });
}

/** The items by what they have in common, in the order of the first of each. */
export function groupsOf<T>(items: readonly T[], by: (item: T) => unknown): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<unknown, [T, ...T[]]>();
  return items.flatMap((item) => {
    const key = by(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
    const [made] = group === undefined ? [groups.get(key)] : [];
    return made === undefined ? [] : [made];
  });
}
