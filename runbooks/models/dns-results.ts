/** What resolvers answered, in words. */
import type { DnsResult } from '../../src/runbook/read.ts';

/** `100.101.102.103`, `gateway.example.ts.net, which has no address`, `no such name (NXDOMAIN)`. */
export function answerText(result: DnsResult): string {
  if (result.outcome === 'no-answer') return `no answer (${result.reason})`;
  const alias = result.aliases.at(-1);
  if (result.outcome === 'answered') {
    const records = result.records.join(', ');
    return alias === undefined ? records : `${alias} with ${records}`;
  }
  if (alias !== undefined && (result.outcome === 'no-such-name' || result.outcome === 'no-records')) {
    return `an alias for ${alias}, which has no address there`;
  }
  return outcomes[result.outcome];
}

const outcomes = {
  'no-such-name': 'no such name (NXDOMAIN)',
  'no-records': 'no record of this type',
  'server-failure': 'a failure (SERVFAIL)',
  refused: 'a refusal (REFUSED)',
} as const;

/** The records of an answer; none where there is no answer. */
export const recordsIn = (result: DnsResult): readonly string[] =>
  result.outcome === 'answered' ? result.records : [];

/** The aliases on the way to an answer, also to one that failed. */
export const aliasesIn = (result: DnsResult): readonly string[] =>
  result.outcome === 'no-answer' ? [] : result.aliases.map((alias) => alias.toLowerCase().replace(/\.$/, ''));
