/**
 * Problems in place of answers: "may not read", "does not exist" and "did not answer" are neither health nor a fault.
 *
 * For every check, every kind that it reads and every problem there is: it says what it says to whoever may not read the kind, and fails only
 * when that very problem is what it is about.
 */
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/runbook/check.ts';
import { problemKinds, type ProblemKind } from '../../src/runbook/fact.ts';
import { kinds, type KindName } from '../../src/runbook/kinds.ts';
import { isProbe, type Need } from '../../src/runbook/read.ts';
import type { Verdict } from '../../src/runbook/report.ts';
import { clusterReads } from '../../src/runbook/runbook.ts';
import { allChecks, examineCheck } from '../support/examine.ts';

/** How a check wants what it reads, by kind; `log` for logs. Reads that follow need what they follow from. */
function wantsOf(needs: Readonly<Record<string, Need>>): ReadonlyMap<string, 'plain' | 'optional' | 'raw' | 'object'> {
  const wants = new Map<string, 'plain' | 'optional' | 'raw' | 'object'>();
  for (const need of Object.values(needs)) {
    if (need.want === 'follow') {
      for (const [kind, want] of wantsOf(need.first)) wants.set(kind, want);
      if (need.describe.permission === 'pods/log') wants.set('log', 'plain');
    } else if (!isProbe(need.read) && need.read.type !== 'log') {
      wants.set(need.read.kind, need.read.type === 'object' ? 'object' : need.want);
    }
  }
  return wants;
}

const isDefined = (kind: string): boolean => kind in kinds && kinds[kind as KindName].group.includes('.');

const situations = allChecks.flatMap((check) =>
  [...wantsOf(check.reads)].flatMap(([kind, want]) =>
    problemKinds.map((problem) => ({ name: `${check.id}, ${kind} ${problem}`, check, kind, want, problem })),
  ),
);

/** Whether a check can do without: it asked for the fact itself, or the problem is an answer. */
const isAnswer = (want: string, problem: ProblemKind): boolean =>
  want === 'raw' ||
  (want === 'optional' && problem === 'kind-not-installed') ||
  (want === 'object' && problem === 'not-found');

async function judge({ check, kind, want, problem }: (typeof situations)[number]): Promise<void> {
  const verdict = await examineCheck(check, { problems: { [kind]: problem }, probes: {} });
  if (problem === 'kind-not-installed' && want === 'raw') {
    // Who asks for the fact itself may be about this problem, and then it is the root cause.
    if (check.id.endsWith('/kinds-installed') && isDefined(kind)) expect(verdict.outcome).toBe('failed');
    return;
  }
  expect(verdict.outcome, verdict.message).not.toBe('failed');
  expect(verdict.outcome, verdict.message).not.toBe('warned');
  if (isAnswer(want, problem) || want === 'raw') return;
  // Whether a check can do without what may not be read is for rights.test.ts; it is the same whatever keeps it away.
  const { outcome } = await forbidden(check, kind);
  if (problem === 'kind-not-installed' && isDefined(kind)) {
    // What a missing kind leaves unknown is a consequence of the check that is about kinds, where it is among the needs.
    expect([outcome, 'blocked']).toContain(verdict.outcome);
  } else {
    expect(verdict.outcome, verdict.message).toBe(outcome);
  }
  // A check that can do without the kind goes on to what it probes, which answers nothing here.
  const isProbe = verdict.message.includes('Nobody said what the probe');
  if (verdict.outcome === 'unknown' && !isProbe) expect(verdict.problem?.kind).toBe(problem);
}

const known = new Map<string, Promise<Verdict>>();

/** What a check says to whoever may not read a kind. */
function forbidden(check: Check, kind: string): Promise<Verdict> {
  const key = `${check.id} ${kind}`;
  const verdict = known.get(key) ?? examineCheck(check, { problems: { [kind]: 'forbidden' }, probes: {} });
  known.set(key, verdict);
  return verdict;
}

describe('a problem in place of an answer', () => {
  it('is tried for every kind that is read', () => {
    const read = clusterReads(allChecks).flatMap((read) => (read.type === 'log' ? [] : [read.kind]));
    expect(new Set(situations.map(({ kind }) => kind))).toEqual(new Set([...read, 'log']));
  });

  it.each(situations)('$name', judge);

  it.each(problemKinds)('%s of everything at once: nothing is healthy and nothing throws', async (problem) => {
    const everything = Object.fromEntries([...Object.keys(kinds), 'log'].map((kind) => [kind, problem]));
    for (const check of allChecks) {
      const { outcome } = await examineCheck(check, { problems: everything, probes: {} });
      const mayFail = problem === 'kind-not-installed' && [...wantsOf(check.reads).values()].includes('raw');
      expect(outcome, check.id).not.toBe('passed');
      if (!mayFail) expect(outcome, check.id).not.toBe('failed');
    }
  });
});
