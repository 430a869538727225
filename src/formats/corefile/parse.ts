/**
 * Reads a Corefile: server blocks, their zones, and the plugins in them. Pure, and forgiving: what it does not know it keeps
 * as words, and what CoreDNS itself would refuse it names. [CoreDNS 1.12 to 1.14, whose parser is Caddy 1's]
 */
import { parseZone, type Corefile, type Directive, type ServerBlock } from './corefile.ts';
import { tokensOf, type Token } from './lexer.ts';
import { rewriteRefusals } from './rewrite.ts';
import { templateRefusals } from './template.ts';

/** As many as CoreDNS itself expands [maxSnippetExpansions], and as many words as no Corefile has. */
const maxExpansions = 10_000;
const maxTokens = 500_000;

/** What stands before a block, and its lines. */
interface Parsed {
  keys: readonly string[];
  plugins: readonly Directive[];
}

/**
 * @param environment the variables of CoreDNS's container, for `{$NAME}`: one that is not among them stays as it is written
 */
export function parseCorefile(text: string, environment: Readonly<Record<string, string>> = {}): Corefile {
  const { tokens, openQuote } = tokensOf(text);
  const reader = readerOf(tokens, environment);
  const parsed: Parsed[] = [];
  while (reader.peek() !== undefined) {
    const block = serverBlock(reader);
    if (block !== undefined) parsed.push(block);
  }
  const blocks = parsed.map(({ keys, plugins }) => ({ zones: keys.map(parseZone), title: keys.join(' '), plugins }));
  // A quote that is never closed swallows what comes after it, the braces too.
  const faults = openQuote ? ['A quotation mark is never closed.', ...reader.faults] : [...reader.faults];
  return {
    blocks,
    faults: [...new Set([...faults, ...duplicates(blocks), ...refusals(blocks)])],
    imports: reader.imports,
    variables: [...reader.variables],
  };
}

interface Reader {
  peek: () => Token | undefined;
  take: () => Token | undefined;
  /** Puts what an import names in its place; the word `import` has been taken. */
  expand: (from: Token) => void;
  define: (snippet: string, tokens: readonly Token[]) => void;
  /** A word with its environment variables. */
  word: (token: Token) => string;
  faults: string[];
  imports: string[];
  variables: Set<string>;
}

function readerOf(tokens: readonly Token[], environment: Readonly<Record<string, string>>): Reader {
  const frames: { tokens: readonly Token[]; at: number }[] = [{ tokens, at: 0 }];
  const snippets = new Map<string, readonly Token[]>();
  const faults: string[] = [];
  const imports: string[] = [];
  const variables = new Set<string>();
  let expansions = 0;
  let expanded = 0;
  const peek = (): Token | undefined => {
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (frame.at < frame.tokens.length) return frame.tokens[frame.at];
      frames.pop();
    }
    return undefined;
  };
  const take = (): Token | undefined => {
    const token = peek();
    const frame = frames.at(-1);
    if (token !== undefined && frame !== undefined) frame.at += 1;
    return token;
  };
  const word = ({ text }: Token): string =>
    text.replace(/\{\$([^}]+)\}|\{%(.+?)%\}/g, (whole, unix: string | undefined, windows: string | undefined) => {
      const name = unix ?? windows ?? '';
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (value === undefined) variables.add(name);
      return value ?? whole;
    });
  const expand = ({ within }: Token): void => {
    const names: string[] = [];
    for (let next = peek(); next !== undefined && !next.startsLine; next = peek()) {
      names.push(word(next));
      take();
    }
    const [name = '', ...more] = names;
    const snippet = more.length > 0 ? undefined : snippets.get(name);
    if (snippet === undefined) {
      if (name === '' || more.length > 0) faults.push(`import takes one file or snippet, not “${names.join(' ')}”.`);
      imports.push(names.join(' '));
    } else if (within.includes(name)) {
      faults.push(`The snippet ${name} imports itself.`);
    } else if (expansions >= maxExpansions || expanded + snippet.length > maxTokens) {
      const fault = `More than ${maxExpansions} imports or ${maxTokens} words: the rest is left out.`;
      if (!faults.includes(fault)) faults.push(fault);
    } else {
      expansions += 1;
      expanded += snippet.length;
      const inside = [...within, name];
      frames.push({ tokens: snippet.map((token) => ({ ...token, within: inside })), at: 0 });
    }
  };
  const define = (snippet: string, body: readonly Token[]): void => {
    if (snippets.has(snippet)) faults.push(`The snippet ${snippet} is defined twice.`);
    snippets.set(snippet, body);
  };
  return { peek, take, expand, define, word, faults, imports, variables };
}

