/**
 * `npm run bench:build`: how long a page takes to build when there are 1,000 more of them, against 100: cold, and again with what the
 * first build left behind. A figure that stays at 1 means that build time grows with pages, and not faster.
 *
 * The pages are copies of real ones, with their diagrams, tables and commands, in a copy of the project that is deleted afterwards.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve('.bench-build');
const parts = [
  'astro.config.mjs',
  'package.json',
  'tsconfig.json',
  'src',
  'runbooks',
  'content',
  'public',
  'infrastructure',
  'apps',
];
const sources = globSync('content/{explanation,how-to,reference}/*.md').map((file) => readFileSync(file, 'utf8'));

/** Builds and returns seconds. */
function build(): number {
  const start = performance.now();
  const { status, stderr } = spawnSync('astro', ['build', '--silent'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build failed: ${stderr.trim()}`);
  return (performance.now() - start) / 1000;
}

function measure(count: number): { cold: number; warm: number } {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  for (const part of parts) cpSync(part, `${root}/${part}`, { recursive: true });
  mkdirSync(`${root}/content/generated`);
  for (let page = 1; page <= count; page += 1) {
    const source = sources[page % sources.length] ?? '';
    writeFileSync(`${root}/content/generated/page-${page}.md`, source.replace(/^title: .*$/m, `title: Page ${page}`));
  }
  return { cold: build(), warm: build() };
}

try {
  const base = measure(0);
  const rows = [100, 1000].map((count) => {
    const { cold, warm } = measure(count);
    return { count, cold, warm, perCold: (cold - base.cold) / count, perWarm: (warm - base.warm) / count };
  });
  const [first] = rows;
  console.log('more pages    cold s   ms a page    ratio    warm s   ms a page    ratio');
  for (const { count, cold, warm, perCold, perWarm } of rows) {
    const cells = [
      String(count).padStart(10),
      cold.toFixed(1).padStart(10),
      (perCold * 1000).toFixed(0).padStart(12),
      (perCold / (first?.perCold ?? 1)).toFixed(2).padStart(9),
      warm.toFixed(1).padStart(10),
      (perWarm * 1000).toFixed(0).padStart(12),
      (perWarm / (first?.perWarm ?? 1)).toFixed(2).padStart(9),
    ];
    console.log(cells.join(''));
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
