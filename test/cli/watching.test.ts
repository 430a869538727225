/** A watch, as a person, a pipe and a program see it, while a cluster breaks and is mended. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stack } from '#stack';
import { runbooks } from '../../runbooks/index.ts';
import { startDemo, type Demo } from '../../src/demo/node/demo.ts';
import { permissions } from '../../src/runbook/permissions.ts';
import { reportSchema } from '../../src/runbook/report.ts';
import { ownEnvironment, startRunbook } from '../support/terminal.ts';

let demo: Demo;
const folder = mkdtempSync(join(tmpdir(), 'watching-test-'));
const kubeconfig = join(folder, 'kubeconfig');

beforeAll(async () => {
  demo = await startDemo({ readerRules: permissions(runbooks).rules });
  writeFileSync(kubeconfig, demo.kubeconfig('reader'), { mode: 0o600 });
});
afterAll(async () => {
  await demo.close();
  rmSync(folder, { recursive: true });
});

const until = (what: () => boolean): Promise<void> => expect.poll(what, { timeout: 40_000, interval: 50 }).toBe(true);

const scale = (replicas: number): void => {
  const { namespace, deployment: name } = stack.envoyGateway;
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name }, spec: { replicas } };
  demo.change([{ op: 'merge', object }]);
};

it('tells what changes, and leaves nothing when it is stopped', async () => {
  const args = ['run', 'gateway-not-programmed', '--cluster-only', '--watch', '--kubeconfig', kubeconfig];
  const pipe = startRunbook(args);
  const json = startRunbook([...args, '-o', 'json']);
  // `script` brings a terminal; where it is missing: apt-get install bsdutils.
  const temporary = mkdtempSync(join(folder, 'temporary-'));
  const terminal = spawn('script', ['-qec', `${process.execPath} src/cli/main.ts ${args.join(' ')}`, '/dev/null'], {
    env: { ...ownEnvironment, HOME: temporary, TMPDIR: temporary, TERM: 'dumb' },
  });
  let screen = '';
  terminal.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
  const seen = (): string => screen.slice(screen.lastIndexOf('\u001b[2J'));
  const said = (): string => pipe.said().stdout;

  await until(() => /Nothing failed/.test(said()) && /again in 5 s\. Ctrl\+C ends it\./.test(seen()));
  expect(seen()).not.toContain('Changed at');
  const saidAtStart = pipe.said().stderr;
  scale(0);
  await until(() => /^\d\d:\d\d:\d\d ✗ .*Envoy Gateway/m.test(said()) && /Changed at \d\d:\d\d:\d\d:\s+✗/.test(seen()));
  scale(1);
  await until(() => /^\d\d:\d\d:\d\d ✓ No more: .*Envoy Gateway/m.test(said()) && seen().includes('✓ No more: '));
  // Looked at again without a change: nothing is said in a pipe, and on a terminal the last change stands.
  const [lines, looked] = [said(), screen.length];
  await until(() => screen.slice(looked).includes('again in 5 s'));
  expect(said()).toBe(lines);
  expect(seen()).toContain('✓ No more: ');
  expect(lines.match(/Nothing failed/g)).toHaveLength(1);
  await until(() => json.said().stdout.trimEnd().split('\n').length > 2);

  terminal.stdin.write('\u0003');
  await new Promise((resolve) => terminal.on('close', resolve));
  // Between two runs: while a check is judged, Node itself heeds the signal, and for a moment before and after nobody does.
  const reported = json.said().stdout.length;
  await until(() => json.said().stdout.length > reported && json.said().stdout.endsWith('\n'));
  for (const { child } of [json, pipe]) child.kill('SIGINT');
  const ended = await Promise.all([pipe.ended, json.ended]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  // Who asks is said once.
  expect(ended[0].stderr.replace(/The run was stopped; .*\n\n?$/, '')).toBe(saidAtStart);
  const reports = ended[1].stdout
    .trimEnd()
    .split('\n')
    .map((line) => reportSchema.parse(JSON.parse(line)));
  expect(new Set(reports.map(({ runbooks: [own] }) => own?.outcome))).toEqual(new Set(['passed', 'failed']));
  expect([...pipe.left(), ...json.left(), ...readdirSync(temporary)]).toEqual([]);
}, 120_000);

it('does not repeat what has one end', async () => {
  const { code, stderr } = await startRunbook(['run', '--all', '--demo', '--watch', '-o', 'junit']).ended;
  expect(stderr).toContain('A watch has no end, and junit is of one run.');
  expect(code).toBe(64);
});
