/** How the terminal ends, whatever happens: stopped, out of time, with a bug, with nowhere to write. Real processes throughout. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/runbook/report.ts';
import { endless, evilServer, silence, type Answering, type EvilServer } from '../support/evil-server.ts';
import { ownEnvironment, startRunbook, type Started } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'ending-test-'));
const servers: EvilServer[] = [];
afterAll(() => servers.forEach((server) => server.close()));

async function evil(answering: Answering): Promise<EvilServer & { file: string }> {
  const server = await evilServer(answering);
  servers.push(server);
  const file = join(folder, `kubeconfig-${servers.length}`);
  writeFileSync(file, server.kubeconfig);
  return { ...server, file };
}

const until = (what: () => boolean): Promise<void> => expect.poll(what, { timeout: 20_000, interval: 20 }).toBe(true);

const runbookModule = JSON.stringify(pathToFileURL('runbooks/index.ts').href);
/** Breaks the first check of the first runbook in the program's own memory. */
const withBug = (judge: string): string =>
  `const { runbooks } = await import(${runbookModule}); Object.assign(runbooks[0].checks[0], { judge: ${judge} });`;
const boom = withBug("() => { throw new TypeError('boom') }");

describe('a run of a server that never ends', () => {
  it.each([
    ['answers nothing', silence],
    ['promises another page again and again', endless],
  ])('and %s ends at its deadline, with a whole report and 2', async (_, answering) => {
    const { file } = await evil(answering);
    const args = ['run', '--all', '--cluster-only', '--kubeconfig', file, '--timeout', '60', '--deadline', '1'];
    const began = performance.now();
    const { code, stdout, stderr } = await startRunbook([...args, '-o', 'json']).ended;
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(code).toBe(2);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.runbooks.length).toBeGreaterThan(10);
    const late = report.checks.filter(({ outcome, problem }) => outcome === 'unknown' && problem?.kind === 'timed-out');
    expect(late.length).toBeGreaterThan(50);
    expect(late[0]?.message).toContain('the run took longer than 1 s');
    expect(stderr).toContain('The run took longer than 1 s; what had not answered by then is unknown.');
    expect(stderr).toContain('--deadline SECONDS');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with %s, with a whole report and 2', async (signal) => {
    const server = await evil(silence);
    const started = startRunbook(['run', '--all', '--cluster-only', '--kubeconfig', server.file, '--timeout', '60']);
    await until(() => server.requests() > 0);
    const began = performance.now();
    started.child.kill(signal);
    const { code, stdout, stderr } = await started.ended;
    expect(performance.now() - began).toBeLessThan(3000);
    expect(code).toBe(2);
    expect(stdout).toContain('the run was stopped');
    expect(stdout).toContain('(exit code 2)');
    expect(stderr).toContain('The run was stopped; what had not answered by then is unknown.');
    expect(server.sockets()).toBe(0);
  });

  it('ends with Ctrl+C in a judge that does not come to an end, and at once with the second one', async () => {
    const judge = "() => { writeSync(2, 'judging'); for (;;); }";
    const fs = "const { writeSync } = await import('node:fs');";
    const all = `${fs} const { runbooks } = await import(${runbookModule});
      for (const { checks } of runbooks) for (const check of checks) Object.assign(check, { judge: ${judge} });`;
    const stuck = startRunbook(['run', '--manifests', 'infrastructure', 'apps'], { before: all });
    await until(() => stuck.said().stderr.includes('judging'));
    stuck.child.kill('SIGINT');
    await until(() => stuck.said().stderr.match(/judging/g)?.length === 2);
    stuck.child.kill('SIGINT');
    expect(await stuck.ended).toMatchObject({ code: null, signal: 'SIGINT' });

    const args = ['run', 'gateway-not-programmed', '--demo', '--cluster-only'];
    const one = startRunbook(args, { before: `${fs} ${withBug(judge)}` });
    await until(() => one.said().stderr.includes('judging'));
    one.child.kill('SIGINT');
    const { code, stdout } = await one.ended;
    expect(code).toBe(2);
    expect(stdout.replace(/\s+/g, ' ')).toContain('was not judged to the end: the run was stopped.');
  });

  it('says who asks before it asks', async () => {
    let saidBefore: string | undefined;
    const processes: Started[] = [];
    const server = await evil((_, response) => {
      saidBefore ??= processes[0]?.said().stderr;
      response.writeHead(503).end();
    });
    const started = startRunbook(['run', '--all', '--cluster-only', '--kubeconfig', server.file]);
    processes.push(started);
    const { stdout } = await started.ended;
    expect(saidBefore).toMatch(/^Asks http:\/\/127\.0\.0\.1:\d+ \(context evil of .*\) as .*me\.\n/);
    expect(stdout).toMatch(/^Asks http:/);
  });
});

