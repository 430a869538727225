/** What we use, for whatever platform, is under a licence that lets everybody use this project as its own licence says. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import satisfies from 'spdx-satisfies';
import { describe, expect, it } from 'vitest';
import { lockFiles, nameOf } from './support/lock-files.ts';

/** Licences that ask for no more than to be named. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
];

/** Others, by name, and why each may be used all the same. None of them is part of what we publish. */
const exceptions: readonly { packages: RegExp; licences: readonly string[]; why: string }[] = [
  {
    packages: /^@img\/sharp-(libvips-|win32-|wasm32$)/,
    licences: ['LGPL-3.0-or-later'],
    why: 'libvips, a library that sharp loads unchanged; Astro asks for it, and our pages have no image for it to shrink.',
  },
  {
    packages: /^lightningcss(-|$)/,
    licences: ['MPL-2.0'],
    why: 'Writes stylesheets at build time, unchanged.',
  },
  {
    packages: /^(axe-core|@axe-core\/playwright)$/,
    licences: ['MPL-2.0'],
    why: 'Looks at pages in tests, unchanged.',
  },
  {
    packages: /^spdx-(exceptions|ranges)$/,
    licences: ['CC-BY-3.0'],
    why: 'The lists of licences that this very test reads; they name their source, the Linux Foundation.',
  },
  {
    packages: /^elkjs$/,
    licences: ['EPL-2.0'],
    why: 'Comes with mermaid, which draws without it here.',
  },
];

/** Packages whose package.json says nothing, and what their licence file says. */
const silent: Readonly<Record<string, string>> = { khroma: 'MIT' };

const isFine = (name: string, licence: string | undefined): boolean => {
  const stated = licence ?? silent[name];
  if (stated === undefined) return false;
  const more = exceptions.filter(({ packages }) => packages.test(name)).flatMap(({ licences }) => licences);
  try {
    return satisfies(stated, [...permissive, ...more]);
  } catch {
    // No SPDX expression: "SEE LICENSE IN ..." and the like.
    return false;
  }
};

describe.each(lockFiles)('the packages of $file', ({ file, packages }) => {
  it('are all under licences that are allowed', () => {
    const others = packages
      .map(([path, { license }]) => ({ name: nameOf(path), license }))
      .filter(({ name, license }) => !isFine(name, license));
    expect(others).toEqual([]);
  });

  it('say in their own package.json what the lock file says of them, where they are installed', () => {
    const installed = packages
      .map(([path, { license }]) => ({ path: join(dirname(file), path, 'package.json'), license }))
      .filter(({ path }) => existsSync(path));
    // Tools are there only where somebody asked for them.
    if (file === 'package-lock.json') expect(installed.length).toBeGreaterThan(300);
    const differing = installed.filter(({ path, license }) => {
      const { license: own } = JSON.parse(readFileSync(path, 'utf8')) as { license?: unknown };
      return typeof own === 'string' && own !== license;
    });
    expect(differing.map(({ path }) => path)).toEqual([]);
  });
});

it('no exception is left over', () => {
  const names = lockFiles.flatMap(({ packages }) => packages.map(([path]) => nameOf(path)));
  for (const { packages, why } of exceptions)
    expect(
      names.some((name) => packages.test(name)),
      why,
    ).toBe(true);
  expect(Object.keys(silent).filter((name) => !names.includes(name))).toEqual([]);
});

it('a licence that is not allowed would be seen', () => {
  expect(isFine('left-pad', 'GPL-3.0-only')).toBe(false);
  expect(isFine('left-pad', 'MIT AND LGPL-3.0-or-later')).toBe(false);
  expect(isFine('left-pad', 'SEE LICENSE IN LICENSE.md')).toBe(false);
  expect(isFine('left-pad', undefined)).toBe(false);
  expect(isFine('left-pad', '(MPL-2.0 OR Apache-2.0)')).toBe(true);
});
