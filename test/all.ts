/**
 * `npm test`: every test, in the order in which a failure is told soonest, on a machine that may have no browser yet.
 * It ends with one line that counts them all; what was skipped, and what passed only when tried again, is named and counted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { findBrowser } from './support/browser.ts';
import { flakyFile } from './support/flaky.ts';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
  /** Titles of those that passed only when they were tried again. */
  flaky: readonly string[];
}

const say = (text: string): void => console.log(`\n▸ ${text}`);

const run = (program: string, args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;

/** A step that passes or fails as a whole. What it prints comes in one piece, for others run beside it. */
async function step(title: string, program: string, args: readonly string[]): Promise<Count> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => printed.push(piece));
  const passed = await new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
  say(title);
  process.stdout.write(Buffer.concat(printed));
  if (!passed) console.log(`✗ ${title}`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, flaky: [] };
}

type Step = readonly [title: string, program: string, args: readonly string[]];

/** Several steps, one after the other. */
async function inTurn(steps: readonly Step[]): Promise<readonly Count[]> {
  const counts: Count[] = [];
  for (const each of steps) counts.push(await step(...each));
  return counts;
}

/** Reads a count from a test runner's report; a runner that wrote none has failed. */
function counted(
  title: string,
  program: string,
  args: readonly string[],
  file: string,
  read: (report: unknown) => Count,
): Count {
  say(title);
  for (const before of [file, flakyFile]) rmSync(before, { force: true });
  const passed = run(program, args);
  try {
    const count = read(JSON.parse(readFileSync(file, 'utf8')));
    // A runner may fail outside of any test, or find none.
    const isSilent = (!passed && count.failed === 0) || count.passed + count.failed === 0;
    return isSilent ? { ...count, failed: count.failed + 1 } : count;
  } catch {
    return { passed: 0, failed: 1, skipped: 0, flaky: [] };
  }
}

const fromVitest = (report: unknown): Count => {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report as Record<string, number>;
  return {
    passed: numPassedTests ?? 0,
    failed: numFailedTests ?? 0,
    skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
    flaky: JSON.parse(readFileSync(flakyFile, 'utf8')) as string[],
  };
};

interface PlaywrightSuite {
  suites?: readonly PlaywrightSuite[];
  specs: readonly { file: string; title: string; tests: readonly { status: string }[] }[];
}

const flakyIn = ({ suites = [], specs }: PlaywrightSuite): readonly string[] => [
  ...specs
    .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
    .map(({ file, title }) => `${file} › ${title}`),
  ...suites.flatMap(flakyIn),
];

const fromPlaywright = (report: unknown): Count => {
  const { stats, suites } = report as { stats: Record<string, number>; suites: readonly PlaywrightSuite[] };
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = stats;
  return { passed: expected + flaky, failed: unexpected, skipped, flaky: suites.flatMap(flakyIn) };
};

mkdirSync('test-results', { recursive: true });
const counts: Count[] = [];
// Two at a time, on two cores. The build also writes the types that the next ones need; the linter takes as long as all the others.
for (const lanes of [
  [
    [['Build', 'astro', ['build', '--force', '--silent']]],
    [['Format', 'prettier', ['--check', '--log-level', 'warn', '.']]],
  ],
  [
    [['Lint', 'eslint', ['--max-warnings', '0', '.']]],
    [
      ['What tests need', process.execPath, ['test/support/needs.ts']],
      ['Types', 'tsc', []],
      ['Types of pages', 'astro', ['check', '--minimumSeverity', 'hint']],
      ['What nobody uses', 'knip', ['--no-progress']],
    ],
  ],
] satisfies readonly (readonly (readonly Step[])[])[]) {
  counts.push(...(await Promise.all(lanes.map(inTurn))).flat());
}
counts.push(
  counted(
    'Unit tests',
    'vitest',
    [
      ...['run', '--reporter=default', '--reporter=./test/support/flaky.ts'],
      ...['--reporter=json', '--outputFile.json=test-results/unit.json'],
    ],
    'test-results/unit.json',
    fromVitest,
  ),
  // Where there is none, that was told above, and has failed.
  ...(findBrowser() === undefined
    ? []
    : [counted('Browser tests', 'playwright', ['test'], 'test-results/browser.json', fromPlaywright)]),
);

const total = counts.reduce((sum, count) => ({
  passed: sum.passed + count.passed,
  failed: sum.failed + count.failed,
  skipped: sum.skipped + count.skipped,
  flaky: [...sum.flaky, ...count.flaky],
}));
if (total.flaky.length > 0)
  console.log(`\n${total.flaky.length} flaky, passed when tried again:\n  ${total.flaky.join('\n  ')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
