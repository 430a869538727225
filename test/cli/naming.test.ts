/** Runs that name their Gateway and domain: whatever is said and printed speaks of these, and a wrong name is told. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { renamed } from '../../runbooks/stack-naming.ts';
import { stackTroubles } from '../../runbooks/stack-troubles.ts';
import { reportSchema, type Report } from '../../src/runbook/report.ts';
import { stack as other } from '../stacks/other.ts';
import { writeFolder } from '../support/manifests.ts';
import { startRunbook, type Ended, type Started } from '../support/terminal.ts';

const kubeconfig = join(mkdtempSync(join(tmpdir(), 'naming-test-')), 'kubeconfig');
const named = ['--gateway', `${other.gateway.namespace}/${other.gateway.name}`, '--domain', other.domain];
let demo: Started;

/** A cluster under other names than those of the stack that runs stand on here. */
beforeAll(async () => {
  demo = startRunbook(['demo', '--write', kubeconfig], { env: { NODE_OPTIONS: '--conditions=handbook-other' } });
  await demo.says(kubeconfig);
});
afterAll(async () => {
  demo.child.kill();
  await demo.ended;
});

const runbook = (...args: readonly string[]): Promise<Ended> => startRunbook(args).ended;
const asked = (...args: readonly string[]): Promise<Ended> =>
  runbook('run', ...args, '--kubeconfig', kubeconfig, '--cluster-only');
const reportOf = ({ stdout }: Ended): Report => reportSchema.parse(JSON.parse(stdout));

describe('a cluster whose Gateway has another name', () => {
  it('is told from the stack’s, with the command that names it', async () => {
    const { code, stdout, stderr } = await asked('gateway-not-programmed');
    expect(code).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'it has ingress/front-door: run with --gateway ingress/front-door, or name it in runbooks/stack.ts, or ask another cluster.',
    );
    expect(stderr).toContain(
      `npm run --silent runbook -- run --gateway ingress/front-door gateway-not-programmed --kubeconfig ${kubeconfig} --cluster-only\n`,
    );
  });

  it('is examined as well as the stack’s own once that is named', async () => {
    const ended = await asked('gateway-not-programmed', 'certificate-not-ready', ...named, '-o', 'json');
    expect(ended.code).toBe(0);
    const report = reportOf(ended);
    expect(report.notice).toBeUndefined();
    expect(report.checks.find(({ id }) => id === 'gateway/exists')?.message).toBe('Found ingress/front-door.');
    // Where a command names the Gateway or the domain, it names these.
    const commands = report.checks.flatMap((check) => check.commands).join('\n');
    expect(commands).toContain('kubectl get gateway -n ingress front-door');
    expect(commands).not.toContain(stack.gateway.name);
    expect(commands).not.toContain(stack.domain);
  });

  it('has no other: a name that it lacks is told, with the one that may be meant', async () => {
    const { code, stdout, stderr } = await asked('--all', '--gateway', 'ingress/front-dor');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('There is no Gateway ingress/front-dor here; there is ingress/front-door.\n');
    expect(stderr).toContain('Name it: --gateway ingress/front-door');
  });

  it('gives a snapshot that is judged by the same name', async () => {
    const { code, stdout } = await runbook('snapshot', ...named, '--kubeconfig', kubeconfig, '--cluster-only');
    expect(code).toBe(0);
    const folder = writeFolder({ 'cluster.json': stdout });
    const judge = (...more: readonly string[]): Promise<Ended> =>
      runbook('run', 'gateway-not-programmed', '--snapshot', join(folder, 'cluster.json'), ...more);
    expect((await judge(...named)).code).toBe(0);
    expect((await judge('--gateway', 'a/b')).code).toBe(64);
  });
});

