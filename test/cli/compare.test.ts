/** `run --accept` and `diff`, as a pipeline sees them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { diffSchema } from '../../src/runbook/diff.ts';
import { reportSchema, type Report } from '../../src/runbook/report.ts';
import { writeFolder } from '../support/manifests.ts';
import { startRunbook, type Ended } from '../support/terminal.ts';

const runbook = (...args: readonly string[]): Promise<Ended> => startRunbook(args).ended;
const folder = writeFolder({});
const file = (name: string, content?: string): string => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};
const entry = (finding: string, object: string, until = '2999-12-31'): string =>
  `- finding: ${finding}\n  object: ${object}\n  reason: Not now.\n  until: ${until}\n`;
const crash = ['tailscale-operator/ready#crash-loop', 'Deployment tailscale/operator'] as const;

beforeAll(async () => {
  const [healthy, broken] = await Promise.all([
    runbook('run', '--all', '--demo', '-o', 'json'),
    runbook('run', '--all', '--demo', 'operator-crash-loop', '-o', 'json'),
  ]);
  file('healthy.json', healthy.stdout);
  file('broken.json', broken.stdout);
});

describe('run --accept', () => {
  it('takes what is accepted out of the outcome of a live run, and shows it', async () => {
    const accepted = file('accepted.yaml', entry(...crash));
    const { code, stdout, stderr } = await runbook(
      ...['run', 'gateway-not-programmed', '--demo', 'operator-crash-loop', '--accept', accepted, '-o', 'json'],
    );
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.rootCauses).toEqual([]);
    const [found] = report.checks.find(({ id }) => id === 'tailscale-operator/ready')?.findings ?? [];
    expect(found?.accepted).toEqual({ reason: 'Not now.', until: '2999-12-31' });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('tells which entries accept nothing, with their lines, but of what was run only', async () => {
    const accepted = file(
      'stale.yaml',
      entry(...crash, '2020-01-01') +
        entry('gateway/exists#missing', 'Gateway a/b') +
        entry('coredns/ready#crash-loop', 'Deployment kube-system/coredns'),
    );
    const run = ['run', 'gateway-not-programmed', '--demo', 'operator-crash-loop', '--accept', accepted] as const;
    const { code, stderr } = await runbook(...run);
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      `${accepted}:1: the date has passed (2020-01-01), so tailscale-operator/ready#crash-loop of Deployment tailscale/operator counts again.`,
      `${accepted}:5: nothing of this run is gateway/exists#missing of Gateway a/b. Take the entry out, or correct it.`,
    ]);
    expect(code).toBe(1);
  });

  it('ends with 66 before it asks anybody where the file cannot be used, a line for each fault', async () => {
    const { code, stdout, stderr } = await runbook(
      'run',
      '--all',
      '--demo',
      '--accept',
      file('bad.yaml', '- a: 1\n- b\n'),
    );
    expect(stderr).toMatch(/^error: \S+bad\.yaml:1: finding is missing/);
    expect(stderr).toMatch(/^\S+bad\.yaml:2: the entry is not a map\.$/m);
    expect([code, stdout]).toEqual([66, '']);
  });
});

describe('diff', () => {
  it('tells what is introduced, and ends with 1', async () => {
    const { code, stdout } = await runbook('diff', file('healthy.json'), file('broken.json'));
    expect(stdout).toMatch(/^✗ INTRODUCED {2}.+\n {2}tailscale-operator\/ready#crash-loop$/m);
    expect(stdout).toMatch(/\n2 introduced \(1 failed, 1 only warns\), 0 fixed, 0 unchanged \(exit code 1\)\n$/);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.trimStart().startsWith('$ '))).toEqual([]);
    expect(code).toBe(1);
  });

  it('tells what is fixed, and ends with 0', async () => {
    const { code, stdout } = await runbook('diff', file('broken.json'), file('healthy.json'), '-o', 'json');
    const diff = diffSchema.parse(JSON.parse(stdout));
    expect(diff.fixed.map(({ id }) => id)).toEqual([crash[0], 'tailnet-resolver/updater-succeeds#run-failed']);
    expect([diff.introduced, code]).toEqual([[], 0]);
  });

  it.each([
    ['markdown', /^### Introduced$/m],
    ['github', /^::error title=/m],
    ['sarif', /"baselineState": "new"/],
  ])('prints %s', async (format, expected) => {
    const { stdout } = await runbook('diff', file('healthy.json'), file('broken.json'), '-o', format);
    expect(stdout).toMatch(expected);
  });

  it('judges a snapshot first', async () => {
    const taken = await runbook('snapshot', '--demo', 'operator-crash-loop');
    const { code, stdout } = await runbook('diff', file('healthy.json'), file('snapshot.json', taken.stdout));
    expect(stdout).toContain(crash[0]);
    expect(code).toBe(1);
  });

  it('reads a report of version 1', async () => {
    const report = JSON.parse(readFileSync(file('broken.json'), 'utf8')) as Report;
    const { user: _user, ...cluster } = report.cluster;
    const { notice: _notice, rootCauses: _causes, checks, ...rest } = report;
    const older = checks.map((check) => ({
      ...{ ...check, evidence: [], remedy: null },
      findings: check.findings.map(({ accepted: _accepted, ...found }) => ({
        ...found,
        evidence: found.evidence.map(({ source: _source, ...piece }) => piece),
      })),
    }));
    const byId = new Map(older.map((check) => [check.id, check]));
    const version1 = {
      ...{ ...rest, version: 1, cluster },
      runbooks: report.runbooks.map((one) => ({ ...one, checks: one.checks.map((id) => byId.get(id)) })),
    };
    const first = file('version1.json', JSON.stringify(version1));
    const same = await runbook('diff', first, file('broken.json'));
    expect(same.stdout).toMatch(/^0 introduced, 0 fixed, 2 unchanged \(exit code 0\)$/m);
    const mended = await runbook('diff', first, file('healthy.json'));
    expect(mended.stdout).toContain('✓ FIXED');
  });

  it.each([
    ['is not there', '/nowhere.json', 'The report /nowhere.json cannot be read: ENOENT.'],
    ['is no JSON', 'README.md', 'The report README.md is not JSON.'],
    ['is something else', 'package.json', 'package.json is neither a report of version 1 or 2 nor a snapshot.'],
    ['is damaged', () => file('damaged.json', '{"version":2,"cluster":{}}'), 'is damaged, at cluster.source:'],
    ['is a damaged snapshot', () => file('facts.json', '{"version":1,"facts":{}}'), 'is damaged, at cluster'],
    ['is null', () => file('null.json', 'null'), 'is neither a report'],
  ])('ends with 66 where a file %s', async (_title, path, says) => {
    const { code, stdout, stderr } = await runbook(
      'diff',
      file('healthy.json'),
      typeof path === 'string' ? path : path(),
    );
    expect(stderr.replace(/\s+/g, ' ')).toContain(says);
    expect([code, stdout]).toEqual([66, '']);
  });
});
