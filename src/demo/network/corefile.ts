/**
 * As much of CoreDNS as the demo needs: server blocks with `rewrite`, `template` and `forward`, as a Corefile says.
 * [CoreDNS 1.13]
 */
import { goRegExp, isRefused } from '../../formats/go-regexp.ts';

export type Reaction =
  | { kind: 'answer'; rcode: number; records: readonly { type: string; data: string }[] }
  /** Left to the servers that the Corefile forwards to. */
  | { kind: 'forward' };

export interface Line {
  words: readonly string[];
  block: readonly Line[];
}

const noError = 0;
const rcodes: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
const serverFailure: Reaction = { kind: 'answer', rcode: 2, records: [] };
const refused: Reaction = { kind: 'answer', rcode: 5, records: [] };

/** The zones that a Corefile's server blocks answer for. */
export const zonesOf = (corefile: string): readonly string[] => parse(corefile).flatMap(({ words }) => words.map(zone));

/** The plugins of the server block that answers for a name: that of the longest zone. */
export function blockFor(corefile: string, name: string): readonly Line[] | undefined {
  const [block] = parse(corefile)
    .map(({ words, block }) => ({ block, zone: longest(words.map(zone).filter((own) => isUnder(name, own))) }))
    .filter(({ zone }) => zone !== undefined)
    .sort((one, other) => (other.zone ?? '').length - (one.zone ?? '').length);
  return block?.block;
}

/** How CoreDNS with this Corefile reacts to a question. */
export function react(corefile: string, name: string, type: string): Reaction {
  const block = blockFor(corefile, name);
  if (block === undefined) return refused;
  // The order of plugins is CoreDNS's own, not the Corefile's: templates before forward.
  for (const { words, block: settings } of pluginsOf(block, 'template')) {
    const [, , wanted = 'ANY', ...zones] = words;
    if (wanted !== 'ANY' && wanted !== type) continue;
    if (zones.length > 0 && !zones.some((own) => isUnder(name, zone(own)))) continue;
    const matches = pluginsOf(settings, 'match').flatMap((line) => line.words.slice(1));
    if (
      matches.length > 0 &&
      !matches.map(goRegExp).some((pattern) => !isRefused(pattern) && pattern.test(`${name}.`))
    ) {
      if (pluginsOf(settings, 'fallthrough').length > 0) continue;
      return { kind: 'answer', rcode: 3, records: [] };
    }
    const [rcode] = pluginsOf(settings, 'rcode');
    const records = pluginsOf(settings, 'answer').flatMap(({ words: [, record = ''] }) => {
      const [, recordType, data] = /\bIN\s+(\S+)\s+(.+)$/.exec(record) ?? [];
      return recordType === undefined || data === undefined ? [] : [{ type: recordType, data }];
    });
    return { kind: 'answer', rcode: rcodes[rcode?.words[1] ?? 'NOERROR'] ?? noError, records };
  }
  return pluginsOf(block, 'forward').length > 0 ? { kind: 'forward' } : serverFailure;
}

/** `rewrite name [exact|prefix|suffix|substring|regex] FROM TO [answer auto]`; undefined where it does not match. */
export function rewritten(words: readonly string[], name: string): { name: string; putsBack: boolean } | undefined {
  const [, field, ...rest] = ['stop', 'continue'].includes(words[1] ?? '') ? words.toSpliced(1, 1) : words;
  if (field !== 'name') return undefined;
  const [how, from = '', to = '', ...more] = ['exact', 'prefix', 'suffix', 'substring', 'regex'].includes(rest[0] ?? '')
    ? rest
    : ['exact', ...rest];
  const absolute = `${name}.`;
  const [start, end] = [from.replace(/\.?$/, '.'), to.replace(/\.?$/, '.')];
  const result = ((): string | undefined => {
    switch (how) {
      case 'exact':
        return absolute === start ? end : undefined;
      case 'prefix':
        return absolute.startsWith(from) ? to + absolute.slice(from.length) : undefined;
      case 'suffix':
        return absolute.endsWith(start) ? absolute.slice(0, -start.length) + end : undefined;
      case 'substring':
        return absolute.includes(from) ? absolute.replace(from, to) : undefined;
      default: {
        const pattern = goRegExp(from);
        const match = isRefused(pattern) ? undefined : pattern.exec(absolute);
        // Groups are written as {1}.
        return match === undefined
          ? undefined
          : end.replace(/\{(\d)\}/g, (_, group: string) => match[Number(group)] ?? '');
      }
    }
  })();
  const putsBack = more[0] === 'answer' && more[1] === 'auto';
  // Exact rewrites put the name back by themselves.
  return result === undefined ? undefined : { name: result.replace(/\.$/, ''), putsBack: putsBack || how === 'exact' };
}

export const pluginsOf = (lines: readonly Line[], name: string): readonly Line[] =>
  lines.filter(({ words }) => words[0] === name);

/** The zone in `sudhanva.me:1053`; the root's is empty. */
const zone = (key: string): string =>
  key
    .replace(/^dns:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '')
    .toLowerCase();

export const isUnder = (name: string, own: string): boolean => own === '' || name === own || name.endsWith(`.${own}`);

const longest = (zones: readonly string[]): string | undefined => [...zones].sort((a, b) => b.length - a.length)[0];

/** Lines of words with their blocks; words in quotes keep their spaces. */
function parse(text: string): readonly Line[] {
  const root: { words: string[]; block: Line[] } = { words: [], block: [] };
  const open = [root];
  for (const line of text.split('\n')) {
    const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(#.*)|(\S+)/g)]
      .filter(([, , comment]) => comment === undefined)
      .map(([, quoted, , bare]) => quoted ?? bare ?? '');
    if (words.length === 0) continue;
    if (words[0] === '}') {
      if (open.length > 1) open.pop();
      continue;
    }
    const opens = words.at(-1) === '{';
    const added = { words: opens ? words.slice(0, -1) : words, block: [] };
    open.at(-1)?.block.push(added);
    if (opens) open.push(added);
  }
  return root.block;
}
