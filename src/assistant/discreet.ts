/** What an assistant is not told: where on this machine files are, and anything that looks like a credential. */
import { basename } from 'node:path';
import { legible } from '../runbook/legible.ts';
import { quotable } from '../runbook/words.ts';

/** A place on this machine, and what it is called instead. */
export interface Known {
  path: string;
  told: string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Calls known places by another name, wherever they stand in a value; longer ones first, for one may stand in another. */
export function createRenaming(known: readonly Known[]): <T>(value: T) => T {
  const rules = known
    .filter(({ path }) => path.length > 1)
    .toSorted((one, other) => other.path.length - one.path.length)
    .map(
      ({ path, told }) =>
        [new RegExp(`${escaped(path)}${/[\\/]$/.test(path) ? '' : '(?![\\w-])'}`, 'g'), told] as const,
    );
  const renamed = (value: unknown): unknown => {
    if (typeof value === 'string') return rules.reduce((text, [path, told]) => text.replace(path, () => told), value);
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner)]));
  };
  return <T>(value: T): T => renamed(value) as T;
}

const absolutePath = /(?<![\w:/.~-])(?:[A-Za-z]:)?[\\/](?:[^\s/\\'",;:]+[\\/])+[^\s/\\'",;:]+/g;

/** A message of our own, which may name a file: of its path the last part is left. */
export const withoutPaths = (text: string): string =>
  quotable(legible(text.replace(absolutePath, (path) => `…/${basename(path.replaceAll('\\', '/'))}`)));
