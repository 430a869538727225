import { expect, it } from 'vitest';
import { matchesGlob } from '../../src/formats/glob.ts';

it.each([
  ['apps/web', 'apps/*', true],
  ['apps/web/base', 'apps/*', false],
  ['apps/web/base', 'apps/**', true],
  ['apps/web', 'apps/???', true],
  ['apps/web', 'apps/[v-x]eb', true],
  ['apps/web', 'apps/[^v-x]eb', false],
  ['apps/web+1.0', 'apps/web+1.0', true],
  ['apps/webb1x0', 'apps/web+1.0', false],
  ['apps/a*b', 'apps/a\\*b', true],
  ['apps/{a,b}', 'apps/{a,b}', true],
  ['apps/a', 'apps/{a,b}', false],
  ['apps/[', 'apps/[', true],
])('%s is as %s: %s', (path, pattern, is) => {
  expect(matchesGlob(path, pattern)).toBe(is);
});

it.each([
  ['manifests/a.yaml', '{manifests/*.yaml,manifests/*.yml}', true],
  ['manifests/deep/a.yaml', '{manifests/*.yaml,other}', true],
  ['a.yaml', '*.{yaml,json}', true],
  ['a,yaml', '*,yaml', true],
  ['a.yaml', '{a', false],
])('across slashes and with braces %s is as %s: %s', (path, pattern, is) => {
  expect(matchesGlob(path, pattern, { acrossSlashes: true, braces: true })).toBe(is);
});
