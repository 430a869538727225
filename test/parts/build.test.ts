/**
 * The handbook of somebody whose stack lacks every part that it may lack, in a copy without manifests: recorded, drawn and built, it has no word of
 * them, in pages, catalogue, contents for machines and search.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { stack } from '#stack';
import { allParts } from '../../runbooks/parts.ts';
import { isThorough } from '../support/thorough.ts';
import { wordsOf } from './words.ts';

const copy = mkdtempSync(join(tmpdir(), 'handbook-lean-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a script of the copy, on its own stack and as outside of a test; its words where it fails. */
function run(script: string): void {
  const { PATH = '', HOME = '', CHROME_PATH } = process.env;
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script], {
    cwd: copy,
    encoding: 'utf8',
    env: { PATH, HOME, ...(CHROME_PATH === undefined ? {} : { CHROME_PATH }) },
  });
  expect(`${script}: ${status}`, `${stdout}\n${stderr}`).toBe(`${script}: 0`);
}

/** The page that says how to leave a part out has to name the parts; the feed tells of commits. */
const mayName = /^(?:how-to\/adopt|og\/|feed\.xml)/;

/** What is published, as text, by its path. */
const published = (): readonly (readonly [string, string])[] =>
  globSync('**/*.{html,md,json,txt,xml,pf_fragment}', { cwd: join(copy, 'dist') })
    .filter((file) => !mayName.test(file))
    .map((file) => {
      const bytes = readFileSync(join(copy, 'dist', file));
      const text = (file.endsWith('.pf_fragment') ? gunzipSync(bytes) : bytes).toString();
      // Chapters of the whole handbook are apart by rules.
      const chapters = file === 'llms-full.txt' ? text.split('\n---\n') : [text];
      return [file, chapters.filter((one) => !one.includes('/how-to/adopt/>')).join('\n')] as const;
    })
    .filter(([file, text]) => !(file.endsWith('.pf_fragment') && text.includes('"url":"/how-to/adopt/"')));

it.runIf(isThorough)('speaks of no part', { timeout: 600_000 }, () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  for (const file of files.split('\n').filter((one) => one !== '' && !/^(?:infrastructure|apps)\//.test(one)))
    cpSync(file, join(copy, file));
  // Astro follows no link to a folder. Links of files need one file system and GNU's cp.
  const { status } = spawnSync('cp', ['-al', 'node_modules', copy]);
  if (status !== 0) cpSync('node_modules', join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  const lean = JSON.stringify(stack, undefined, 2);
  writeFileSync(
    join(copy, 'runbooks/stack.ts'),
    `import type { Stack } from './stack-type.ts';\n\nexport const stack: Stack = ${lean};\n`,
  );
  ['record', 'diagrams', 'build'].forEach(run);

  const words = wordsOf(allParts);
  const told = published().flatMap(([file, text]) => {
    const found = words.exec(text);
    return found === null ? [] : [`${file}: …${text.slice(Math.max(0, found.index - 60), found.index + 60)}…`];
  });
  expect(published().length).toBeGreaterThan(60);
  expect(told).toEqual([]);
});
