/** Every finding is declared well, proven by a case, and shown with an example on the page of findings. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findingsOf } from '../../src/runbook/catalogue.ts';
import { longestHeadline } from '../../src/runbook/finding.ts';
import { allChecks } from '../support/examine.ts';
import { loadCases } from './cases.ts';
import { stack as fixtures } from '../stacks/fixtures.ts';
import { examplesFile, recordExamples } from './examples.ts';

const declared = allChecks.flatMap(findingsOf);

it('every finding has a case that proves it', () => {
  const proven = new Set(
    loadCases()
      .flatMap(({ cases }) => cases)
      .flatMap(({ check, finds }) => [finds ?? []].flat().map((what) => `${check}#${what}`)),
  );
  expect(declared.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([]);
});

it('every check that can fail declares what it can find', () => {
  expect(allChecks.filter(({ findings }) => Object.keys(findings).length === 0).map(({ id }) => id)).toEqual([]);
});

it.each(declared)('$id is named in few words, and explained without its subject', ({ headline, means }) => {
  const slots = /\{[a-zA-Z]+\}/g;
  const room = longestHeadline - headline.replaceAll(slots, '').length;
  expect(room, 'there is room for the names').toBeGreaterThanOrEqual(12 * (headline.match(slots) ?? []).length);
  expect(headline).toMatch(/^[A-Z{]|^cert-manager|^kube-proxy/);
  expect(headline).not.toMatch(/[.:!?“”"]$/);
  expect(means).toMatch(/^[A-Z].{30,}[.]$|^cert-manager .{30,}[.]$/);
  expect(means).not.toMatch(/[{}]/);
});

it('the examples are those of today: run npm run record', async () => {
  expect(await recordExamples()).toBe(readFileSync(examplesFile, 'utf8'));
});

it('the examples are of declared findings, under names that are nobody’s', async () => {
  const recorded = await recordExamples();
  const ids = new Set(declared.map(({ id }) => id));
  expect(Object.keys(JSON.parse(recorded) as object).filter((id) => !ids.has(id))).toEqual([]);
  const { domain, tailnet, node, app, splitHorizon } = fixtures;
  const names = [domain, domain.replace('.', '-'), tailnet, node.name, node.address, app.image, splitHorizon?.pages];
  expect(names.filter((name) => name !== undefined && recorded.includes(name))).toEqual([]);
  expect(recorded).not.toMatch(/sudhanva|(?<!envoy-)gateway-envoy/);
  expect(recorded).toContain('docs.example.org');
  expect(recorded).toContain('(.*)\\\\.example\\\\.org');
});
