/**
 * The same sources give the same bytes, on whatever machine: another build, with another home folder, time zone and language and without a
 * browser, is compared with the one that is there.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheKey, readCached } from '../../src/site/diagrams/cache.ts';
import { diagramSources } from '../../src/site/coverage.ts';
import { replaceTokens } from '../../src/site/markdown/tokens.ts';
import { dist } from './dist.ts';
import { pageFiles, textOf } from './pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'handbook-rebuild-'));
const again = join(folder, 'dist');
const asked = join(folder, 'a-browser-was-started');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A PATH with git, which knows when pages changed, and nothing else. */
function pathWithGit(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const git = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((each) => join(each, 'git'))
    .find((file) => existsSync(file));
  if (git) symlinkSync(git, join(bin, 'git'));
  return bin;
}

const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();

describe('a second build', () => {
  let output = '';
  let status: number | null = null;

  beforeAll(() => {
    // Found first by whoever looks for a browser; it leaves a trace and is of no use.
    const browser = join(folder, 'browser');
    writeFileSync(browser, `#!/bin/sh\n: > '${asked}'\nexit 1\n`);
    chmodSync(browser, 0o755);
    // With a cache of its own, so that nothing that was built before helps, and nothing that builds beside it hurts.
    const options = { outDir: again, cacheDir: join(folder, 'cache'), force: true, logLevel: 'silent' };
    const built = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', `import { build } from 'astro'; await build(${JSON.stringify(options)});`],
      {
        encoding: 'utf8',
        env: {
          PATH: pathWithGit(),
          HOME: join(folder, 'home'),
          TZ: 'Pacific/Kiritimati',
          LANG: 'tr_TR.UTF-8',
          CHROME_PATH: browser,
          PLAYWRIGHT_BROWSERS_PATH: join(folder, 'no-browsers'),
        },
      },
    );
    status = built.status;
    output = built.stdout + built.stderr;
  }, 240_000);

  it('succeeds, and says nothing', () => expect([status, output]).toEqual([0, '']));

  it('starts no browser', () => expect(existsSync(asked)).toBe(false));

  it('has the same files, byte for byte', () => {
    expect(filesIn(again), `compared with ${dist}; if that is old, run "npm run build"`).toEqual(filesIn(dist));
    const differing = filesIn(dist).filter(
      (file) => !readFileSync(join(dist, file)).equals(readFileSync(join(again, file))),
    );
    expect(differing, `compared with ${dist}; if that is old, run "npm run build"`).toEqual([]);
  });
});

it('finds every diagram of every page in the cache', () => {
  const missing = pageFiles.flatMap((file) =>
    diagramSources(replaceTokens(textOf(file)))
      .filter((source) => readCached(cacheKey(source.trimEnd())) === undefined)
      .map((source) => `${file}: ${source.split('\n')[1] ?? ''}; run "npm run diagrams"`),
  );
  expect(missing).toEqual([]);
});
