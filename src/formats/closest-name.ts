/** What somebody meant who wrote a name that does not exist. */
import { distance } from 'fastest-levenshtein';

/**
 * The names that a misspelt one may mean, likeliest first: two mistakes of a finger away at most, and fewer than half of the word.
 * Letters of either case are the same; the name itself is left out.
 *
 * @param count how many at most
 */
export const closest = (name: string, among: Iterable<string>, count = 1): string[] =>
  ranked(name, among, mistakes).slice(0, count);

/** The one that a name most likely means, where it may also lack or add whole parts: `gateway` for `home-gateway`. */
export const likeliest = (name: string, among: Iterable<string>): string | undefined =>
  ranked(name, among, (one, other) => (isPart(one, other) || isPart(other, one) ? 1 : mistakes(one, other)))[0];

/**
 * What somebody may mean who types a name of several parts: those of nearly that name, else those that begin with or hold what was typed, else
 * those that begin with nearly that.
 */
export function suggested(typed: string, among: readonly string[], count = 3): readonly string[] {
  const near = closest(typed, among, count);
  if (near.length > 0 || typed.length < 3) return near;
  const holding = among.filter((name) => name.includes(typed));
  const beginning = among.filter((name) =>
    [0, 1].some((more) => mistakes(typed, name.slice(0, typed.length + more)) <= furthest),
  );
  return (holding.length > 0 ? holding : beginning).slice(0, count);
}

/** What to say to somebody who typed such a name: `Did you mean a or b?`; nothing where none is near. */
export function didYouMean(typed: string, among: readonly string[]): string | undefined {
  const meant = suggested(typed, among);
  return meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : undefined;
}

type Score = (one: string, other: string) => number;

const ranked = (name: string, among: Iterable<string>, score: Score): string[] =>
  [...new Set(among)]
    .filter((candidate) => candidate !== name)
    .map((candidate) => ({ candidate, far: score(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= furthest)
    .sort((one, other) => one.far - other.far)
    .map(({ candidate }) => candidate);

const furthest = 2;

function mistakes(one: string, other: string): number {
  // What differs in length by more than a typo needs no count of its letters.
  if (Math.abs(one.length - other.length) > furthest) return Infinity;
  const far = areSwapped(one, other) ? 1 : distance(one, other);
  return far * 2 < Math.min(one.length, other.length) ? far : Infinity;
}

/** Whether one is made of whole parts of the other, between hyphens, dots and the like. */
const isPart = (one: string, other: string): boolean => one !== '' && parts(other).includes(parts(one));

const parts = (name: string): string => `-${name.replace(/[._/]/g, '-')}-`;

/** Two neighbours that change places are one mistake of a finger, which Levenshtein counts as two. */
function areSwapped(one: string, other: string): boolean {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return (
    one.length === other.length &&
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2)
  );
}
