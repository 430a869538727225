/** Two ways to one file are the same text, wherever a person stands. */
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isBelow, pathIn, plainPath } from '../../src/manifests/files/paths.ts';
import { config, flux } from '../support/render.ts';
import { readFolders, writeFolder } from '../support/manifests.ts';

const here = basename(process.cwd());

describe('a path', () => {
  it.each([
    ['./apps//web/', 'apps/web'],
    ['apps/../apps', 'apps'],
    ['/', '/'],
    ['.', '.'],
    [`../${here}/apps`, 'apps'],
    [`../${here}`, '.'],
    ['../other', '../other'],
    ['/srv/apps/', '/srv/apps'],
  ])('%s is %s', (given, plain) => {
    expect(plainPath(given)).toBe(plain);
  });

  it('in a folder above leads back to where one stands', () => {
    expect(pathIn('..', `${here}/apps`)).toBe('apps');
    expect(pathIn('..', 'other')).toBe('../other');
  });
});

it.each([
  ['apps/web', 'apps', true],
  ['apps-old', 'apps', false],
  ['apps', '.', true],
  ['..', '.', false],
  ['../other', '.', false],
  ['apps', '..', true],
  ['../other', '..', true],
  ['../../other', '..', false],
  ['.github/x.yaml', '.github', true],
  ['/srv', '.', false],
  ['/srv', '/', true],
])('whether %s is below %s: %s', (path, folder, is) => {
  expect(isBelow(path, folder)).toBe(is);
});

it.each([
  ['by its absolute path', (folder: string): string => folder],
  ['from elsewhere', (folder: string): string => relative('.', folder)],
])('a part of a repository that is named %s has paths that begin at its root', async (_, named) => {
  const root = writeFolder({
    '.git/config': '[remote "origin"]\n  url = https://example.org/me/home\n',
    'kubernetes/flux/ks.yaml': flux('apps', { path: './kubernetes/apps' }),
    'kubernetes/apps/web/a.yaml': config('a'),
  });
  const found = await readFolders([named(join(root, 'kubernetes'))]);
  expect(found.map(({ object, file }) => [object.metadata.name, file]).sort()).toEqual([
    ['a', join(named(root), 'kubernetes/apps/web/a.yaml')],
    ['apps', join(named(root), 'kubernetes/flux/ks.yaml')],
  ]);
});
