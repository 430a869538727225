/**
 * Reads the type declarations of kubernetes-models. They are written by a generator, in a small part of TypeScript: interfaces,
 * type aliases, literals, unions, arrays and maps. Whatever else turns up is an error that names the file, not a guess.
 *
 * (TypeScript's own parser reads them too, and takes longer to load than all kinds of the stack take to read here.)
 */

export type TypeNode =
  | { is: 'any' }
  | { is: 'primitive'; name: 'string' | 'number' | 'boolean' | 'null' }
  | { is: 'literal'; value: string | number }
  | { is: 'array'; items: TypeNode }
  | { is: 'map'; values: TypeNode }
  | { is: 'object'; fields: readonly FieldNode[] }
  | { is: 'reference'; name: string }
  | { is: 'union'; of: readonly TypeNode[] };

export interface FieldNode {
  name: string;
  optional: boolean;
  type: TypeNode;
  description?: string;
}

export interface Declared {
  type: TypeNode;
  description?: string;
  /** Interfaces whose fields this one has too. */
  bases: readonly string[];
}

export interface Declarations {
  types: ReadonlyMap<string, Declared>;
  /** Where an imported name comes from. */
  imports: ReadonlyMap<string, string>;
  /** The short name of an exported long one. */
  aliases: ReadonlyMap<string, string>;
  /** The unique id of a short name of this file. */
  ids: ReadonlyMap<string, string>;
}

const token =
  /\s*(?:(\/\*\*[\s\S]*?\*\/)|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_$][\w$]*)|([{}[\]<>():;,|&=?.]))/y;

/** The words of a file, one after the other. */
class Words {
  readonly #file: string;
  readonly #words: readonly string[];
  #at = 0;
  constructor(text: string, file: string) {
    this.#file = file;
    this.#words = tokenize(text, file);
  }

  isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }
  peek(): string {
    return this.#words[this.#at] ?? '';
  }
  next(): string {
    return this.#words[this.#at++] ?? '';
  }
  skip(wanted: string): boolean {
    return this.peek() === wanted && this.next() === wanted;
  }
  expect(...wanted: readonly string[]): void {
    for (const one of wanted) {
      const got = this.next();
      if (got !== one) throw this.error(`${JSON.stringify(got)} stands where ${one} was expected`);
    }
  }
  /** The text of the comments that stand here; the last one counts. */
  comment(): { description?: string } {
    let description: string | undefined;
    while (this.peek().startsWith('/**')) description = plainText(this.next());
    return description === undefined ? {} : { description };
  }
  error(problem: string): Error {
    return new Error(`${this.#file}: ${problem}.`);
  }
}

interface Found {
  types: Map<string, Declared>;
  imports: Map<string, string>;
  aliases: Map<string, string>;
  ids: Map<string, string>;
}

export function parseDeclarations(text: string, file: string): Declarations {
  const words = new Words(text, file);
  const found: Found = { types: new Map(), imports: new Map(), aliases: new Map(), ids: new Map() };
  while (!words.isAtEnd()) {
    const described = words.comment();
    if (words.isAtEnd()) break;
    if (words.skip('import')) parseImport(words, found);
    else if (words.skip('export')) parseExport(words, found, described);
    else throw words.error(`${JSON.stringify(words.peek())} is no declaration`);
  }
  return found;
}

/** After `import`: names in braces, and where they come from. */
function parseImport(words: Words, { imports }: Found): void {
  words.expect('{');
  const names: string[] = [];
  while (!words.skip('}')) {
    names.push(words.next());
    words.skip(',');
  }
  words.expect('from');
  const from = JSON.parse(words.next()) as string;
  names.forEach((name) => imports.set(name, from));
  words.expect(';');
}

function parseExport(words: Words, found: Found, described: { description?: string }): void {
  if (words.skip('interface')) {
    const name = words.next();
    const bases = parseBases(words);
    found.types.set(name, { type: parseMembers(words), bases, ...described });
  } else if (words.skip('declare')) {
    skipClass(words);
  } else {
    words.expect('type');
    if (words.skip('{')) parseAliases(words, found);
    else {
      const name = words.next();
      words.expect('=');
      found.types.set(name, { type: parseType(words), bases: [], ...described });
    }
    words.expect(';');
  }
}

/** After an interface's name, up to its fields. Every kind repeats the two fields of TypeMeta as literals. */
function parseBases(words: Words): readonly string[] {
  const bases: string[] = [];
  while (!words.skip('{')) {
    const word = words.next();
    if (!['extends', ',', 'TypeMeta'].includes(word)) bases.push(word);
  }
  return bases;
}

/** After `export type {`: short names as long ones. */
function parseAliases(words: Words, { aliases, ids }: Found): void {
  while (!words.skip('}')) {
    const name = words.next();
    words.expect('as');
    const long = words.next();
    words.skip(',');
    aliases.set(long, name);
    ids.set(name, long.slice(1));
  }
}

/** A class repeats its interface. */
function skipClass(words: Words): void {
  while (words.peek() !== '{') words.next();
  let depth = 0;
  do {
    const here = words.next();
    if (here === '{') depth += 1;
    if (here === '}') depth -= 1;
    if (here === '') throw words.error('it ends within a class');
  } while (depth > 0);
}

function parseType(words: Words): TypeNode {
  const of: TypeNode[] = [];
  do {
    of.push(parsePrimary(words));
    // `A & (B | C)`: B and C repeat the fields of A, and only say which of them go together. That the validators judge.
    while (words.skip('&')) parsePrimary(words);
  } while (words.skip('|'));
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { is: 'union', of };
}

function parsePrimary(words: Words): TypeNode {
  const first = words.next();
  switch (first) {
    case '{':
      return parseMembers(words);
    case '(': {
      const inner = parseType(words);
      words.expect(')');
      return inner;
    }
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { is: 'primitive', name: first };
    case 'any':
    case 'unknown':
    case 'object':
      return { is: 'any' };
    case 'Array': {
      words.expect('<');
      const items = parseType(words);
      words.expect('>');
      return { is: 'array', items };
    }
    default:
      return parseWord(first, words);
  }
}

function parseWord(word: string, words: Words): TypeNode {
  if (word.startsWith('"')) return { is: 'literal', value: JSON.parse(word) as string };
  if (/^-?\d/.test(word)) return { is: 'literal', value: Number(word) };
  if (/^[A-Za-z_$]/.test(word)) return { is: 'reference', name: word };
  throw words.error(`${JSON.stringify(word)} stands where a type was expected`);
}

/** After `{`: fields, or one index signature. */
function parseMembers(words: Words): TypeNode {
  const fields: FieldNode[] = [];
  for (;;) {
    const described = words.comment();
    if (words.skip('}')) return { is: 'object', fields };
    if (words.skip('[')) {
      words.expect('key', ':', 'string', ']', ':');
      const values = parseType(words);
      words.expect(';', '}');
      return { is: 'map', values };
    }
    const written = words.next();
    const name = written.startsWith('"') ? (JSON.parse(written) as string) : written;
    const optional = words.skip('?');
    words.expect(':');
    const type = parseType(words);
    words.expect(';');
    fields.push({ name, optional, type, ...described });
  }
}

function tokenize(text: string, file: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`${file}: cannot be read from ${JSON.stringify(text.slice(from, from + 40))}.`);
    tokens.push(match[0].trimStart());
  }
  return tokens;
}

/** The text of a documentation comment, without its stars and with the generator's escapes undone. */
const plainText = (comment: string): string =>
  comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replace(/\\([*@/])/g, '$1')
    .trim();
