/**
 * `npm ci` refuses a lock file that lacks an optional package of any platform, and npm leaves one out when the registry at hand does not
 * have it. What is missing must be put back by hand, for the platforms of others; with its hash, which npm compares with what it fetched.
 */
import { describe, expect, it } from 'vitest';
import { lockFiles, nameOf, type LockedPackage } from './support/lock-files.ts';

/** What Node would load for `name` from the package at `from`. */
function resolve(packages: ReadonlyMap<string, LockedPackage>, from: string, name: string): LockedPackage | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages.get(`${at === '' ? '' : `${at}/`}node_modules/${name}`);
    if (found !== undefined || at === '') return found;
  }
}

it('there is one for the project and one for each tool', () => {
  expect(lockFiles.map(({ file }) => file)).toEqual([
    'package-lock.json',
    'tools/lighthouse/package-lock.json',
    'tools/mermaid/package-lock.json',
    'tools/wrangler/package-lock.json',
  ]);
});

describe.each(lockFiles)('$file', ({ packages, manifest }) => {
  it('has every optional package of every platform, in the version that is asked for', () => {
    const all = new Map(packages);
    const missing = packages.flatMap(([from, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name, range]) => {
          const found = resolve(all, from, name)?.version;
          return found === undefined || (/^\d/.test(range) && found !== range);
        })
        .map(([name, range]) => `${from} wants ${name} ${range}`),
    );
    expect(missing).toEqual([]);
  });

  it('pins every package of ours exactly', () => {
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('has the hash of every package', () => {
    const without = packages.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(without.map(([path]) => path)).toEqual([]);
  });

  it('lets those packages run a script as they are installed that package.json names, and names no other', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect([...new Set(scripted.map(([path]) => nameOf(path)))].sort()).toEqual(
      Object.keys(manifest.allowScripts ?? {}).sort(),
    );
  });
});
