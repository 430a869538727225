/** Two reports beside one another: what is known again, and what only seems to be gone. */
import { describe, expect, it } from 'vitest';
import { compare, diffExitCode, diffSchema, type Diff } from '../../src/runbook/diff.ts';
import type { Finding, Verdict } from '../../src/runbook/report.ts';
import { finding, reportOf, verdict } from '../support/verdicts.ts';
import { stopwatch } from '../support/work.ts';

const accepted = { reason: 'Known.', until: '2027-01-01' };

/** A finding about a Service; its place is that of its line. */
const about = (
  name: string,
  path = 'spec.type',
  some: Partial<Finding> & { line?: number; observed?: unknown } = {},
): Finding => {
  const { line = 1, observed = null, ...rest } = some;
  return finding({
    headline: name,
    evidence: [
      {
        object: { apiVersion: 'v1', kind: 'Service', namespace: 'a', name },
        ...{ path, observed, expected: 'x', source: { file: 'a.yaml', line, column: 1 } },
      },
    ],
    ...rest,
  });
};
const report = (findings: readonly Finding[], some: Partial<Verdict> = {}) =>
  reportOf([verdict({ outcome: 'failed', findings: [...findings], ...some })]);

const told = ({ introduced, fixed, unchanged, unclear }: Diff): Record<string, readonly string[]> => {
  const name = ({ headline, evidence }: Finding): string => `${headline} ${evidence[0]?.path ?? ''}`;
  const named = { introduced, fixed, unchanged, unclear };
  return Object.fromEntries(
    Object.entries(named).flatMap(([key, all]) => (all.length === 0 ? [] : [[key, all.map(name).sort()]])),
  );
};
const compared = (older: readonly Finding[], newer: readonly Finding[]) => told(compare(report(older), report(newer)));

describe('a finding', () => {
  it.each<[string, readonly Finding[], readonly Finding[], Record<string, readonly string[]>]>([
    [
      'is known again on another line',
      [about('a')],
      [about('a', 'spec.type', { line: 9 })],
      { unchanged: ['a spec.type'] },
    ],
    ['is known again at another field', [about('a')], [about('a', 'spec.ports')], { unchanged: ['a spec.ports'] }],
    [
      'is known by its field where an object has several',
      [about('a', 'x'), about('a', 'y')],
      [about('a', 'y'), about('a', 'z')],
      { introduced: ['a z'], fixed: ['a x'], unchanged: ['a y'] },
    ],
    [
      'is known again where its list has a new item before it',
      [about('a', 'l[0].x', { observed: 'bad' }), about('a', 'l[3].x', { observed: 'worse' })],
      [about('a', 'l[1].x', { observed: 'bad' }), about('a', 'l[4].x', { observed: 'worse' })],
      { unchanged: ['a l[1].x', 'a l[4].x'] },
    ],
    [
      'is one more where there was one',
      [about('a', 'x')],
      [about('a', 'x'), about('a', 'y')],
      { introduced: ['a y'], unchanged: ['a x'] },
    ],
    [
      'is one fewer where there were two alike',
      [about('a'), about('a')],
      [about('a')],
      { fixed: ['a spec.type'], unchanged: ['a spec.type'] },
    ],
    [
      'of another object is another',
      [about('a')],
      [about('b')],
      { introduced: ['b spec.type'], fixed: ['a spec.type'] },
    ],
    [
      'of another id is another',
      [about('a')],
      [about('a', 'spec.type', { id: 'gateway/programmed#other' })],
      { introduced: ['a spec.type'], fixed: ['a spec.type'] },
    ],
    [
      'is introduced where it only warned before',
      [about('a', 'x', { outcome: 'warned' })],
      [about('a', 'x')],
      { introduced: ['a x'] },
    ],
    [
      'is introduced where it was accepted before',
      [about('a', 'x', { accepted })],
      [about('a', 'x')],
      { introduced: ['a x'] },
    ],
    ['is not fixed by being accepted', [about('a', 'x')], [about('a', 'x', { accepted })], { unchanged: ['a x'] }],
    [
      'was there where it followed from something else',
      [about('a', 'x', { outcome: 'blocked' })],
      [about('a', 'x')],
      { unchanged: ['a x'] },
    ],
    ['is not introduced where it follows from something else', [], [about('a', 'x', { outcome: 'blocked' })], {}],
    ['that was accepted is not fixed', [about('a', 'x', { accepted })], [], {}],
  ])('%s', (_title, older, newer, expected) => expect(compared(older, newer)).toEqual(expected));

  it('of an object that moves to another version of its kind is the same', () => {
    const [piece] = about('a').evidence;
    const of = (apiVersion: string): Finding =>
      finding({ evidence: piece === undefined ? [] : [{ ...piece, object: { ...piece.object, apiVersion } }] });
    expect(Object.keys(compared([of('apps/v1beta1')], [of('apps/v1')]))).toEqual(['unchanged']);
    expect(Object.keys(compared([of('apps/v1')], [of('batch/v1')]))).toEqual(['introduced', 'fixed']);
  });

  it.each([
    ['unknown', 'unclear'],
    ['blocked', 'unclear'],
    ['passed', 'fixed'],
    ['skipped', 'fixed'],
  ] as const)('that is gone where its check is %s is %s', (outcome, kind) => {
    expect(told(compare(report([about('a')]), report([], { outcome })))).toEqual({ [kind]: ['a spec.type'] });
  });

  it('that is gone with its check is fixed', () => {
    expect(told(compare(report([about('a')]), reportOf([])))).toEqual({ fixed: ['a spec.type'] });
  });
});

describe('the exit code', () => {
  it.each<[string, readonly Finding[], readonly Finding[], number]>([
    ['something that fails', [], [about('a')], 1],
    ['what only warns', [], [about('a', 'x', { outcome: 'warned' })], 0],
    ['what is accepted', [], [about('a', 'x', { accepted })], 0],
    ['nothing', [about('a')], [about('a')], 0],
    ['a mended one', [about('a')], [], 0],
  ])('where the newer report introduces %s', (_title, older, newer, code) =>
    expect(diffExitCode(compare(report(older), report(newer)))).toBe(code),
  );
});

it('compares ten thousand findings at once, each with itself', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => about(`s${index % 2000}`, `x[${index}]`));
  const worked = stopwatch();
  const diff = compare(report(many), report(many));
  expect(diff.unchanged).toHaveLength(10_000);
  expect(diff.introduced).toEqual([]);
  expect(worked()).toBeLessThan(10_000);
  expect(diffSchema.safeParse(diff).success).toBe(true);
});
