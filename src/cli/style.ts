/** Colour for a terminal; a pipe gets none, and NO_COLOR is honoured (picocolors does both for standard output). */
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { Outcome } from '../runbook/report.ts';

export type Paint = ReturnType<typeof pc.createColors>;

export const painter = (isTerminal: boolean, env: NodeJS.ProcessEnv): Paint =>
  pc.createColors(
    env['FORCE_COLOR'] !== undefined || (isTerminal && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb'),
  );

export const outcomeColor = (paint: Paint, outcome: Outcome): ((text: string) => string) =>
  ({
    passed: paint.green,
    failed: (text: string) => paint.bold(paint.red(text)),
    warned: paint.yellow,
    blocked: paint.magenta,
    unknown: paint.cyan,
    skipped: paint.dim,
  })[outcome];

/** How many columns a text takes: colours take none. */
export const columns = (text: string): number => stripVTControlCharacters(text).length;

/** Breaks a text into lines of at most `width` columns, at spaces; words that are longer stay whole. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && columns(line) + 1 + columns(word) > width - indent.length) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(indent + line);
  return lines.join('\n');
}
