/** CoreDNS's plugin template: answers that the Corefile itself holds. [CoreDNS 1.12 to 1.14, plugin/template] */
import { goRegExp, isRefused, type GoRegExp } from '../go-regexp.ts';
import { fallsThrough, normalized, optionsOf, pluginsOf, zoneOf, zonesOf } from './corefile.ts';
import type { Directive, ServerBlock } from './corefile.ts';
import { execute, type TemplateData } from './go-template.ts';
import { parseRecord, type DnsRecord } from './record.ts';

export type TemplateAnswer =
  | { kind: 'answer'; code: string; records: readonly DnsRecord[] }
  /** More than the Corefile tells. */
  | { kind: 'unknown' };

const codes = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH'],
  ...['NOTZONE', 'BADVERS', 'BADSIG', 'BADKEY', 'BADTIME', 'BADMODE', 'BADNAME', 'BADALG', 'BADTRUNC', 'BADCOOKIE'],
];
const classes = ['IN', 'CH', 'CS', 'HS', 'ANY', 'NONE'];
const serverFailure: TemplateAnswer = { kind: 'answer', code: 'SERVFAIL', records: [] };

/** What the templates of a block answer, one after the other; undefined when they leave the question to what comes after. */
export function templateAnswer(block: ServerBlock, name: string, type: string): TemplateAnswer | undefined {
  for (const template of pluginsOf(block, 'template')) {
    const answer = answerOf(template, block, name, type);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function answerOf(template: Directive, block: ServerBlock, name: string, type: string): TemplateAnswer | undefined {
  const [ofClass = '', ofType = '', ...named] = template.args;
  const zone = zoneOf(zonesOf(named, block), name);
  if (zone === undefined) return undefined;
  if (ofClass !== 'IN' && ofClass !== 'ANY') return undefined;
  if (ofType !== 'ANY' && ofType !== type && type !== 'ANY') return undefined;
  const patterns = patternsOf(template);
  if (patterns === undefined || template.block.some((line) => line.name === 'expr')) return { kind: 'unknown' };
  const asked = normalized(name);
  const pattern = patterns.find((one) => one.test(asked));
  if (pattern === undefined) return fallsThrough(template, name) ? undefined : serverFailure;
  const match = pattern.exec(asked) ?? [];
  const groups = match.flatMap((group, index) => {
    const own = pattern.names[index] ?? '';
    return own === ''
      ? [[String(index), group]]
      : [
          [String(index), group],
          [own, group],
        ];
  });
  return answered(template, {
    Name: asked,
    Zone: `${zone}.`,
    Class: 'IN',
    Type: type,
    Regex: pattern.source,
    Match: match,
    Group: Object.fromEntries(groups) as Record<string, string>,
  });
}

function answered(template: Directive, data: TemplateData): TemplateAnswer {
  const code = optionsOf(template, 'rcode').at(-1)?.args[0] ?? 'NOERROR';
  if (code === 'SERVFAIL') return serverFailure;
  const records: DnsRecord[] = [];
  for (const text of optionsOf(template, 'answer').flatMap(({ args }) => args)) {
    const executed = execute(text, data);
    if (executed.kind === 'unknown') return { kind: 'unknown' };
    const record = executed.kind === 'failed' ? undefined : parseRecord(executed.text);
    if (record === undefined) return serverFailure;
    records.push(record);
  }
  return { kind: 'answer', code, records };
}

/** The patterns of a template: one that takes everything where it has none; undefined where one is too large to be tried. */
function patternsOf(template: Directive): readonly GoRegExp[] | undefined {
  const sources = optionsOf(template, 'match').flatMap(({ args }) => args);
  const patterns = (sources.length === 0 ? ['.*'] : sources).map(goRegExp);
  const tried = patterns.flatMap((pattern) => (isRefused(pattern) ? [] : [pattern]));
  const isWhole = patterns.every((pattern) => !isRefused(pattern) || pattern.byGo);
  return isWhole && tried.reduce((sum, { size }) => sum + size, 0) <= maxSize ? tried : undefined;
}

/** As many instructions as the patterns of one template may have in all. */
const maxSize = 5_000;

/** Why CoreDNS would refuse the templates of a block. */
export const templateRefusals = (block: ServerBlock): readonly string[] =>
  pluginsOf(block, 'template').flatMap((template) => {
    const why = refusalOf(template);
    return why === undefined ? [] : [`template ${template.args.join(' ')}: ${why}.`];
  });

function refusalOf(template: Directive): string | undefined {
  const [ofClass, ofType] = template.args;
  if (ofClass === undefined || ofType === undefined) return 'a class and a type must follow, as in template IN A';
  if (!classes.includes(ofClass)) return `invalid query class ${ofClass}`;
  // Types are many; what could not be one is found by its letters.
  if (!/^[A-Z][A-Z0-9-]*$/.test(ofType)) return `invalid RR class ${ofType}`;
  for (const source of optionsOf(template, 'match').flatMap(({ args }) => args)) {
    const pattern = goRegExp(source);
    if (isRefused(pattern) && pattern.byGo) return `could not parse regex: ${pattern.refused}`;
  }
  const code = optionsOf(template, 'rcode')
    .map(({ args }) => args[0] ?? '')
    .find((one) => !codes.includes(one));
  if (code !== undefined) return `unknown rcode ${code}`;
  // Without quotes each word is an answer of its own.
  const cut = optionsOf(template, 'answer')
    .flatMap(({ args }) => args)
    .find((text) => text.lastIndexOf('{{') > text.lastIndexOf('}}'));
  return cut === undefined
    ? undefined
    : `could not compile template: “${cut}” is cut off; put the whole answer in quotes`;
}
