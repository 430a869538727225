/** How text stands in a terminal. */
import type { Outcome } from '../runbook/report.ts';
import type { Paint } from './paint.ts';

export const outcomeColor = (paint: Paint, outcome: Outcome): ((text: string) => string) =>
  ({
    passed: paint.green,
    failed: (text: string) => paint.bold(paint.red(text)),
    warned: paint.yellow,
    blocked: paint.magenta,
    unknown: paint.cyan,
    skipped: paint.dim,
  })[outcome];

/** What a paint puts around a text. */
const colours = /\u001b\[[\d;]*m/g;

/** How many columns a text takes: colours take none. */
export const columns = (text: string): number => text.replaceAll(colours, '').length;

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
