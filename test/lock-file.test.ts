/**
 * `npm ci` refuses a lock file that lacks an optional package of any platform, and npm leaves one out when the registry at hand does not
 * have it. What is missing must be put back by hand, for the platforms of others.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };

/** What Node would load for `name` from the package at `from`. */
function resolve(from: string, name: string): Locked | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`];
    if (found !== undefined || at === '') return found;
  }
}

describe('the lock file', () => {
  it('has every optional package of every platform, in the version that is asked for', () => {
    const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name, range]) => {
          const found = resolve(from, name)?.version;
          return found === undefined || (/^\d/.test(range) && found !== range);
        })
        .map(([name, range]) => `${from} wants ${name} ${range}`),
    );
    expect(missing).toEqual([]);
  });

  it('pins every package of ours exactly', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