/** A server block, or undefined where a snippet or nothing stood. */
function serverBlock(reader: Reader): Parsed | undefined {
  const keys = keysOf(reader);
  const opened = reader.peek()?.text === '{';
  if (opened) reader.take();
  const [, snippet] = /^\((.+)\)$/s.exec(keys[0] ?? '') ?? [];
  if (keys.length === 1 && snippet !== undefined && opened) {
    reader.define(snippet, snippetBody(reader, snippet));
    return undefined;
  }
  if (keys.length === 0 && !opened) return undefined;
  // Without braces a block lasts until the end of the file.
  return { keys, plugins: directives(reader, opened ? keys.join(' ') || 'the first line' : undefined) };
}

/** The keys before a block: those of a line, and of the next ones where a comma says that more follow. */
function keysOf(reader: Reader): readonly string[] {
  const keys: string[] = [];
  let expectsMore = false;
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (token.startsLine && keys.length > 0 && !expectsMore) break;
    if (token.text === '{') {
      if (expectsMore) reader.faults.push(`After the comma behind ${keys.at(-1) ?? ''} another zone must follow.`);
      break;
    }
    reader.take();
    if (token.text === 'import' && token.startsLine) {
      reader.expand(token);
      continue;
    }
    if (token.text === '}' && keys.length === 0) {
      reader.faults.push('A closing brace has no opening one.');
      break;
    }
    const key = reader.word(token);
    expectsMore = key.endsWith(',');
    const name = expectsMore ? key.slice(0, -1) : key;
    if (name !== '') keys.push(name);
  }
  return keys;
}

function snippetBody(reader: Reader, name: string): readonly Token[] {
  const body: Token[] = [];
  let depth = 1;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (token.text === '{') depth += 1;
    if (token.text === '}') depth -= 1;
    if (depth === 0) return body;
    body.push(token);
  }
  reader.faults.push(`The snippet (${name}) is never closed.`);
  return body;
}

/** The plugins up to the brace that closes their block. */
function directives(reader: Reader, title: string | undefined): readonly Directive[] {
  const found: Directive[] = [];
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (token.text === '}') return found;
    if (token.text === 'import') reader.expand(token);
    else found.push(directive(reader, token, title));
  }
  if (title !== undefined) reader.faults.push(`The block of ${title} is never closed.`);
  return found;
}

interface Line {
  name: string;
  args: string[];
  block: Line[];
}

/** A plugin's line, with its block. */
function directive(reader: Reader, first: Token, title: string | undefined): Directive {
  const plugin: Line = { name: reader.word(first), args: [], block: [] };
  // No plugin is called so: where a block is missing, the next zone is taken for one.
  if (!/^[a-z0-9_]+$/i.test(plugin.name)) reader.faults.push(`Unknown directive “${plugin.name}”${inBlock(title)}.`);
  const open: Line[] = [];
  let line: Line | undefined = plugin;
  for (let token = reader.peek(); token !== undefined; token = reader.peek()) {
    if (token.startsLine && open.length === 0) return plugin;
    if (token.text === '}' && open.length === 0) {
      reader.faults.push(`A closing brace stands on the line of ${plugin.name}, where CoreDNS expects none.`);
      return plugin;
    }
    reader.take();
    const parent = open.at(-1);
    if (token.text === '{') {
      open.push(line ?? plugin);
      line = undefined;
    } else if (token.text === '}') {
      open.pop();
      line = undefined;
    } else if (token.text === 'import' && token.startsLine) {
      reader.expand(token);
      line = undefined;
    } else if (line !== undefined && !token.startsLine) {
      line.args.push(reader.word(token));
    } else if (parent !== undefined) {
      line = { name: reader.word(token), args: [], block: [] };
      parent.block.push(line);
    }
  }
  if (open.length > 0) reader.faults.push(`The block of ${plugin.name} is never closed.`);
  return plugin;
}

const inBlock = (title: string | undefined): string => (title === undefined ? '' : ` in the block of ${title}`);

/** CoreDNS refuses a zone that two blocks claim on the same port, unless `view` or other addresses tell them apart. */
function duplicates(blocks: readonly ServerBlock[]): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const { plugins, zones } of blocks.filter(({ plugins }) => !plugins.some(({ name }) => name === 'view'))) {
    const addresses = plugins.filter(({ name }) => name === 'bind').flatMap(({ args }) => args);
    for (const { name, port } of zones) {
      const key = `${name === '' ? '.' : name}:${port}`;
      const place = `${key} ${addresses.join(' ')}`;
      if (seen.has(place)) found.push(`Two server blocks claim ${key}.`);
      seen.add(place);
    }
  }
  return found;
}

/** What plugins refuse of their own lines; the first few tell enough, for CoreDNS stops at one. */
const refusals = (blocks: readonly ServerBlock[]): readonly string[] =>
  blocks.flatMap((block) => [...rewriteRefusals(block), ...templateRefusals(block)]).slice(0, 5);
