/**
 * CoreDNS's plugin rewrite: what its rules make of a question, and how they put an answer back. [CoreDNS 1.12 to 1.14,
 * plugin/rewrite]
 */
import { isDomainName, normalized, pluginsOf, type Directive, type ServerBlock } from './corefile.ts';
import type { DnsRecord } from './record.ts';
import { ruleOf, type MayTry, type NameRule, type ReadRule, type ResponseRule, type Rule } from './rewrite-rules.ts';

/** A question after the rules, and what they will do to its answer. */
export interface Rewritten {
  /** Without trailing dot, as the questions of others are written. */
  to: string;
  type: string;
  /** The last rule that changed the name. */
  by: Directive;
  /** Whether an answer about the new name comes back as one about the name that was asked. */
  isRestored: boolean;
  /** Whether the rule is for this one name. */
  isPerName: boolean;
  response: readonly ResponseRule[];
}

export type Rewriting =
  | { kind: 'as-asked'; type: string }
  | ({ kind: 'rewritten' } & Rewritten)
  /** What came out is no domain name: SERVFAIL. */
  | ({ kind: 'invalid' } & Rewritten)
  | { kind: 'untried' };

/** What the rules of a server block make of a question. */
export function rewriteQuestion(block: ServerBlock, asked: string, askedType: string): Rewriting {
  const question = normalized(asked);
  let [name, type] = [question, askedType];
  const response: ResponseRule[] = [];
  let last: NameRule | undefined;
  const outcome = (): Rewritten | undefined =>
    last === undefined
      ? undefined
      : {
          to: name.replace(/\.$/, ''),
          type,
          by: last.directive,
          isRestored: restoreName(response, name) === question,
          isPerName: last.match === 'exact',
          response,
        };
  for (const rule of rulesOf(block)) {
    if (rule.kind === 'untried') return { kind: 'untried' };
    if (rule.kind === 'other') continue;
    if (rule.kind === 'type') {
      if (rule.from !== type) continue;
      type = rule.to;
    } else {
      const applied = rule.apply(name.toLowerCase());
      if (applied === undefined) continue;
      last = rule;
      name = applied.name;
      response.push(...applied.response);
      const invalid = isDomainName(name) ? undefined : outcome();
      if (invalid !== undefined) return { kind: 'invalid', ...invalid };
    }
    if (!rule.goesOn) break;
  }
  const rewritten = outcome();
  return rewritten === undefined ? { kind: 'as-asked', type } : { kind: 'rewritten', ...rewritten };
}

/** Rules of an answer run in the opposite order. */
const restoreName = (response: readonly ResponseRule[], name: string): string =>
  response.filter(({ to }) => to === 'name').reduceRight((known, { rewrite }) => rewrite(known), name);

/** The types whose value is a name, which rules for values change. */
const withNames = ['CNAME', 'NS', 'PTR', 'DNAME'];

/** A record of the answer as it is given to whoever asked. */
export function restored({ response }: Rewritten, record: DnsRecord): DnsRecord {
  const name = restoreName(response, normalized(record.name)).replace(/\.$/, '');
  if (!withNames.includes(record.type)) return { ...record, name };
  const values = response.filter(({ to }) => to === 'value');
  const data = values.reduceRight((known, { rewrite }) => rewrite(known), `${record.data.replace(/\.$/, '')}.`);
  return { ...record, name, data: data.replace(/\.$/, '') };
}

/** As many instructions as the patterns of a server block may have in all, before they are left untried. */
const maxSize = 20_000;

const read = new WeakMap<ServerBlock, readonly ReadRule[]>();

function readRules(block: ServerBlock): readonly ReadRule[] {
  const before = read.get(block);
  if (before !== undefined) return before;
  let size = 0;
  const mayTry: MayTry = (pattern) => {
    size += pattern.size;
    return size <= maxSize;
  };
  const rules = pluginsOf(block, 'rewrite').map((directive) => ruleOf(directive, mayTry));
  read.set(block, rules);
  return rules;
}

const rulesOf = (block: ServerBlock): readonly Rule[] =>
  readRules(block).flatMap((rule) => ('refused' in rule ? [] : [rule]));

/** Why CoreDNS would refuse the rules of a block. */
export const rewriteRefusals = (block: ServerBlock): readonly string[] =>
  readRules(block).flatMap((rule) => ('refused' in rule ? [rule.refused] : []));
