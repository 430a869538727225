/** A build depends on its commit alone: what is published is what was tested, and the mirror's pages are the public site's. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dist } from './dist.ts';

const hashes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    globSync('**/*', { cwd: folder })
      .filter((file) => statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ]),
  );

it('builds the same bytes again', { timeout: 180_000 }, () => {
  // Inside the project, for what is built on the way finds its packages from there.
  mkdirSync('test-results', { recursive: true });
  const folder = mkdtempSync('test-results/build-');
  try {
    const { status, stderr } = spawnSync('astro', ['build', '--force', '--silent', '--outDir', folder], {
      encoding: 'utf8',
      // Not the test runner's: what it sets would make it another build.
      env: Object.fromEntries(['PATH', 'HOME', 'COMMIT', 'COMMIT_DATE'].map((name) => [name, process.env[name]])),
    });
    expect(status, stderr).toBe(0);
    expect(
      hashes(folder),
      `${dist} is another build: is it from before your last change? Run "npm run build".`,
    ).toEqual(hashes(dist));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
