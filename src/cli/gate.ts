/**
 * The gate of a pull request, which action.yml runs: judges the manifests of the checked-out commit and those of its base, and says what the
 * change introduces. All that it is given comes from the environment, and nothing of it reaches a shell. It asks nobody but Git.
 *
 * Its own exit code follows from `fail-on`; what it was given and cannot use ends it as it ends the terminal.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Refusal } from '../formats/refusal.ts';
import { compare, diffExitCode, type Diff } from '../runbook/diff.ts';
import { exitCode, reportSchema, type Report } from '../runbook/report.ts';
import { painter } from '../report/paint.ts';
import { end, explain, guardEnds, note } from './ending.ts';
import { formatDiff, formatReport, reportSarif } from './formats.ts';

/** What a job summary may hold, with room for what other steps write [GitHub: 1 MiB a step]. */
const longestSummary = 900_000;

const env = process.env;
const given = (name: string): string => env[name]?.trim() ?? '';

/** One a line; on a single line, separated by spaces. */
const words = (text: string): readonly string[] =>
  text.split(text.includes('\n') ? '\n' : /\s+/).flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));

const failOns = ['introduced', 'any', 'never'] as const;

interface Gate {
  paths: readonly string[];
  /** Options of `run` that both sides are judged with. */
  options: readonly string[];
  failOn: (typeof failOns)[number];
  base: string;
}

