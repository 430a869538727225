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

export function parseDeclarations(text: string, file: string): Declarations {
  const tokens = tokenize(text, file);
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const next = (): string => tokens[at++] ?? '';
  const skip = (wanted: string): boolean => peek() === wanted && next() === wanted;
  const expect = (wanted: string): void => {
    const got = next();
    if (got !== wanted) throw new Error(`${file}: ${JSON.stringify(got)} stands where ${wanted} was expected.`);
  };
  const comment = (): string | undefined => {
    let last: string | undefined;
    while (peek().startsWith('/**')) last = plainText(next());
    return last;
  };

  function parseType(): TypeNode {
    const of: TypeNode[] = [];
    do {
      of.push(parsePrimary());
      // `A & (B | C)`: B and C repeat the fields of A, and only say which of them go together. That the validators judge.
      while (skip('&')) parsePrimary();
    } while (skip('|'));
    const [only] = of;
    return of.length === 1 && only !== undefined ? only : { is: 'union', of };
  }

  function parsePrimary(): TypeNode {
    const first = next();
    switch (first) {
      case '{':
        return parseMembers();
      case '(': {
        const inner = parseType();
        expect(')');
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
        expect('<');
        const items = parseType();
        expect('>');
        return { is: 'array', items };
      }
    }
    if (first.startsWith('"')) return { is: 'literal', value: JSON.parse(first) as string };
    if (/^-?\d/.test(first)) return { is: 'literal', value: Number(first) };
    if (/^[A-Za-z_$]/.test(first)) return { is: 'reference', name: first };
    throw new Error(`${file}: ${JSON.stringify(first)} stands where a type was expected.`);
  }

  /** After `{`: fields, or one index signature. */
  function parseMembers(): TypeNode {
    const fields: FieldNode[] = [];
    for (;;) {
      const description = comment();
      if (skip('}')) return { is: 'object', fields };
      if (skip('[')) {
        for (const wanted of ['key', ':', 'string', ']', ':']) expect(wanted);
        const values = parseType();
        expect(';');
        expect('}');
        return { is: 'map', values };
      }
      const written = next();
      const name = written.startsWith('"') ? (JSON.parse(written) as string) : written;
      const optional = skip('?');
      expect(':');
      const type = parseType();
      expect(';');
      fields.push({ name, optional, type, ...(description === undefined ? {} : { description }) });
    }
  }

  const types = new Map<string, Declared>();
  const imports = new Map<string, string>();
  const aliases = new Map<string, string>();
  const ids = new Map<string, string>();
  while (at < tokens.length) {
    const description = comment();
    const described = description === undefined ? {} : { description };
    if (skip('import')) {
      expect('{');
      const names: string[] = [];
      while (!skip('}')) {
        names.push(next());
        skip(',');
      }
      expect('from');
      const from = JSON.parse(next()) as string;
      names.forEach((name) => imports.set(name, from));
      expect(';');
    } else if (skip('export')) {
      if (skip('interface')) {
        const name = next();
        const bases: string[] = [];
        while (!skip('{')) {
          const word = next();
          // Every kind repeats the two fields of TypeMeta as literals.
          if (!['extends', ',', 'TypeMeta'].includes(word)) bases.push(word);
        }
        types.set(name, { type: parseMembers(), bases, ...described });
      } else if (skip('declare')) {
        // The class repeats the interface.
        while (peek() !== '{') next();
        skipBlock();
      } else {
        expect('type');
        if (skip('{')) {
          while (!skip('}')) {
            const name = next();
            expect('as');
            const long = next();
            skip(',');
            aliases.set(long, name);
            ids.set(name, long.slice(1));
          }
        } else {
          const name = next();
          expect('=');
          types.set(name, { type: parseType(), bases: [], ...described });
        }
        expect(';');
      }
    } else if (at < tokens.length) {
      throw new Error(`${file}: ${JSON.stringify(peek())} is no declaration.`);
    }
  }
  return { types, imports, aliases, ids };

  function skipBlock(): void {
    let depth = 0;
    do {
      const here = next();
      if (here === '{') depth += 1;
      if (here === '}') depth -= 1;
      if (here === '') throw new Error(`${file} ends within a class.`);
    } while (depth > 0);
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
