/** The terminal as a script sees it: output, exit codes, and what is said when something is wrong. */
import { onTerminal, ownEnvironment, startRunbook, type Ended } from '../support/terminal.ts';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { runbooks } from '../../runbooks/index.ts';
import type { Demo } from '../../src/demo/node/demo.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';
import { startScenario } from '../../src/sources/demo.ts';
import { reportSchema, type Report } from '../../src/runbook/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'terminal-test-'));
const kubeconfig = join(folder, 'kubeconfig');
let demo: Demo;

beforeAll(async () => {
  demo = await startScenario('operator-crash-loop');
  writeFileSync(kubeconfig, demo.kubeconfig());
});
afterAll(() => demo.close());

const runbook = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  startRunbook(args, { env }).ended;

describe('lists', () => {
  it('lists the runbooks', async () => {
    const { code, stdout } = await runbook(['list']);
    expect(code).toBe(0);
    for (const { id, title, page } of runbooks) expect(stdout).toMatch(new RegExp(`${id}\\s+${title}\\s+${page}`));
  });

  it('lists the scenarios as JSON', async () => {
    const { stdout } = await runbook(['scenarios', '-o', 'json']);
    expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual(loadFaults().map(({ id }) => id));
  });

  it('prints the permissions as YAML without a verb that writes', async () => {
    const { stdout } = await runbook(['permissions']);
    const role = parse(stdout) as { kind: string; rules: { verbs: string[]; resources: string[] }[] };
    expect(role.kind).toBe('ClusterRole');
    expect(new Set(role.rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list']));
    expect(role.rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
  });

  it('within namespaces prints a Role for each, and says what none of them grants', async () => {
    const { code, stdout, stderr } = await runbook(['permissions', '--namespaces', 'tailscale, apps']);
    expect(code).toBe(0);
    const roles = parseAllDocuments(stdout).map((role) => role.toJS() as { kind: string; metadata: object });
    expect(roles.map(({ kind, metadata }) => ({ kind, ...metadata }))).toEqual(
      ['tailscale', 'apps'].map((namespace) => ({ kind: 'Role', name: 'handbook-runbooks', namespace })),
    );
    expect(stderr).toContain('gatewayclasses.gateway.networking.k8s.io');
    expect((await runbook(['permissions', '--namespaces', 'Apps'])).code).toBe(64);
  });
});

describe('run', () => {
  it('prints a report of version 1 that names the object at fault', async () => {
    const { code, stdout, stderr } = await runbook([
      'run',
      'gateway-not-programmed',
      '--kubeconfig',
      kubeconfig,
      '--context',
      'demo',
      '--cluster-only',
      '-o',
      'json',
    ]);
    expect(stderr).toMatch(/^Asks https:[^\n]*\n$/);
    expect(code).toBe(1);
    const report: Report = reportSchema.parse(JSON.parse(stdout));
    expect(report.cluster).toMatchObject({
      source: 'live',
      context: 'demo',
      server: demo.server,
      kubernetes: 'v1.36.2',
    });
    const [gateway] = report.runbooks;
    expect(gateway?.rootCauses).toEqual(['tailscale-operator/ready#crash-loop']);
    const [cause] = report.checks.find(({ id }) => id === 'tailscale-operator/ready')?.findings ?? [];
    expect(cause?.evidence[0]).toEqual({
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'tailscale', name: 'operator' },
      path: 'status.availableReplicas',
      observed: 0,
      expected: 1,
      source: null,
    });
    expect(cause?.commands).toContain('kubectl get deployment -n tailscale operator -o yaml');
  });

  it('says nothing failed of a healthy cluster', async () => {
    const { code, stdout } = await runbook(['run', '--all', '--demo']);
    expect(stdout).toContain('Nothing failed (exit code 0)');
    expect(code).toBe(0);
  });

  it('uses no colour and no progress in a pipe, and colour when asked', async () => {
    const args = ['run', 'missing-sni', '--demo', 'apex-hostname'];
    const [plain, pipeline, colour] = await Promise.all([
      runbook(args),
      runbook(args, { CI: 'true' }),
      runbook(args, { FORCE_COLOR: '1' }),
    ]);
    for (const { stdout, stderr } of [plain, pipeline]) {
      expect(stdout).not.toContain('\u001b');
      expect(stderr).toBe('');
    }
    expect(colour.stdout).toContain('\u001b[');
  });

  it('keeps its lines within 80 columns, commands apart', async () => {
    const { stdout } = await runbook(['run', '--all', '--demo', 'operator-crash-loop']);
    const long = stdout.split('\n').filter((line) => line.length > 80 && !line.trimStart().startsWith('$ '));
    expect(long).toEqual([]);
  });

  it('prints Markdown and JUnit', async () => {
    const args = ['run', 'gateway-not-programmed', '--demo', 'envoy-image', '-o'];
    const [markdown, junit] = await Promise.all([runbook([...args, 'markdown']), runbook([...args, 'junit'])]);
    expect(markdown.stdout).toContain('### Root cause: ');
    expect(junit.stdout).toMatch(/^<\?xml/);
    expect(junit.stdout).toMatch(/<testsuite name="gateway-not-programmed" tests="\d+" failures="1" errors="0"/);
  });

  it('is unknown, not failed, where nobody answers or knows us', async () => {
    const config = readFileSync(kubeconfig, 'utf8');
    const dead = join(folder, 'dead');
    const stranger = join(folder, 'stranger');
    writeFileSync(dead, config.replace(/server: .*/, 'server: https://127.0.0.1:1'));
    writeFileSync(stranger, config.replace(/token: .*/, 'token: nobody-knows-it'));
    const [refused, unauthorized] = await Promise.all(
      [dead, stranger].map((file) => runbook(['run', 'gateway-not-programmed', '--kubeconfig', file])),
    );
    expect(refused?.code).toBe(2);
    expect(refused?.stdout.replace(/\s+/g, ' ')).toContain('refused the connection');
    expect(unauthorized?.code).toBe(2);
    expect(unauthorized?.stdout).toContain('(401)');
    expect(unauthorized?.stdout).not.toContain('nobody-knows-it');
  });

  it('is unknown for a user without a role', async () => {
    const file = join(folder, 'nobody');
    writeFileSync(file, demo.kubeconfig('nobody'));
    const { code, stdout } = await runbook(['run', 'gateway-not-programmed', '--kubeconfig', file, '-o', 'json']);
    expect(code).toBe(2);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(new Set(report.checks.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']));
    expect(report.checks[0]?.problem?.kind).toBe('forbidden');
  });
});

describe('a snapshot', () => {
  it('replays to the very same report', async () => {
    const file = join(folder, 'snapshot.json');
    const taken = await runbook(['snapshot', '--kubeconfig', kubeconfig, '--cluster-only']);
    writeFileSync(file, taken.stdout);
    const [first, second] = await Promise.all(
      [1, 2].map(() => runbook(['run', '--all', '--snapshot', file, '-o', 'json'])),
    );
    expect(first?.stdout).toBe(second?.stdout);
    const replayed = reportSchema.parse(JSON.parse(first?.stdout ?? ''));
    expect(replayed.runbooks[0]?.rootCauses).toEqual(['tailscale-operator/ready#crash-loop']);
    expect(replayed.cluster.server).toBe(demo.server);
  });

  it('of a cluster that is not the stack’s says so when it is taken, and before what a run finds', async () => {
    const file = join(folder, 'other-snapshot.json');
    const config = join(folder, 'other-kubeconfig');
    // The demo cluster of another stack, asked as anybody's cluster is.
    const other = startRunbook(['demo', '--write', config], {
      env: { NODE_OPTIONS: `--conditions=handbook-other ${ownEnvironment.NODE_OPTIONS}` },
    });
    await expect.poll(() => existsSync(config), { timeout: 30_000 }).toBe(true);
    const taken = await runbook(['snapshot', '--kubeconfig', config, '--cluster-only']);
    other.child.kill();
    await other.ended;
    writeFileSync(file, taken.stdout);
    const lacks = 'This cluster has no Gateway tailscale/tailscale-gateway; it has ingress/front-door: ';
    expect(taken.stderr.replace(/\s+/g, ' ')).toContain(lacks);
    const { code, stdout } = await runbook(['run', '--all', '--snapshot', file]);
    expect(code).toBe(1);
    const [, first, second] = stdout.split('\n\n');
    expect(first?.replace(/\s+/g, ' ')).toContain(`! NOTICE ${lacks}`);
    expect(second).toContain('ROOT CAUSE');
  });

  it('is written, and ends with 2, where not everything could be read', async () => {
    const file = join(folder, 'nobody-snapshot');
    writeFileSync(file, demo.kubeconfig('nobody'));
    const { code, stdout, stderr } = await runbook(['snapshot', '--kubeconfig', file, '--cluster-only']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/facts, \d+ of them could not be read/);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1 });
  });

  it.each([
    ['not there', () => '/nowhere.json', 'cannot be read: ENOENT'],
    ['no JSON', () => kubeconfig, 'is not JSON'],
    [
      'damaged',
      () => {
        writeFileSync(join(folder, 'damaged.json'), '{"version":1,"facts":{}}');
        return join(folder, 'damaged.json');
      },
      'is damaged, at cluster',
    ],
  ])('says what is wrong with a file that is %s', async (_, make, message) => {
    const { code, stderr } = await runbook(['run', '--all', '--snapshot', make()]);
    expect(code).toBe(66);
    expect(stderr.replace(/\s+/g, ' ')).toContain(message);
    expect(stderr).not.toContain('    at ');
  });
});

describe('an input', () => {
  it('says which request is followed', async () => {
    const { code, stdout } = await runbook([
      ...['run', 'request-path', '--demo', '--input', 'hostname=jellyfin.sudhanva.me', '-o', 'json'],
    ]);
    expect(code).toBe(0);
    const { checks } = reportSchema.parse(JSON.parse(stdout));
    const answer = checks.find(({ id }) => id === 'envoy/answers-the-request');
    expect(answer?.message).toContain('https://jellyfin.sudhanva.me/ is answered with 200');
  });
});

describe('wrong usage', () => {
  it.each([
    [['run'], 'No runbook is named.'],
    [['run', 'gateway'], 'There is no runbook gateway. Did you mean gateway-not-programmed?'],
    [['run', 'xyzzy'], 'There is no runbook xyzzy. The runbooks are:'],
    [['run', '--demo', 'missing-sni'], 'Name it first: run missing-sni --demo'],
    [['run', '--manifests', 'apps', 'missing-sni'], 'Name it first: run missing-sni --demo'],
    [['run', '--all', '--demo', 'envoy-imge'], 'Did you mean envoy-image?'],
    [['run', '--all', 'missing-sni'], 'but not both'],
    [['run', '--all', '--demo', 'nope'], 'has no scenario nope'],
    [['run', '--all', '--demo', '--context', 'home'], 'A run asks one cluster.'],
    [['run', '--all', '--demo', '--trouble', 'rain'], 'The kinds of trouble are: slow, busy,'],
    [['run', '--all', '--trouble', 'slow'], 'Trouble is made for the demo cluster only.'],
    [['run', '--all', '--timeout', 'soon'], 'seconds'],
    [['run', '--all', '--input', 'novalue'], 'name=value'],
    [['run', 'missing-sni', '--demo', '--input', 'hostname=docs.sudhanva.me'], 'There is no input hostname.'],
    [['run', 'request-path', '--demo', '--input', 'host=docs.sudhanva.me'], 'hostname=docs.sudhanva.me'],
    [['run', 'request-path', '--demo', '--input', 'hostname=docs sudhanva'], 'cannot be “docs sudhanva”'],
    [['run', '--all', '-o', 'xml'], 'text, json, junit, markdown'],
    [['run', '--all', '--deadline', '0'], 'more than 0'],
    [['run', '--all', '--frobnicate'], 'unknown option'],
    [['frobnicate'], 'unknown command'],
  ] as const)('%j ends with 64 and says why', async (args, message) => {
    const { code, stdout, stderr } = await runbook(args);
    expect(stderr.replace(/\s+/g, ' ')).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(code).toBe(64);
  });
});

it('tells its version', async () => {
  expect(await runbook(['--version'])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

describe('the demo', () => {
  it('serves until it is stopped, and takes its kubeconfig away', async () => {
    const { child, said, says, ended } = startRunbook(['demo', 'missed-address']);
    await says('--cluster-only');
    const file = /export KUBECONFIG=(\S+)/.exec(said().stdout)?.[1] ?? '';
    const { code, stdout } = await runbook(['run', 'gateway-not-programmed', '--cluster-only', '-o', 'json'], {
      KUBECONFIG: file,
    });
    expect(code).toBe(1);
    expect(reportSchema.parse(JSON.parse(stdout)).runbooks[0]?.rootCauses).toEqual([
      'gateway/agrees-with-its-service#address-missed',
    ]);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(() => readFileSync(file)).toThrow();
  });

  it('says what no kubectl command can mend, and does it when Enter is pressed on a terminal', async () => {
    const fault = loadFaults().find(({ mend }) => mend !== undefined);
    if (fault?.mend === undefined) throw new Error('No fault of the demo says how to mend it outside the cluster.');
    const { stdout: said } = await onTerminal(
      `${process.execPath} src/cli/main.ts demo ${fault.id}`,
      [
        ['Press Enter when that is done.', '\r'],
        ['It is done.', '\u0003'],
      ],
      { env: { ...ownEnvironment, HOME: folder, TERM: 'dumb' } },
    );
    expect(said.replace(/\s+/g, ' ')).toContain(`What no kubectl command can mend here: ${fault.mend}`);
    expect(said).toContain('It is done.');
  });

  it('overwrites no file with its kubeconfig', async () => {
    const mine = join(folder, 'mine');
    writeFileSync(mine, 'precious');
    const { code, stderr } = await runbook(['demo', '--write', mine]);
    expect(stderr.replace(/\s+/g, ' ')).toContain(`could not be written to ${mine}: EEXIST. Name a file`);
    expect(code).toBe(64);
    expect(readFileSync(mine, 'utf8')).toBe('precious');
  });

  it('asks nobody where there is no terminal', async () => {
    const fault = loadFaults().find(({ mend }) => mend !== undefined);
    const { child, says, ended } = startRunbook(['demo', fault?.id ?? '']);
    await says('What no kubectl command');
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain('Press Enter');
  });
});