describe('manifests whose Gateway has another name', () => {
  const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: network, name: internal }
spec:
  gatewayClassName: envoy
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      hostname: '*.example.org'
      tls: { certificateRefs: [{ name: example }] }
`;
  const judged = (folder: string, ...more: readonly string[]): Promise<Ended> =>
    runbook('run', 'missing-sni', '--manifests', folder, '-o', 'json', ...more);

  it('are judged by it', async () => {
    const folder = writeFolder({ 'gateway.yaml': gateway });
    const report = reportOf(await judged(folder, '--gateway', 'network/internal', '--domain', 'example.org'));
    expect(report.checks.flatMap((check) => check.commands).join('\n')).toContain('get gateway -n network internal');
    expect(JSON.stringify(report.checks)).not.toContain(stack.domain);
  });

  it('have no other, where they hold Gateways; where they hold none, it may be elsewhere', async () => {
    const { code, stderr } = await judged(writeFolder({ 'gateway.yaml': gateway }), '--gateway', 'network/external');
    expect(code).toBe(64);
    expect(stderr).toContain('There is no Gateway network/external here; there is network/internal.');
    const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { namespace: a, name: b }\ndata: {}\n';
    const elsewhere = await judged(writeFolder({ 'config.yaml': config }), '--gateway', 'network/external');
    expect(reportOf(elsewhere).cluster.source).toBe('manifests');
  });
});

describe('the demo cluster', () => {
  it('is made with these names, and is as sound', async () => {
    const { code, stdout } = await runbook('run', '--all', '--demo', '--gateway', 'net/in', '--domain=lab.example');
    expect(stdout).toContain('Nothing failed (exit code 0)');
    expect(code).toBe(0);
  });

  it('has its faults under these names', async () => {
    const args = ['run', 'certificate-not-ready', '--demo', 'challenge-token-refused', '-o', 'json'];
    const report = reportOf(await runbook(...args, '--gateway=net/in', '--domain', 'Lab.Example.'));
    expect(report.rootCauses).not.toEqual([]);
    expect(JSON.stringify(report.checks)).toContain('lab.example');
    expect(JSON.stringify(report.checks)).not.toContain(stack.domain);
  });
});

describe('names that none can have', () => {
  it.each([
    { what: 'no namespace', args: ['--gateway', 'internal'], says: '"internal" is none' },
    { what: 'too many parts', args: ['--gateway', 'a/b/c'], says: '"a/b/c" is none' },
    { what: 'capitals', args: ['--gateway=Net/In'], says: '"Net/In" is none' },
    { what: 'nothing', args: ['--gateway='], says: '"" is none' },
    { what: 'one label', args: ['--domain', 'lab'], says: 'domain is "lab"' },
    { what: 'a wildcard', args: ['--domain', '*.example.org'], says: 'domain is "*.example.org"' },
    { what: 'no value', args: ['--domain'], says: 'argument missing' },
  ])('$what', async ({ args, says }) => {
    const { code, stdout, stderr } = await runbook('run', '--all', '--demo', ...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr.replace(/\s+/g, ' ')).toContain(says);
    expect(stderr).not.toContain('    at ');
  });

  it('and commands that ask nothing know no names', async () => {
    expect((await runbook('list', '--gateway', 'a/b')).code).toBe(64);
  });
});

describe('a stack under another domain', () => {
  const moved = renamed(stack, { domain: 'lab.example', gateway: { namespace: 'net', name: 'in' } });

  it('is sound, and the site stays what it is', () => {
    expect(stackTroubles(moved)).toEqual([]);
    expect(moved.site).toEqual(stack.site);
    expect(JSON.stringify({ ...moved, site: null, certificate: null, app: null, apps: null })).not.toContain(
      stack.domain,
    );
  });

  it('keeps the listener, and the certificate beside the Gateway', () => {
    expect(moved.gateway).toEqual({ ...stack.gateway, namespace: 'net', name: 'in' });
    expect(moved.certificate).toEqual({ ...stack.certificate, namespace: 'net' });
  });

  it('takes no longer name for one in the domain', () => {
    const like = { ...stack, clusterIssuer: { name: 'acme', email: `a@not${stack.domain}` } };
    expect(renamed(like, { domain: 'lab.example' }).clusterIssuer.email).toBe(`a@not${stack.domain}`);
  });
});
