/** What is accepted until a date: which findings, from when they count again, and what becomes of what follows from them. */
import { describe, expect, it } from 'vitest';
import { acceptance, type AcceptedEntry } from '../../src/runbook/accepted.ts';
import { defineCheck, pass, unknown, type Check } from '../../src/runbook/check.ts';
import { finding } from '../../src/runbook/finding.ts';
import { exitCode, reportSchema, type Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { literalCluster } from '../support/literal-cluster.ts';

const now = new Date('2027-03-31T23:59:59Z');
const entry = (some: Partial<AcceptedEntry> = {}): AcceptedEntry => ({
  finding: 'gateway/exists#missing',
  object: 'Gateway infra/web',
  reason: 'It comes with the new node.',
  until: '2027-03-31',
  ...some,
});
const gateway = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', namespace: 'infra', name: 'web' };

describe('an entry', () => {
  it.each<[string, Partial<AcceptedEntry>, boolean]>([
    ['of the finding and its object', {}, true],
    ['of another finding', { finding: 'gateway/exists#other' }, false],
    ['of another kind', { object: 'GatewayClass infra/web' }, false],
    ['of another namespace', { object: 'Gateway other/web' }, false],
    ['of no namespace', { object: 'Gateway web' }, false],
    ['of any namespace', { object: 'Gateway */web' }, true],
    ['of any name', { object: 'Gateway infra/*' }, true],
    ['of part of a name', { object: 'Gateway in*a/w*b' }, true],
    ['of more than the name', { object: 'Gateway infra/we*eb' }, false],
    ['of stars that take turns', { object: 'Gateway i*f*a/**' }, true],
    ['of parts in another order', { object: 'Gateway i*r*f*/web' }, false],
    ['of one star for both', { object: 'Gateway *' }, false],
  ])('%s: %j accepts it: %s', (_title, some, accepted) => {
    const { accept } = acceptance([entry(some)], now);
    expect(accept('gateway/exists#missing', gateway) !== undefined).toBe(accepted);
  });

  it('counts to the end of its day, and is told after it', () => {
    const last = acceptance([entry()], now);
    expect(last.accept('gateway/exists#missing', gateway)).toEqual({
      reason: 'It comes with the new node.',
      until: '2027-03-31',
    });
    expect(last.expired).toEqual([]);
    const past = acceptance([entry()], new Date('2027-04-01T00:00:00Z'));
    expect(past.accept('gateway/exists#missing', gateway)).toBeUndefined();
    expect([past.expired, past.unused()]).toEqual([[entry()], []]);
  });

  it('is told when it accepted nothing', () => {
    const other = entry({ object: 'Gateway infra/other' });
    const { accept, unused } = acceptance([entry(), other], now);
    accept('gateway/exists#missing', gateway);
    expect(unused()).toEqual([other]);
  });
});

const broken = (
  id: Check['id'],
  needs: readonly Check[],
  outcome: 'failed' | 'warned' = 'failed',
  more: 'unknown' | 'nothing' = 'nothing',
) =>
  defineCheck({
    ...{ id, title: `${id} holds`, why: 'It matters.', needs, reads: {} },
    findings: {
      missing: finding<{ name: string }>({
        ...{ headline: '{name} is missing', means: 'It is not there.', outcome },
        message: ({ name }) => `${name} is missing.`,
        evidence: () => [{ object: gateway, path: 'metadata.name', observed: null, expected: 'it' }],
        remedies: () => [{ title: 'Add it.', commands: [], disturbs: 'Nothing.' }],
      }),
    },
    judge: (_, { find }) => [
      find.missing({ name: id }),
      ...(more === 'unknown' ? [unknown('Nobody knows the rest.')] : []),
    ],
  });
const looksAway = (id: Check['id'], needs: readonly Check[]): Check =>
  defineCheck({
    ...{ id, title: id, why: 'It matters.', needs, reads: {} },
    judge: () => unknown('It cannot be seen.'),
  });

const exists = broken('gateway/exists', []);

async function examined(checks: readonly Check[], entries: readonly AcceptedEntry[] = [entry()]): Promise<Report> {
  const { report } = await run({
    runbooks: [{ id: 'a', title: 'A', summary: '', page: '/a/', checks }],
    cluster: literalCluster([]),
    now: () => now,
    accept: acceptance(entries, now).accept,
  });
  return reportSchema.parse(JSON.parse(JSON.stringify(report)));
}
const outcomes = ({ checks }: Report): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));

describe('a run', () => {
  it('shows what is accepted, and does not count it', async () => {
    const report = await examined([exists]);
    expect(report.checks[0]).toMatchObject({
      outcome: 'passed',
      message: 'Accepted until 2027-03-31: gateway/exists is missing.',
      findings: [{ outcome: 'failed', accepted: { reason: 'It comes with the new node.', until: '2027-03-31' } }],
    });
    expect(report.rootCauses).toEqual([]);
    expect(report.runbooks[0]).toMatchObject({ outcome: 'passed', rootCauses: [] });
    expect(exitCode(report)).toBe(0);
  });

  it('counts it again after its date', async () => {
    const report = await examined([exists], [entry({ until: '2027-03-30' })]);
    expect(report.rootCauses).toEqual(['gateway/exists#missing']);
    expect(exitCode(report)).toBe(1);
  });

  it('keeps what else a check says', async () => {
    expect(outcomes(await examined([broken('gateway/exists', [], 'failed', 'unknown')]))).toEqual({
      'gateway/exists': 'unknown',
    });
  });

  it('makes no root cause of what follows from it, however far', async () => {
    const accepted = broken('gateway/accepted', [exists]);
    const unseen = looksAway('gateway/programmed', [accepted]);
    const report = await examined([exists, accepted, unseen]);
    expect(outcomes(report)).toEqual({
      'gateway/exists': 'passed',
      'gateway/accepted': 'skipped',
      'gateway/programmed': 'skipped',
    });
    expect(report.checks[1]).toMatchObject({
      message: 'It follows from what is accepted (gateway/exists).',
      blockedBy: ['gateway/exists'],
      findings: [{ outcome: 'blocked', accepted: { until: '2027-03-31' } }],
    });
    expect(report.rootCauses).toEqual([]);
    expect(exitCode(report)).toBe(0);
  });

  it('still blocks what follows from something else, too', async () => {
    const other = broken('envoy/ready', []);
    const after = looksAway('gateway/programmed', [exists, other]);
    expect(outcomes(await examined([exists, other, after]))).toMatchObject({ 'gateway/programmed': 'blocked' });
  });

  it('leaves alone what only passes', async () => {
    const fine = defineCheck({
      id: 'gateway/fine',
      title: 'F',
      why: 'W',
      needs: [exists],
      reads: {},
      judge: () => pass('Fine.'),
    });
    expect(outcomes(await examined([exists, fine]))).toMatchObject({ 'gateway/fine': 'passed' });
  });

  it('accepts a warning, too', async () => {
    expect(outcomes(await examined([broken('gateway/exists', [], 'warned')]))).toEqual({ 'gateway/exists': 'passed' });
  });
});