describe('a bug', () => {
  const args = ['run', '--all', '--demo', '--cluster-only'];
  const live = (kubeconfig: string): readonly string[] => [
    'run',
    '--all',
    '--cluster-only',
    '--kubeconfig',
    kubeconfig,
    '--timeout',
    '60',
    '-o',
    'json',
  ];
  /** What goes wrong by itself, when the test says so. */
  const onSignal = (what: string): string => `process.on('SIGUSR2', () => { ${what} });`;

  it('of a check makes that check unknown, and ends with 70 after the whole report', async () => {
    const { code, stdout, stderr } = await startRunbook([...args, '-o', 'json'], { before: boom }).ended;
    expect(code).toBe(70);
    const report = reportSchema.parse(JSON.parse(stdout));
    const [broken, ...others] = report.checks;
    expect(broken).toMatchObject({ outcome: 'unknown', problem: { kind: 'malformed' } });
    expect(broken?.message).toMatch(/has a bug.*boom.*report it at https:/);
    expect(others.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(5);
    expect(stderr).toContain('This is a bug in the handbook');
    expect(stderr.match(/TypeError: boom/g)).toHaveLength(1);
  });

  it('that nobody caught ends the run, and with 70 after the whole report', async () => {
    const server = await evil(silence);
    const before = onSignal("throw new RangeError('boom in a socket')");
    const started = startRunbook(live(server.file), { before });
    await until(() => server.requests() > 0);
    started.child.kill('SIGUSR2');
    const { code, stdout, stderr } = await started.ended;
    expect(code).toBe(70);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.checks[0]?.message).toContain('a bug in the handbook ended the run');
    expect(stderr).toContain('RangeError: boom in a socket');
  });

  it('that nobody handled is one too', async () => {
    const server = await evil(silence);
    const before = onSignal("void Promise.reject(new Error('nobody cares'))");
    const started = startRunbook(live(server.file), { before });
    await until(() => server.requests() > 0);
    started.child.kill('SIGUSR2');
    const { code, stdout, stderr } = await started.ended;
    expect(code).toBe(70);
    expect(reportSchema.safeParse(JSON.parse(stdout)).success).toBe(true);
    expect(stderr).toContain('nobody cares');
  });

  it('outside a run ends with 70, too', async () => {
    const started = startRunbook(['demo'], { before: onSignal("throw new Error('boom')") });
    await started.says('until you press Ctrl+C');
    started.child.kill('SIGUSR2');
    const { code, stderr } = await started.ended;
    expect(code).toBe(70);
    expect(stderr).toContain('This is a bug in the handbook');
  });

  it('in a result that is longer than a text can be leaves a result without what is long', async () => {
    // Checks with a message of control characters, six times as long in JSON: each can be shown, and all of them together cannot.
    const before = `const { runbooks } = await import(${runbookModule});
      const message = '\\u0001'.repeat(4e7);
      for (const check of runbooks[0].checks.slice(0, 3)) Object.assign(check, { judge: () => ({ outcome: 'passed', message }) });`;
    const { code, stdout, stderr } = await startRunbook([...args, '-o', 'json'], { before }).ended;
    expect(code).toBe(70);
    expect(reportSchema.parse(JSON.parse(stdout)).runbooks.length).toBeGreaterThan(10);
    expect(stderr).toContain('Invalid string length');
  });
});

describe('what is printed', () => {
  it('to a reader who closes the pipe does not change what was found', async () => {
    const child = spawn(
      'bash',
      ['-c', `set -o pipefail; ${process.execPath} src/cli/main.ts run --all --demo operator-crash-loop -v | head -1`],
      { env: { ...ownEnvironment, HOME: folder } },
    );
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
  });

  it.skipIf(process.platform !== 'linux')('to a full disk is not taken for a success', async () => {
    const child = spawn(process.execPath, ['src/cli/main.ts', 'run', '--all', '--demo'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      env: { ...ownEnvironment, HOME: folder },
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(74);
    expect(stderr).toContain('The result could not be written: ENOSPC.');
  });
});

describe('an input that cannot be opened', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'directory'));
    writeFileSync(join(folder, 'list.yaml'), '- a\n');
    writeFileSync(join(folder, 'lost'), 'apiVersion: v1\nkind: Config\ncontexts: []\ncurrent-context: gone\n');
  });
  it.each([
    ['a kubeconfig that is not there', ['--kubeconfig', '/nowhere']],
    ['a kubeconfig that is a directory', ['--kubeconfig', join(folder, 'directory')]],
    ['a kubeconfig that is none', ['--kubeconfig', join(folder, 'list.yaml')]],
    ['a kubeconfig whose own context is not there', ['--kubeconfig', join(folder, 'lost')]],
    ['a snapshot that is not there', ['--snapshot', '/nowhere']],
    ['manifests that are not there', ['--manifests', '/nowhere']],
    ['manifests that are no file and no folder', ['--manifests', '/dev/null']],
    ['no kubeconfig at all', []],
  ])('ends with 66: %s', async (_, args) => {
    const { code, stdout, stderr } = await startRunbook(
      ['run', '--all', ...args].filter((arg) => arg !== '--all' || !args.includes('--manifests')),
    ).ended;
    expect(stderr).not.toContain('    at ');
    expect(stderr).toContain('error:');
    expect(stdout).toBe('');
    expect(code).toBe(66);
  });

  it('but a context that somebody named wrongly is wrong usage', async () => {
    const { kubeconfig } = await evilServer(silence);
    const file = join(folder, 'right');
    writeFileSync(file, kubeconfig);
    const { code, stderr } = await startRunbook(['run', '--all', '--kubeconfig', file, '--context', 'nope']).ended;
    expect(stderr).toContain('nope');
    expect(code).toBe(64);
  });
});
