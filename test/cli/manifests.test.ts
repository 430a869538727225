/** `run --manifests` as a pipeline sees it. */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start } from '../../packages/apiserver/node/start.ts';
import { reportSchema } from '../../src/runbook/report.ts';
import { ensureHelm } from '../support/helm.ts';
import { writeFolder } from '../support/manifests.ts';
import { startRunbook, type Ended } from '../support/terminal.ts';

const runbook = (...args: readonly string[]): Promise<Ended> => piped('', ...args);

const piped = (input: string, ...args: readonly string[]): Promise<Ended> =>
  startRunbook(['run', ...args], { input }).ended;

/** On a machine without helm, whatever this one has. */
const withoutHelm = (...args: readonly string[]): Promise<Ended> =>
  startRunbook(['run', ...args], { input: '', env: { PATH: '/nowhere' } }).ended;

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
const wrong = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: Shop }\n';

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: a, namespace: b }
spec: { gatewayClassName: taken, sort: odd, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;
const gateways = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gateways.gateway.networking.k8s.io
  annotations:
    gateway.networking.k8s.io/bundle-version: v1.4.0
    gateway.networking.k8s.io/channel: standard
spec:
  group: gateway.networking.k8s.io
  names: { plural: gateways, kind: Gateway }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              x-kubernetes-validations: [{ rule: "self.gatewayClassName != 'taken'", message: the class is taken }]
              properties:
                gatewayClassName: { type: string }
                listeners: { type: array, items: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;

describe('run --manifests', () => {
  it('takes a folder that is called like a runbook', () => {
    const folder = writeFolder({ 'missing-sni/namespace.yaml': namespace });
    const { status, stderr } = spawnSync(
      process.execPath,
      [resolve('src/cli/main.ts'), 'run', '--manifests', 'missing-sni'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect([stderr, status]).toEqual(['', 2]);
  });

  it('runs every runbook over this repository, and ends with 2: a cluster would tell more', async () => {
    const { code, stdout, stderr } = await runbook('--manifests', 'infrastructure', 'apps', '-o', 'json');
    expect(code).toBe(2);
    expect(stderr).toBe('');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.cluster).toEqual({
      source: 'manifests',
      context: 'the manifests in infrastructure, apps',
      server: 'none',
      kubernetes: null,
      user: null,
    });
    expect(report.requests).toBe(0);
    expect(report.runbooks.length).toBeGreaterThan(10);
  });

  it('runs the runbooks that are named, after the manifests’ own', async () => {
    const { stdout } = await runbook('required-wiring', '--manifests', 'infrastructure', '-o', 'json');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.runbooks.map(({ id }) => id)).toEqual(['manifests', 'required-wiring']);
  });

  it('ends with 1 when a manifest is wrong, and says where', async () => {
    const folder = writeFolder({ 'a.yaml': wrong });
    const { code, stdout } = await runbook('--manifests', folder);
    expect(code).toBe(1);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('metadata.name: Invalid value: "Shop": a lowercase RFC 1123 label');
    expect(text).toContain(`${folder}/a.yaml:3:`);
  });

  it('warns of a field that another release may have, and fails by the definitions of what is installed', async () => {
    const folder = writeFolder({ 'a.yaml': gateway, 'definitions.yml.txt': gateways });
    const warned = await runbook('--manifests', folder);
    expect(warned.code).toBe(2);
    expect(warned.stdout.replace(/\s+/g, ' ')).toContain('unknown field "spec.sort". (Gateway API v1.5.1)');
    const failed = await runbook('--manifests', folder, '--crds', `${folder}/definitions.yml.txt`);
    expect(failed.code).toBe(1);
    const text = failed.stdout.replace(/\s+/g, ' ');
    expect(text).toContain('unknown field "spec.sort". (Gateway API v1.4.0 (standard channel))');
    expect(text).toContain('spec: Invalid value: the class is taken. (Gateway API v1.4.0 (standard channel))');
    expect(text).not.toContain('spec.listeners');
  });

  it.each([
    [
      'a place that is not there',
      ['--manifests', 'apps', '--crds', 'nowhere'],
      66,
      /There is no file or folder nowhere\./,
    ],
    [
      'a file without definitions',
      ['--manifests', 'apps', '--crds', 'README.md'],
      66,
      /There is no CustomResourceDefinition in README\.md/,
    ],
    ['no manifests to judge', ['--all', '--crds', 'apps'], 64, /Pass --manifests, or leave --crds out\./],
  ])('says of --crds what is wrong: %s', async (_title, args, code, message) => {
    const ended = await runbook(...args);
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(code);
  });

  it('says in one line what only a cluster can tell, and lists it when asked', async () => {
    const args = ['--manifests', 'infrastructure'] as const;
    const [brief, long] = await Promise.all([runbook(...args), runbook(...args, '-v')]);
    const text = brief.stdout.replace(/\s+/g, ' ');
    const [, some, all] = /Only a cluster can tell (\d+) of (\d+) checks: .* -v lists them\./.exec(text) ?? [];
    expect(Number(some)).toBeGreaterThan(10);
    expect(Number(all)).toBeGreaterThan(Number(some));
    expect(text.match(/only a cluster can tell/gi)).toHaveLength(1);
    expect(brief.stdout.split('\n').length).toBeLessThan(12);
    expect(long.stdout.match(/only a cluster can tell/g)?.length).toBeGreaterThanOrEqual(Number(some));
  });

  it('as JUnit has no error for what nobody asked', async () => {
    const { stdout } = await runbook('--manifests', 'infrastructure', 'apps', '-o', 'junit');
    expect(stdout).toContain('only a cluster can tell');
    expect(stdout).not.toMatch(/<error|<failure|errors="[1-9]|failures="[1-9]/);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['an empty folder', {}, ['There is no manifest in', 'Name files, or folders that hold YAML or JSON files']],
    ['Helm values only', { 'values.yaml': 'replicas: 1\n' }, ['There is no manifest in', 'or Helm charts']],
    [
      'a chart only, without helm',
      { 'Chart.yaml': 'name: a\n', 'templates/a.yaml': '{{- if .Values.a }}\n' },
      ['only a Helm chart, and no helm on the PATH that renders it', 'Install helm', 'helm template'],
    ],
  ])('refuses %s', async (_title, files, says) => {
    const { code, stdout, stderr } = await withoutHelm('--manifests', writeFolder(files));
    for (const text of says) expect(stderr.replace(/\s+/g, ' ')).toContain(text);
    expect(stderr).toMatch(/^error: /m);
    expect(stdout).toBe('');
    expect(code).toBe(66);
  });

  it.each<[string, string, string]>([
    ['what is not YAML', 'a: 1\nkind: [1, 2\napiVersion: 3\n', 'bad.yaml:3:1'],
    ['a key twice', `${namespace}kind: Service\n`, 'bad.yaml:4:1'],
    ['an object without kind', `${namespace}---\napiVersion: v1\nmetadata: { name: a }\n`, 'bad.yaml:5:1'],
  ])('tells of %s with its place, and of what is wrong elsewhere', async (_title, bad, place) => {
    const folder = writeFolder({ 'bad.yaml': bad, 'other.yaml': wrong });
    const { code, stdout, stderr } = await runbook('--manifests', folder, '-o', 'github');
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line.startsWith('::error'));
    const [, line, column] = place.split(':');
    expect(lines.some((text) => text.includes(`bad.yaml,line=${line ?? ''},col=${column ?? ''},`))).toBe(true);
    expect(lines.some((text) => text.includes('other.yaml,line=3'))).toBe(true);
    expect(code).toBe(1);
  });

  it('takes what is piped in, and leaves out what is excluded', async () => {
    const folder = writeFolder({ 'bad/a.yaml': wrong, 'good/a.yaml': namespace });
    const given = await piped(wrong, '--manifests', '-', '-o', 'json');
    expect(given.code).toBe(1);
    expect(given.stdout).toContain('"file": "stdin"');
    expect((await runbook('--manifests', folder, '--exclude', 'bad')).code).toBe(2);
    const both = await runbook('--manifests', '-', '--crds', '-');
    expect(both.stderr).toContain('Only one thing can be piped in.');
    expect(both.code).toBe(64);
    const useless = await runbook('--all', '--exclude', 'bad');
    expect(useless.stderr).toContain('Pass --manifests, or leave --exclude out.');
  });

  it('says of a chart beside manifests that it is left out', async () => {
    const folder = writeFolder({
      'a.yaml': namespace,
      'chart/Chart.yaml': 'name: a\n',
      'chart/templates/b.yaml': '{{ oops',
    });
    const { code, stderr } = await withoutHelm('--manifests', folder);
    expect(stderr).toContain(
      `${folder}/chart is a Helm chart, which is not rendered: with helm on the PATH it would be rendered and judged.`,
    );
    expect(code).toBe(2);
  });

  it('judges a chart alone, where there is helm, at the line of its template', async () => {
    const folder = writeFolder({
      'Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n',
      'templates/a.yaml': wrong.replace('Shop', '{{ .Values.name | title }}'),
      'values.yaml': 'name: shop\n',
    });
    const { ended, left } = startRunbook(['run', '--manifests', folder], {
      input: '',
      env: { PATH: `${dirname(ensureHelm())}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    const { code, stdout, stderr } = await ended;
    expect(stderr).toMatch(/is a Helm chart: rendered by helm v\d+\.\d+\.\d+, which fetches nothing/);
    expect(stdout).toContain(`${folder}/templates/a.yaml:3:1`);
    expect(stdout).toContain('Namespace Shop would be refused');
    expect(code).toBe(1);
    // Neither copies of charts nor homes of helm.
    expect(left().filter((name) => name.startsWith('runbook-'))).toEqual([]);
  });

  it('refuses a folder that is not there, and a second source', async () => {
    const absent = await runbook('--manifests', 'infrastructur');
    expect(absent.stderr).toContain('There is no file or folder infrastructur.');
    expect(absent.stderr).toContain('Name folders and files that hold manifests');
    expect(absent.code).toBe(66);
    const both = await runbook('--demo', '--manifests', 'infrastructure');
    expect(both.stderr).toContain('A run asks one cluster.');
    expect(both.code).toBe(64);
  });

  it('asks a cluster that is named for its kinds, says whom, and goes on without', async () => {
    const served = await start();
    const folder = writeFolder({ 'a.yaml': `${namespace}---\n${gateway}`, config: served.kubeconfig() });
    const named = ['--manifests', `${folder}/a.yaml`, '--kubeconfig', `${folder}/config`] as const;
    const asked = await runbook(...named, '--context', 'apiserver', '-o', 'json');
    expect(asked.stderr).toMatch(
      /^Asks https:\/\/127\.0\.0\.1:\d+ \(context apiserver of \S+\) as user admin\.\nThe manifests have no Gateway .*: --gateway b\/a\n$/,
    );
    const report = reportSchema.parse(JSON.parse(asked.stdout));
    expect(report.requests).toBeGreaterThan(0);
    expect(asked.stdout).toContain('(Kubernetes v1.36.2, as installed in the cluster)');
    expect(asked.stdout).toContain(
      'unknown field \\"spec.sort\\". (Gateway API v1.5.1, for the cluster has no such kind)',
    );
    await served.close();
    const gone = await runbook(...named);
    expect(gone.stderr).toContain('it refused the connection');
    expect(gone.stderr).toContain('others do: each message says of which release.');
    expect(gone.code).toBe(2);
    const strange = await runbook(...named, '--context', 'elsewhere');
    expect(strange.stderr).toContain('has no context "elsewhere"');
    expect(strange.code).toBe(64);
  });
});
