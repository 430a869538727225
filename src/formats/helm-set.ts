/**
 * What `helm --set` takes: `a.b=1,c[0].d=x,e={1,2}`. A comma, a dot, a bracket or an equals sign that is meant as itself has a backslash before it.
 *
 * Source: helm 3.17 and 4.1, pkg/strvals; `test/formats/helm-set.test.ts` holds it to a real helm where one is installed.
 */
import { isMap, putValue, type Values } from './helm-values.ts';

/** Of what a text stands for a value. */
export type ReadValue = (text: string) => unknown;

/** As `--set` reads a value: whole numbers, `true`, `false` and `null` are such, whatever else is text. */
export function typed(text: string): unknown {
  const lower = text.toLowerCase();
  if (lower === 'true') return true;
  if (lower === 'false') return false;
  if (lower === 'null') return null;
  if (text === '0') return 0;
  // What begins with a zero is a code, as of a bank.
  return /^[+-]?\d+$/.test(text) && !text.startsWith('0') && Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

/** As `--set-string` reads it. */
export const asText: ReadValue = (text) => text;

/** The depth and the length that helm allows. */
const most = { names: 30, index: 65_536 } as const;

class Refused extends Error {}

/**
 * Sets what a text says, in place, as helm does: maps that are there are changed, not copied.
 *
 * @returns why helm refuses the text; what came before the fault is set by then, as in helm.
 */
export function setValues(values: Values, text: string, read: ReadValue = typed): string | undefined {
  const scanner = new Scanner(text);
  try {
    while (!scanner.isAtEnd() && !key(values, scanner, read, 0));
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return undefined;
}

/** What ended a word: one of the signs that were asked for, or nothing where the text is at its end. */
interface Word {
  text: string;
  end: string | undefined;
}

class Scanner {
  readonly #letters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#letters = Array.from(text);
  }

  isAtEnd(): boolean {
    return this.#at >= this.#letters.length;
  }

  /** Steps over a letter, where it is next. */
  skip(letter: string): boolean {
    const isNext = this.#letters[this.#at] === letter;
    if (isNext) this.#at++;
    return isNext;
  }

  until(ends: string): Word {
    let text = '';
    while (!this.isAtEnd()) {
      const letter = this.#letters[this.#at++] ?? '';
      if (ends.includes(letter)) return { text, end: letter };
      // A backslash at the very end stands for nothing.
      text += letter === '\\' ? (this.#letters[this.#at++] ?? '') : letter;
    }
    return { text, end: undefined };
  }
}

const put = (values: Values, name: string, value: unknown): void => {
  // What has no name is set nowhere.
  if (name !== '') putValue(values, name, value);
};

const own = (values: Values, name: string): unknown => (Object.hasOwn(values, name) ? values[name] : undefined);

/** @returns whether the text ended in the middle, which helm takes for its end all the same. */
function key(values: Values, scanner: Scanner, read: ReadValue, depth: number): boolean {
  const { text: name, end } = scanner.until('=[,.');
  switch (end) {
    case undefined:
      if (name === '') return true;
      throw new Refused(`key ${JSON.stringify(name)} has no value`);
    case ',':
      put(values, name, '');
      throw new Refused(`key ${JSON.stringify(name)} has no value (cannot end with ,)`);
    case '=': {
      const isEnd = scanner.isAtEnd();
      put(values, name, value(scanner, read));
      return isEnd;
    }
    case '[': {
      const index = indexIn(scanner);
      const list = copyOfList(own(values, name));
      const isEnd = item(list, index, scanner, read, depth);
      put(values, name, list);
      return isEnd;
    }
    default: {
      if (depth >= most.names)
        throw new Refused(`value name nested level is greater than maximum supported ${most.names}`);
      const before = own(values, name);
      const inner = isMap(before) ? before : {};
      const isEnd = key(inner, scanner, read, depth + 1);
      const isEmpty = Object.keys(inner).length === 0;
      if (isEmpty && !isEnd) throw new Refused(`key map ${JSON.stringify(name)} has no value`);
      if (!isEmpty) put(values, name, inner);
      return isEnd;
    }
  }
}

const copyOfList = (value: unknown): unknown[] => (Array.isArray(value) ? [...(value as unknown[])] : []);

function indexIn(scanner: Scanner): number {
  const { text, end } = scanner.until(']');
  // Helm 4.1 takes such an end for that of the whole text; 3.17 refuses it, as it should.
  if (end === undefined) throw new Refused('error parsing index: EOF');
  if (!/^[+-]?\d+$/.test(text)) throw new Refused(`error parsing index: ${JSON.stringify(text)}`);
  return Number(text);
}

/** @returns as `key` does. */
function item(list: unknown[], index: number, scanner: Scanner, read: ReadValue, depth: number): boolean {
  if (index < 0) throw new Refused(`negative ${index} index not allowed`);
  const { text, end } = scanner.until('[.=');
  if (text !== '') throw new Refused(`unexpected data at end of array index: ${JSON.stringify(text)}`);
  const before = list[index];
  switch (end) {
    case '=':
      setItem(list, index, value(scanner, read));
      return false;
    case '[': {
      const next = indexIn(scanner);
      const inner = copyOfList(before);
      const isEnd = item(inner, next, scanner, read, depth);
      if (!isEnd) setItem(list, index, inner);
      return isEnd;
    }
    case '.': {
      const inner = isMap(before) ? before : {};
      const isEnd = key(inner, scanner, read, depth);
      if (!isEnd) setItem(list, index, inner);
      return isEnd;
    }
    default:
      return true;
  }
}

function setItem(list: unknown[], index: number, one: unknown): void {
  if (index > most.index)
    throw new Refused(`index of ${index} is greater than maximum supported index of ${most.index}`);
  while (list.length < index) list.push(null);
  list[index] = one;
}

/** A value up to the next comma, or a list in braces. */
function value(scanner: Scanner, read: ReadValue): unknown {
  if (!scanner.skip('{')) return scanner.isAtEnd() ? '' : read(scanner.until(',').text);
  const list: unknown[] = [];
  for (;;) {
    const { text, end } = scanner.until(',}');
    if (end === undefined) throw new Refused("list must terminate with '}'");
    list.push(read(text));
    if (end === '}') {
      scanner.skip(',');
      return list;
    }
  }
}
