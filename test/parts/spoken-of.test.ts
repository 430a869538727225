/** Nothing in a stack without parts speaks of them: neither what runbooks are, nor what they ask for, nor the demo, nor what the site draws. */
import { expect, it } from 'vitest';
import { stack } from '#stack';
import { components } from '../../runbooks/components.ts';
import { runbooks } from '../../runbooks/index.ts';
import { absentName, allParts, has } from '../../runbooks/parts.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { catalogue, eachCheckOnce } from '../../src/runbook/catalogue.ts';
import { clusterReads, plannedReads } from '../../src/runbook/runbook.ts';
import { branches, requestLine } from '../../src/site/line.ts';
import { wordsOf } from './words.ts';

const words = wordsOf(allParts);
const linesWith = (value: unknown): readonly string[] =>
  JSON.stringify(value, undefined, 1)
    .split('\n')
    .filter((line) => words.test(line) || line.includes(absentName));

const published = { page: 'https://example.net/', markdown: 'https://example.net/' };

it('lacks every part', () => expect(allParts.filter((part) => has(part))).toEqual([]));

it('runbooks and checks, and all that they read', () => {
  expect(runbooks.length).toBeGreaterThan(4);
  expect(linesWith(catalogue(runbooks, { schema: published.page, of: () => published }))).toEqual([]);
  const checks = eachCheckOnce(runbooks);
  expect(linesWith(plannedReads(checks))).toEqual([]);
  expect(clusterReads(checks).map(({ type, ...read }) => ('kind' in read ? read.kind : type))).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/Secret|Cilium|CronJob|^Job$/)]),
  );
});

it('a check needs none that is absent', () => {
  const all = eachCheckOnce(runbooks);
  const known = new Set(all);
  expect(all.flatMap(({ needs }) => needs).filter((need) => !known.has(need))).toEqual([]);
});

it('the demo: objects, logs, the world and what can go wrong', () => {
  const { objects, logs, sound, faults } = homelabOf(stack);
  expect(linesWith([objects, [...logs], faults, { ...sound, vault: undefined }])).toEqual([]);
  expect(objects.some(({ kind }) => kind === 'Secret')).toBe(true);
  const ids: readonly string[] = components.map(({ id }) => id);
  expect(faults.filter(({ component }) => !ids.includes(component)).map(({ id }) => id)).toEqual([]);
  expect(faults.filter(({ runbook }) => !runbooks.some(({ id }) => id === runbook)).map(({ id }) => id)).toEqual([]);
});

it('the map of the way', () => {
  const drawn = [...requestLine, ...branches.flatMap(({ stations }) => stations)].map(({ id }) => id);
  const ids: readonly string[] = components.map(({ id }) => id);
  expect(drawn.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(drawn).size).toBe(drawn.length);
  expect(requestLine.map(({ id }) => id)).toEqual(
    expect.arrayContaining(branches.flatMap(({ interchanges }) => interchanges)),
  );
});
