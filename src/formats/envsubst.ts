/**
 * Shell variables in text, as Flux fills them in: `${NAME}`, `${NAME:=default}` and the string functions of its envsubst.
 *
 * Source: fluxcd/pkg envsubst 1.x, a fork of drone/envsubst. `$NAME` without braces is text, and `$$` is a dollar.
 */

import { matchesGlob } from './glob.ts';

/** What is known of a variable; one that nobody sets is empty. */
export type Variable = { value: string } | { hidden: 'its value' | 'whether it is set' };

/** The text, in which what is hidden stands as it was; or why Flux refuses it. */
export type Filled = { ok: true; text: string } | { ok: false; why: string };

export function envsubst(text: string, variableOf: (name: string) => Variable): Filled {
  try {
    return { ok: true, text: new Filling(text, variableOf).whole() };
  } catch (error) {
    if (error instanceof BadSubstitution) return { ok: false, why: error.message };
    throw error;
  }
}

class BadSubstitution extends Error {}

const name = /[\p{L}\p{Nd}_]+/uy;

class Filling {
  private readonly source: string;
  private readonly variableOf: (name: string) => Variable;
  private at = 0;

  constructor(source: string, variableOf: (name: string) => Variable) {
    this.source = source;
    this.variableOf = variableOf;
  }

  whole(): string {
    let filled = '';
    while (this.at < this.source.length) {
      if (this.isOpening()) filled += this.expression();
      else if (this.source.startsWith('$$', this.at)) {
        filled += '$';
        this.at += 2;
      } else filled += this.source.charAt(this.at++);
    }
    return filled;
  }

  private isOpening(): boolean {
    return this.source.startsWith('${', this.at);
  }

  private peek(): string {
    return this.source.charAt(this.at);
  }

  /** From `${` to its brace. */
  private expression(): string {
    const start = this.at;
    this.at += 2;
    if (this.peek() === '#') {
      this.at++;
      return this.closed(start, this.name(), ({ length }) => String(length));
    }
    const variable = this.name();
    const operator = this.operator();
    if (operator === '') return this.closed(start, variable, (value) => value);
    const of = functions[operator];
    // One that is empty gets what follows, whatever the sign.
    if (of === undefined) return this.defaulted(start, variable);
    const given = this.givenTo(operator);
    return this.closed(start, variable, (value) => of(value, ...given));
  }

  private name(): string {
    name.lastIndex = this.at;
    const found = name.exec(this.source)?.[0];
    if (found === undefined) throw new BadSubstitution('the name of the variable cannot be read');
    this.at += found.length;
    return found;
  }

  private operator(): string {
    const found = /^(?::[-=?+]?|=|,,?|\^\^?|\/[/#%]?|##?|%%?)/.exec(this.source.slice(this.at, this.at + 2))?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** The arguments of a function, up to the brace. */
  private givenTo(operator: string): readonly string[] {
    if (/^[,^]/.test(operator)) return [];
    if (operator === ':') {
      const first = this.argument(/[^:}]/);
      if (this.peek() !== ':') return [first];
      while (this.peek() === ':') this.at++;
      return [first, this.argument(/[^}]/)];
    }
    if (!operator.startsWith('/')) return [this.argument(/[^}]/)];
    const sought = this.argument(/[^/]/, true);
    if (this.peek() !== '/') throw new BadSubstitution('the pattern has no end');
    while (this.peek() === '/') this.at++;
    return this.peek() === '}' ? [sought] : [sought, this.argument(/[^}]/, true)];
  }

  private argument(accepted: RegExp, escapes = false): string {
    if (this.isOpening()) return this.expression();
    let taken = '';
    while (this.at < this.source.length && !this.isOpening()) {
      const two = this.source.slice(this.at, this.at + 2);
      const isEscape = escapes && (two === '$$' || two === '\\/' || two === '\\\\');
      const next = isEscape ? two.charAt(1) : two.charAt(0);
      if (!isEscape && !accepted.test(next)) break;
      this.at += isEscape ? 2 : 1;
      taken += next;
    }
    if (taken === '') throw new BadSubstitution('an argument is missing');
    return taken;
  }

  private defaulted(start: number, variable: string): string {
    let otherwise = '';
    while (this.peek() !== '}') otherwise += this.argument(/[^}]/);
    this.close();
    const known = this.variableOf(variable);
    if ('value' in known) return known.value === '' ? otherwise : known.value;
    // Who writes a default says what the value is like.
    return known.hidden === 'its value' ? this.source.slice(start, this.at) : otherwise;
  }

  private close(): void {
    if (this.peek() !== '}') throw new BadSubstitution('a closing brace is missing');
    this.at++;
  }

  private closed(start: number, variable: string, of: (value: string) => string): string {
    this.close();
    const known = this.variableOf(variable);
    return 'value' in known ? of(known.value) : this.source.slice(start, this.at);
  }
}

const first = (text: string, of: (letter: string) => string): string => {
  const [letter = ''] = text;
  return of(letter) + text.slice(letter.length);
};

const functions: Readonly<Record<string, (value: string, one?: string, other?: string) => string>> = {
  ',': (value) => first(value, (letter) => letter.toLowerCase()),
  ',,': (value) => value.toLowerCase(),
  '^': (value) => first(value, (letter) => letter.toUpperCase()),
  '^^': (value) => value.toUpperCase(),
  ':': part,
  '/': (value, sought = '', by = '') => value.replace(sought, () => by),
  '//': (value, sought = '', by = '') => value.replaceAll(sought, () => by),
  '/#': (value, sought = '', by?: string) =>
    by !== undefined && value.startsWith(sought) ? by + value.slice(sought.length) : value,
  '/%': (value, sought = '', by?: string) =>
    by !== undefined && value.endsWith(sought) ? value.slice(0, value.length - sought.length) + by : value,
  '#': (value, pattern = '') => value.slice(matchedStart(value, pattern, 'shortest')),
  '##': (value, pattern = '') => value.slice(matchedStart(value, pattern, 'longest')),
  '%': (value, pattern = '') => withoutEnd(value, pattern, 'shortest'),
  '%%': (value, pattern = '') => withoutEnd(value, pattern, 'longest'),
};

/** A position that is no number leaves the value as it is; a negative one counts from the end. */
function part(value: string, from = '', length?: string): string {
  if (!/^[+-]?\d+$/.test(from) || (length !== undefined && !/^[+-]?\d+$/.test(length))) return value;
  const start = Number(from) < 0 ? Math.max(0, value.length + Number(from)) : Number(from);
  return length === undefined ? value.slice(start) : value.slice(start, Math.max(start, start + Number(length)));
}

/** The length of the start that a pattern matches. */
function matchedStart(value: string, pattern: string, which: 'shortest' | 'longest'): number {
  return lengthsOf(value, which).find((length) => matches(value.slice(0, length), pattern)) ?? 0;
}

function withoutEnd(value: string, pattern: string, which: 'shortest' | 'longest'): string {
  const end = lengthsOf(value, which).find((length) => matches(value.slice(value.length - length), pattern)) ?? 0;
  return value.slice(0, value.length - end);
}

function lengthsOf(value: string, which: 'shortest' | 'longest'): readonly number[] {
  const lengths = Array.from({ length: value.length }, (_, index) => index + 1);
  return which === 'shortest' ? lengths : lengths.reverse();
}

const matches = (text: string, pattern: string): boolean => matchesGlob(text, pattern, { acrossSlashes: true });
