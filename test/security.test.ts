/** SECURITY.md promises: each row of the threat model says who wants what, what stops it, and names tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';

const text = readFileSync('SECURITY.md', 'utf8');

interface Row {
  who: string;
  wants: string;
  stoppedBy: string;
  tests: readonly string[];
}

const [head, , ...lines] = text.split('\n').filter((line) => line.startsWith('|'));
const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const rows: readonly Row[] = lines.map((line) => {
  const [who = '', wants = '', stoppedBy = '', proof = ''] = cells(line);
  return { who, wants, stoppedBy, tests: [...proof.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '') };
});

describe('the threat model', () => {
  it('is a table of who wants what, stopped by what, proved by which test', () => {
    expect(cells(head ?? '')).toEqual(['Who', 'Wants', 'Stopped by', 'Proved by']);
    expect(new Set(rows.map(({ who }) => who)).size).toBe(rows.length);
  });

  it.each([
    'web page in the same browser',
    'page of another port',
    'service worker',
    'another account',
    'hostile cluster',
    'write one object',
    'hostile kubeconfig',
    'hostile manifest or snapshot',
    'dependency',
    'public site',
  ])('thinks of: %s', (whom) => {
    expect(rows.filter(({ who }) => who.includes(whom))).toHaveLength(1);
  });

  it.each(rows)('$who: says what is wanted, what stops it, and which tests prove it', ({ wants, stoppedBy, tests }) => {
    expect(wants).toMatch(/^(to |a |your ).{5,}/);
    expect(stoppedBy.length).toBeGreaterThan(40);
    expect(tests.length).toBeGreaterThan(0);
    // Vitest and Playwright find tests by these names; another file is run by nobody.
    for (const path of tests) expect(path).toMatch(/^test\/.+\.test\.ts$|^test\/browser\/.+\.spec\.ts$/);
    expect(tests.filter((path) => !existsSync(path))).toEqual([]);
  });
});

it('says where a vulnerability is reported, in private, and which versions are mended', () => {
  expect(text).toContain(`${stack.site.repository}/security/advisories/new`);
  expect(text).toMatch(/^## Report a vulnerability$/m);
  expect(text).toMatch(/^## Supported versions$/m);
});
