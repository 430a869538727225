/**
 * Reads a Corefile: server blocks, their zones, and the plugins in them. Pure, and forgiving: what it does not know it keeps
 * as words, and what CoreDNS itself would refuse it names. [CoreDNS 1.12 and 1.13, whose lexer is Caddy 1's]
 */

/** A line of a Corefile: its words, and the lines of its block where it has one. */
export interface Directive {
  name: string;
  args: readonly string[];
  block: readonly Directive[];
}

export interface Zone {
  /** Lower case, without trailing dot; the root is empty. */
  name: string;
  port: number;
}

export interface ServerBlock {
  zones: readonly Zone[];
  /** The keys as they were written. */
  title: string;
  plugins: readonly Directive[];
}

export interface Corefile {
  blocks: readonly ServerBlock[];
  /** Why CoreDNS would refuse to load it. */
  faults: readonly string[];
  /** Files that it imports and that are not in sight. */
  imports: readonly string[];
}

/** The words of a text, line by line. A quote may hold anything; `#` starts a comment where a word could start. */
function words(text: string): { lines: readonly (readonly string[])[]; openQuote: boolean } {
  const lines: string[][] = [];
  let line: string[] = [];
  let word: string | undefined;
  let quoted = false;
  let comment = false;
  const endWord = (): void => {
    if (word !== undefined) line.push(word);
    word = undefined;
  };
  const endLine = (): void => {
    endWord();
    if (line.length > 0) lines.push(line);
    line = [];
    comment = false;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (comment && char !== '\n') continue;
    if (quoted) {
      const next = text.charAt(at + 1);
      if (char === '\\' && next === '"') {
        word = `${word ?? ''}"`;
        at += 1;
      } else if (char === '"') {
        quoted = false;
        endWord();
      } else word = `${word ?? ''}${char}`;
    } else if (char === '\n') endLine();
    else if (/\s/.test(char)) endWord();
    else if (char === '"' && word === undefined) {
      quoted = true;
      word = '';
    } else if (char === '#' && word === undefined) comment = true;
    else word = `${word ?? ''}${char}`;
  }
  endLine();
  return { lines, openQuote: quoted };
}

type Lines = readonly (readonly string[])[];

/** The directives from a line on, up to the brace that closes their block, and the line after it. */
function directives(lines: Lines, from: number): { found: readonly Directive[]; next: number; closed: boolean } {
  const found: Directive[] = [];
  let at = from;
  while (at < lines.length) {
    const line = lines[at] ?? [];
    if (line[0] === '}') return { found, next: at + 1, closed: true };
    const [name = '', ...rest] = line;
    const opens = rest.at(-1) === '{';
    const inner = opens ? directives(lines, at + 1) : undefined;
    found.push({ name, args: opens ? rest.slice(0, -1) : rest, block: inner?.found ?? [] });
    if (inner !== undefined && !inner.closed) return { found, next: inner.next, closed: false };
    at = inner?.next ?? at + 1;
  }
  return { found, next: at, closed: false };
}

/** `dns://example.com:1053`, `example.com`, `.:53`; other transports than plain DNS have ports of their own. */
export function parseZone(key: string): Zone {
  const [scheme, rest] = key.includes('://') ? (key.split('://', 2) as [string, string]) : ['dns', key];
  const port = /:(\d+)$/.exec(rest);
  const name = rest.slice(0, port?.index ?? rest.length);
  const standard = { tls: 853, quic: 853, https: 443, https3: 443, grpc: 443 }[scheme] ?? 53;
  return { name: name.toLowerCase().replace(/\.$/, ''), port: port === null ? standard : Number(port[1]) };
}

export function parseCorefile(text: string): Corefile {
  const { lines: raw, openQuote } = words(text);
  // Braces may stand on the line of a word: `ready }` closes as a line of its own would.
  const lines = raw.flatMap((line) => (line.length > 1 && line.at(-1) === '}' ? [line.slice(0, -1), ['}']] : [line]));
  const faults: string[] = openQuote ? ['A quotation mark is never closed.'] : [];
  const snippets = new Map<string, readonly Directive[]>();
  const imports: string[] = [];
  const parsed: { keys: readonly string[]; found: readonly Directive[] }[] = [];
  let at = 0;
  while (at < lines.length) {
    const keys: string[] = [];
    let opened = false;
    while (at < lines.length && !opened) {
      const line = lines[at] ?? [];
      at += 1;
      if (keys.length === 0 && line[0] === 'import') {
        imports.push(line.slice(1).join(' '));
        break;
      }
      if (keys.length === 0 && line[0] === '}') {
        faults.push('A closing brace has no opening one.');
        break;
      }
      opened = line.at(-1) === '{';
      keys.push(...(opened ? line.slice(0, -1) : line));
    }
    if (!opened) {
      if (keys.length > 0) faults.push(`No block follows ${keys.join(' ')}.`);
      continue;
    }
    const { found, next, closed } = directives(lines, at);
    at = next;
    const names = keys.flatMap((key) => key.split(',')).filter((key) => key !== '');
    if (!closed) faults.push(`The block of ${names.join(' ')} is never closed.`);
    const snippet = /^\((.+)\)$/.exec(names[0] ?? '')?.[1];
    if (snippet !== undefined) snippets.set(snippet, found);
    else parsed.push({ keys: names, found });
  }
  const expand = (some: readonly Directive[], depth = 0): readonly Directive[] =>
    some.flatMap((directive) => {
      if (directive.name !== 'import') return [directive];
      const snippet = snippets.get(directive.args[0] ?? '');
      if (snippet !== undefined && depth < 8) return expand(snippet, depth + 1);
      imports.push(directive.args.join(' '));
      return [];
    });
  const blocks = parsed.map(({ keys, found }) => ({
    zones: keys.map(parseZone),
    title: keys.join(' '),
    plugins: expand(found),
  }));
  return { blocks, faults: [...faults, ...duplicates(blocks)], imports };
}

/** CoreDNS refuses a zone that two blocks claim on the same port, unless the plugin `view` tells them apart. */
function duplicates(blocks: readonly ServerBlock[]): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const block of blocks.filter(({ plugins }) => !plugins.some(({ name }) => name === 'view'))) {
    for (const { name, port } of block.zones) {
      const key = `${name === '' ? '.' : name}:${port}`;
      if (seen.has(key)) found.push(`Two server blocks claim ${key}.`);
      seen.add(key);
    }
  }
  return found;
}

/** Whether a name is a zone's own or lies below it. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);

/** The block that answers a name: the one with the longest zone that holds it. */
export function blockFor(corefile: Corefile, name: string, port: number): ServerBlock | undefined {
  const claims = corefile.blocks.flatMap((block) =>
    block.zones
      .filter((zone) => zone.port === port && isWithin(name.toLowerCase(), zone.name))
      .map((zone) => ({ block, length: zone.name === '' ? 0 : zone.name.length + 1 })),
  );
  return claims.sort((one, other) => other.length - one.length)[0]?.block;
}

export const pluginsOf = (block: ServerBlock, name: string): readonly Directive[] =>
  block.plugins.filter((plugin) => plugin.name === name);
