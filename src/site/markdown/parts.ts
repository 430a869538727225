/**
 * What a page says of a part of the stack that not everybody has stands between `{{#vault}}` and `{{/vault}}`, and what it says to those without
 * it between `{{^vault}}` and `{{/vault}}`: some words, a row, a section. Everything is cut before Markdown is read, so that the page, its
 * form for machines, the search and its diagrams say the same. Tags may not overlap; a part's name is its section in `runbooks/stack.ts`.
 *
 * A line that holds nothing but tags goes with them, and so does a row of a table, an item of a list, a heading or a comment that is left empty.
 */
import { allParts, has } from '../../../runbooks/parts.ts';

const TAG = /\{\{([#^/])(\w+)\}\}/g;

export class BrokenPart extends Error {
  constructor(tag: string, reason: string) {
    super(`${tag}: ${reason}`);
    this.name = 'BrokenPart';
  }
}

type IsThere = (part: string) => boolean;

const isThereInStack: IsThere = (name) => {
  const part = allParts.find((known) => known === name);
  if (part === undefined)
    throw new BrokenPart(name, `no such part in runbooks/stack-type.ts; there are ${allParts.join(', ')}.`);
  return has(part);
};

/** Where the text that is kept ends in a cut. */
const CUT = '\u0000';

/** A text without what is about absent parts. `isThere` is the stack's; tests pass their own. */
export function withParts(source: string, isThere: IsThere = isThereInStack): string {
  if (!source.includes('{{#') && !source.includes('{{^')) return source;
  const open: { part: string; tag: string; isKept: boolean }[] = [];
  const isKept = (): boolean => open.every((one) => one.isKept);
  let kept = '';
  let from = 0;
  for (const { 0: tag, 1: sign, 2: part = '', index } of source.matchAll(TAG)) {
    if (isKept()) kept += source.slice(from, index);
    kept += CUT;
    from = index + tag.length;
    if (sign !== '/') open.push({ part, tag, isKept: isThere(part) === (sign === '#') });
    else if (open.pop()?.part !== part) throw new BrokenPart(tag, 'nothing of that name is open here.');
  }
  const [left] = open;
  if (left !== undefined) throw new BrokenPart(left.tag, `{{/${left.part}}} is missing.`);
  return withoutEmptyLines(kept + source.slice(from));
}

const withoutEmptyLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes(CUT) || !/^\s*(?:[-*]|#+|%%|\d+\.|\|[\s|]*)?\s*$/.test(line.replaceAll(CUT, '')))
    .map((line) => line.replaceAll(CUT, ''))
    .join('\n');
