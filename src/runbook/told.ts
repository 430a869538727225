/**
 * Judging many things of which some cannot be told: each is judged by itself, and what is not known of one leaves the others alone. A list may
 * hold some of what there is (`src/manifests/open.ts`); whoever reads it to its end is told so then, and keeps what came before.
 */
import { pass, unknown, type Judgement } from './check.ts';
import { missed } from './fact.ts';

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
    const { problem } = missed(error);
    judgements.push(unknown(problem.message, problem));
  }
  return judgements;
}

const isMany = (judged: Judged): judged is Iterable<Judgement> => Symbol.iterator in judged;

/** What several judge, each by itself. */
export const together = (...judges: readonly Judging[]): readonly Judgement[] => judges.flatMap(told);

/** What several found; where that is nothing, that all is well. */
export function foundOr(passed: string, ...judges: readonly Judging[]): readonly Judgement[] {
  const found = together(...judges);
  return found.length === 0 ? [pass(passed)] : found;
}

/** Judges each of some things by itself. */
export const eachOf = <T>(items: Iterable<T>, judge: (item: T) => Judged): readonly Judgement[] =>
  told(function* () {
    for (const item of items) yield* told(() => judge(item));
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
