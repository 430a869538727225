/** What a report comes to: the worst outcome, the counts and the exit code. */
import { describe, expect, it } from 'vitest';
import {
  exitCode,
  outcomes,
  reportSchema,
  tally,
  verdictSchema,
  worst,
  type Outcome,
} from '../../src/runbook/report.ts';
import { failed, reportOf, verdict } from '../support/verdicts.ts';

describe('worst', () => {
  it.each<{ of: readonly Outcome[]; is: Outcome }>([
    { of: [], is: 'skipped' },
    { of: ['skipped'], is: 'skipped' },
    { of: ['passed', 'skipped'], is: 'passed' },
    { of: ['passed', 'warned'], is: 'warned' },
    { of: ['warned', 'unknown', 'passed'], is: 'unknown' },
    { of: ['unknown', 'blocked'], is: 'blocked' },
    { of: ['blocked', 'failed', 'unknown'], is: 'failed' },
  ])('of $of is $is', ({ of, is }) => {
    expect(worst(of)).toBe(is);
    expect(worst([...of].reverse())).toBe(is);
  });

  it('knows every outcome', () => {
    for (const outcome of outcomes) expect(worst([outcome])).toBe(outcome);
  });
});

describe('tally', () => {
  it('counts, worst first, and leaves out what does not occur', () => {
    const some: readonly Outcome[] = ['passed', 'skipped', 'failed', 'passed', 'warned', 'passed'];
    expect(tally(some.map((outcome) => verdict({ outcome })))).toEqual([
      { outcome: 'failed', count: 1 },
      { outcome: 'warned', count: 1 },
      { outcome: 'passed', count: 3 },
      { outcome: 'skipped', count: 1 },
    ]);
    expect(tally([])).toEqual([]);
  });
});

describe('exitCode', () => {
  it.each<{ outcome: Outcome; code: number }>([
    { outcome: 'passed', code: 0 },
    { outcome: 'skipped', code: 0 },
    { outcome: 'warned', code: 0 },
    { outcome: 'unknown', code: 2 },
    // Never without something that failed; and if it were, nothing failed.
    { outcome: 'blocked', code: 2 },
    { outcome: 'failed', code: 1 },
  ])('of $outcome is $code', ({ outcome, code }) => {
    expect(exitCode(reportOf([verdict({ outcome })], [verdict()]))).toBe(code);
  });

  it('of something failed and something unknown is 1, in whichever runbook', () => {
    expect(exitCode(reportOf([verdict({ id: 'a/lost', outcome: 'unknown' })], [failed()]))).toBe(1);
  });

  it('of no runbook is 0', () => {
    expect(exitCode(reportOf())).toBe(0);
  });
});

describe('the schema', () => {
  it('takes a report, through JSON and back', () => {
    const report = reportOf([failed(), verdict()]);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it.each([
    ['an id without component', verdict({ id: 'programmed' })],
    ['an outcome of its own', { ...verdict(), outcome: 'maybe' }],
    ['a problem of its own', { ...verdict(), problem: { kind: 'odd', message: '' } }],
    ['a negative duration', verdict({ durationMs: -1 })],
  ])('refuses %s', (_name, wrong) => {
    expect(verdictSchema.safeParse(wrong).success).toBe(false);
  });

  it('refuses another version and a time that is none', () => {
    expect(reportSchema.safeParse({ ...reportOf(), version: 1 }).success).toBe(false);
    expect(reportSchema.safeParse({ ...reportOf(), startedAt: 'yesterday' }).success).toBe(false);
  });
});
