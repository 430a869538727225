/**
 * Runs the cases that stand beside the checks: for every check each way to fail, warn, skip and not know, and what it must leave alone.
 */
import { describe, expect, it } from 'vitest';
import { objectName } from '../../src/runbook/markdown.ts';
import { components } from '../../runbooks/components.ts';
import { loadFaults } from '../../src/demo/faults.ts';
import { allChecks, examineCheck } from '../support/examine.ts';
import { loadCases, type Case } from './cases.ts';

const files = loadCases();

async function holds({ check: id, outcome, at, says, blockedBy, ...situation }: Case): Promise<void> {
  const check = allChecks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  const verdict = await examineCheck(check, situation);
  expect(await examineCheck(check, situation), 'the same values give the same verdict').toEqual(verdict);
  expect(verdict, verdict.message).toMatchObject({ outcome });
  if (says !== undefined) expect(verdict.message).toContain(says);
  if (blockedBy !== undefined) expect(verdict.blockedBy).toEqual(blockedBy);

  expect(verdict.message).not.toMatch(/undefined|null|NaN|\[object|\.\.|  /);
  if (verdict.problem === null) expect(verdict.message, 'is a sentence').toMatch(/^\S.*[.?]$/s);

  const objects = [...new Set(verdict.evidence.map(({ object }) => objectName(object)))];
  if (outcome === 'failed' || outcome === 'warned') {
    expect(at, 'a finding names the object at fault').toBeDefined();
    expect(verdict.remedy, 'a finding has a remedy').not.toBeNull();
    expect(verdict.remedy?.summary).toMatch(/\.$/);
    expect(verdict.remedy?.disturbs).toMatch(/\.$/);
    expect(verdict.message, 'a finding starts like a sentence').toMatch(/^[A-Z\d]|^kube-proxy-replacement/);
    expect(verdict.commands.length, 'a finding can be seen by hand').toBeGreaterThan(0);
  }
  if (typeof at === 'string') expect(objects[0]).toBe(at);
  if (Array.isArray(at)) expect(objects).toEqual(at);
  expect(verdict.evidence, 'each piece of evidence once').toEqual([
    ...new Map(verdict.evidence.map((piece) => [JSON.stringify(piece), piece])).values(),
  ]);
  for (const piece of verdict.evidence) {
    expect(piece.path).not.toBe('');
    expect(piece.expected, `${piece.path}: what is expected`).not.toBeNull();
    expect(piece.observed, `${piece.path}: what was seen`).not.toEqual(piece.expected);
  }
}

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
    const proven = new Set([...cases.map(({ check }) => check), ...loadFaults().map(({ rootCause }) => rootCause)]);
    const rest = allChecks.map(({ id }) => id).filter((id) => !proven.has(id));
    expect(rest).toEqual([]);
  });
});
