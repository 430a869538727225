/**
 * Runs the cases that stand beside the checks: for every check each way to fail, warn, skip and not know, and what it must leave alone.
 */
import { describe, expect, it } from 'vitest';
import { objectName } from '../../src/runbook/judgement.ts';
import { components } from '../../runbooks/components.ts';
import type { Finding, Outcome, Verdict } from '../../src/runbook/report.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';
import { allChecks, examineCheck } from '../support/examine.ts';
import { loadCases, type Case } from './cases.ts';

const files = loadCases();

const idsOf = ({ findings }: Verdict, outcome: Outcome): readonly string[] => [
  ...new Set(findings.filter((one) => one.outcome === outcome).map(({ id }) => id.split('#')[1] ?? '')),
];

async function holds({ check: id, outcome, finds, at, says, blockedBy, ...situation }: Case): Promise<void> {
  const check = allChecks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  const verdict = await examineCheck(check, situation);
  expect(await examineCheck(check, situation), 'the same values give the same verdict').toEqual(verdict);
  expect(verdict, verdict.message).toMatchObject({ outcome });
  const quotes = verdict.findings.flatMap(({ quote }) => (quote === null ? [] : [quote.text]));
  if (says !== undefined) expect([verdict.message, ...quotes].join('\n')).toContain(says);
  if (blockedBy !== undefined) expect(verdict.blockedBy).toEqual(blockedBy);

  expect(verdict.message).not.toMatch(/undefined|null|NaN|\[object|\.\.|  /);
  if (verdict.problem === null) expect(verdict.message, 'is a sentence').toMatch(/^\S.*[.?]$/s);

  const own = verdict.findings.filter((one) => one.outcome === outcome);
  const objects = [...new Set(own.flatMap(({ evidence }) => evidence.map(({ object }) => objectName(object))))];
  if (outcome === 'failed' || outcome === 'warned') {
    expect(at, 'a finding names the object at fault').toBeDefined();
    expect(idsOf(verdict, outcome), 'what is found').toEqual([finds ?? []].flat());
    for (const found of own) expectSound(found);
  }
  if (typeof at === 'string') expect(objects[0]).toBe(at);
  if (Array.isArray(at)) expect(objects).toEqual(at);
}

function expectSound({ headline, message, quote, evidence, remedies, commands }: Finding): void {
  expect(headline, 'a headline is filled').not.toMatch(/[{}]|undefined|null|NaN|\[object|[.]$/);
  expect(message, 'a finding starts like a sentence').toMatch(/^[A-Z\d]|^kube-proxy-replacement|^cert-manager/);
  if (quote !== null) expect(message, 'words of others are said once').not.toContain(quote.text);
  expect(evidence.length).toBeGreaterThan(0);
  expect(remedies.length, 'a finding has a remedy').toBeGreaterThan(0);
  for (const { title, disturbs } of remedies) expect([title, disturbs]).toEqual([title, disturbs].map(endsAsSentence));
  expect(commands.length, 'a finding can be seen by hand').toBeGreaterThan(0);
  expect(evidence, 'each piece of evidence once').toEqual([
    ...new Map(evidence.map((piece) => [JSON.stringify(piece), piece])).values(),
  ]);
  for (const piece of evidence) {
    expect(piece.path).not.toBe('');
    if (quote !== null)
      expect(JSON.stringify(piece.observed), 'nor in evidence').not.toContain(JSON.stringify(quote.text).slice(1, -1));
    expect(piece.expected, `${piece.path}: what is expected`).not.toBeNull();
    expect(piece.observed, `${piece.path}: what was seen`).not.toEqual(piece.expected);
  }
}

const endsAsSentence = (text: string): unknown => (/[.?]$/.test(text) ? text : expect.stringMatching(/[.?]$/));

describe.each(files)('$file', ({ component, cases }) => {
  it('is a component, and its cases are about its own checks', () => {
    expect(components.map(({ id }) => id)).toContain(component);
    expect(cases.filter(({ check }) => !check.startsWith(`${component}/`))).toEqual([]);
  });

  it('names each case once', () => {
    const names = cases.map(({ check, name }) => `${check}: ${name}`);
    expect(names).toEqual([...new Set(names)]);
  });

  for (const one of cases) {
    const title = `${one.check} ${one.outcome}: ${one.name}`;
    if (one.wrong === undefined) it(title, () => holds(one));
    else it.fails(`${title} (wrong today: ${one.wrong})`, () => holds(one));
  }
});

describe('the cases', () => {
  const cases = files.flatMap((file) => file.cases);
  const outcomesOf = (id: string) => new Set(cases.filter(({ check }) => check === id).map(({ outcome }) => outcome));

  it.each(allChecks.map(({ id }) => id).filter((id) => outcomesOf(id).size > 0))(
    '%s passes in some and not in others',
    (id) => {
      const seen = outcomesOf(id);
      expect(seen).toContain('passed');
      expect(seen.has('failed') || seen.has('warned')).toBe(true);
    },
  );

  it('prove every check, beside the faults of the demo', () => {
    const proven = new Set([
      ...cases.map(({ check }) => check),
      ...loadFaults().map(({ rootCause }) => rootCause.slice(0, rootCause.indexOf('#'))),
    ]);
    const rest = allChecks.map(({ id }) => id).filter((id) => !proven.has(id));
    expect(rest).toEqual([]);
  });
});