function readGate(): Gate {
  const paths = words(given('GATE_PATHS'));
  const failOn = failOns.find((one) => one === (given('GATE_FAIL_ON') || 'introduced'));
  const wrong = paths.find((path) => path.startsWith('-') || isAbsolute(path));
  const base = given('GATE_BASE');
  if (paths.length === 0)
    throw new Refusal('usage', 'No path is given.', 'Set paths to the folders that hold manifests.');
  if (wrong !== undefined)
    throw new Refusal(
      'usage',
      `${wrong} is not a path within the repository.`,
      'Give paths as the repository has them.',
    );
  if (failOn === undefined)
    throw new Refusal('usage', `fail-on cannot be ${given('GATE_FAIL_ON')}.`, `It takes ${failOns.join(', ')}.`);
  if (!/^[\w./~^@-]*$/.test(base) || base.startsWith('-'))
    throw new Refusal('usage', `${base} is not a commit.`, 'Set base to a commit, a branch or a tag.');
  const files = ['accept', 'crds'].flatMap((name) => {
    const file = given(`GATE_${name.toUpperCase()}`);
    // The checked-out commit's: what is accepted there is accepted of the base, too.
    return file === '' ? [] : [`--${name}=${resolve(file)}`];
  });
  const exclude = words(given('GATE_EXCLUDE')).map((glob) => `--exclude=${glob}`);
  // A commit of nothing but zeros is the one before a branch was there.
  return { paths, options: [...files, ...exclude], failOn, base: /^0+$/.test(base) ? '' : base };
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const run = (program: string, args: readonly string[], cwd: string): Promise<Ended> =>
  new Promise((ended) => {
    execFile(program, args, { cwd, maxBuffer: 512 * 1024 * 1024, encoding: 'utf8' }, (error, stdout, stderr) => {
      // Without a number it has not come to run at all.
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 70;
      ended({ code, stdout, stderr: code === 70 && error !== null ? `${stderr}\n${error.message}` : stderr });
    });
  });

/** Git without the hooks of whoever's repository it is. */
const git = (...args: readonly string[]): Promise<Ended> =>
  run('git', ['-c', 'core.hooksPath=/dev/null', ...args], process.cwd());

/** What is printed beside the result. A runner takes a line of a program for a command of its own, unless it is told to stop. */
function log(text: string): void {
  if (text.trim() === '') return;
  const token = randomUUID();
  note(`::stop-commands::${token}\n${text.trimEnd()}\n::${token}::`);
}

const main = join(import.meta.dirname, 'main.ts');

/** Judges the manifests in a folder; without a report where they cannot be judged, which is said. */
async function judge({ paths, options }: Gate, folder: string): Promise<{ report?: Report; code: number }> {
  const args = ['run', '--manifests', ...paths, ...options, '-o', 'json'];
  const { code, stdout, stderr } = await run(process.execPath, [...process.execArgv, main, ...args], folder);
  log(stderr);
  return code <= 2 ? { report: reportSchema.parse(JSON.parse(stdout)), code } : { code };
}

/** The commit to compare with: where the change left its base. */
async function baseOf({ base }: Gate): Promise<string | undefined> {
  if (base === '') return undefined;
  const commitOf = async (name: string): Promise<string | undefined> => {
    const { code, stdout } = await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
    return code === 0 ? stdout.trim() : undefined;
  };
  let commit = await commitOf(base);
  // A checkout brings one commit, unless it is told to bring more.
  if (commit === undefined && (await git('fetch', '--no-tags', '--depth=1', 'origin', base)).code === 0)
    commit = await commitOf('FETCH_HEAD');
  if (commit === undefined) {
    log(`The base ${base} cannot be found: all that is found counts as introduced.`);
    return undefined;
  }
  // GitHub checks out the merge of both sides, and its first parent is the base as it is now.
  const isMerge = env['GITHUB_EVENT_NAME'] === 'pull_request' && (await commitOf('HEAD')) === env['GITHUB_SHA'];
  if (isMerge && (await commitOf('HEAD^2')) !== undefined) return commitOf('HEAD^1');
  const common = await git('merge-base', commit, 'HEAD');
  return common.code === 0 ? common.stdout.trim() : commit;
}

/** Judges the base in a folder of its own, which goes again. */
async function judgeBase(gate: Gate, head: Report): Promise<Report | undefined> {
  const commit = await baseOf(gate);
  if (commit === undefined) return undefined;
  const folder = join(mkdtempSync(join(tmpdir(), 'gate-')), 'base');
  try {
    const added = await git('worktree', 'add', '--detach', '--force', folder, commit);
    if (added.code !== 0) {
      log(`The base ${commit} cannot be checked out: ${added.stderr}`);
      return undefined;
    }
    const inner = join(folder, (await git('rev-parse', '--show-prefix')).stdout.trim());
    const paths = gate.paths.filter((path) => existsSync(join(inner, path)));
    // Where there was nothing before, all is new.
    if (paths.length === 0) return { ...head, rootCauses: [], runbooks: [], checks: [] };
    const { report } = await judge({ ...gate, paths }, inner);
    if (report === undefined) log('The base cannot be judged: all that is found counts as introduced.');
    return report;
  } finally {
    await git('worktree', 'remove', '--force', folder);
    rmSync(join(folder, '..'), { recursive: true, force: true });
  }
}

function writeTo(file: string | undefined, text: string): void {
  if (file !== undefined && file !== '') appendFileSync(file, text);
}

/** Says it: on the lines of the change, in the summary of the job, in files, and to the steps that follow. */
function tell(head: Report, diff: Diff | undefined, { paths }: Gate): void {
  const how = { paint: painter({}, {}), verbose: false, nowhere: paths[0] };
  const say = (format: 'github' | 'markdown'): string =>
    diff === undefined ? formatReport(head, format, how) : formatDiff(diff, format, how);
  process.stdout.write(`${say('github')}\n`);
  const summary = say('markdown');
  const fits = Buffer.byteLength(summary) <= longestSummary;
  const cut = `${summary.split('\n\n')[0] ?? ''}\n\nThere is too much to list here; the report has all of it.`;
  writeTo(env['GITHUB_STEP_SUMMARY'], `## Manifests\n\n${fits ? summary : cut}\n`);
  const folder = env['RUNNER_TEMP'] ?? tmpdir();
  const [report, sarif] = [join(folder, 'handbook-report.json'), join(folder, 'handbook.sarif')];
  writeFileSync(report, formatReport(head, 'json', how));
  writeFileSync(sarif, reportSarif(head, how));
  const { introduced, fixed } = diff ?? compare({ ...head, checks: [] }, head);
  const outputs = {
    ...{ report, sarif, introduced: introduced.filter(({ accepted }) => accepted === null).length },
    fixed: fixed.length,
  };
  writeTo(
    env['GITHUB_OUTPUT'],
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${String(value)}\n`)
      .join(''),
  );
}

async function gate(): Promise<number> {
  const read = readGate();
  const { report: head, code } = await judge(read, process.cwd());
  if (head === undefined) {
    process.stdout.write('::error title=Runbooks::The manifests cannot be judged; the log says why.\n');
    return code;
  }
  const base = await judgeBase(read, head);
  const diff = base === undefined ? undefined : compare(base, head);
  tell(head, diff, read);
  const fails = {
    introduced: diff === undefined ? exitCode(head) === 1 : diffExitCode(diff) === 1,
    any: exitCode(head) === 1,
    never: false,
  }[read.failOn];
  return fails ? 1 : 0;
}

guardEnds();
process.exitCode = await gate().catch(explain);
await end();
