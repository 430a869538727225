/**
 * How much a verdict says. A cluster may hold ten thousand objects with the same fault, and an object ten thousand arguments: a report of all
 * that is one that nobody reads, or can.
 */
import type { Report } from './report.ts';
import { shorten } from './words.ts';

/** Sentences of one verdict. */
const mostSentences = 20;
/**
 * Findings of one verdict, each with all that is said of it. In Git each is a line that somebody has to mend, and what a change introduces is
 * seen by all of them.
 */
export const mostFindings = (source: Report['cluster']['source']): number => (source === 'manifests' ? 5000 : 20);
/** Pieces of evidence, and commands, of one finding. */
const mostPieces = 50;
/** Items of one observed list or object. */
const mostItems = 30;

/** The sentences as one text; of many the first, and how many more there are. */
export function sentences(all: readonly string[]): string {
  const more = all.length - mostSentences;
  return [...all.slice(0, mostSentences), ...(more > 0 ? [`And ${more} more like these.`] : [])].join(' ');
}

/** `a, b and c`. */
export const enumerated = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

export const pieces = <T>(all: readonly T[]): T[] => all.slice(0, mostPieces);

/** A value as evidence shows it: texts shortened, of many items the first ones, nothing deeper than a person looks. */
export function shown(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shorten(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 6) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => shown(item, depth + 1));
    return value.length > mostItems ? [...items, `… and ${value.length - mostItems} more`] : items;
  }
  const entries = Object.entries(value);
  const kept = entries.slice(0, mostItems).map(([key, inner]) => [key, shown(inner, depth + 1)] as const);
  return Object.fromEntries(
    entries.length > mostItems ? [...kept, ['…', `and ${entries.length - mostItems} more`] as const] : kept,
  );
}
