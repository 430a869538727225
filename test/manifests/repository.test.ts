/** The manifests of this repository: they build with kubectl, they are valid, and no runbook finds a fault in them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runbooks } from '../../runbooks/index.ts';
import type { Report } from '../../src/runbook/report.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { validate } from '../../src/kinds/validate.ts';
import { judgeFolders } from '../support/manifests.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Whoever has adopted the handbook may have manifests elsewhere, or none. */
const places = ['infrastructure', 'apps'].filter((folder) => existsSync(`${root}/${folder}`));
const about = describe.skipIf(places.length < 2);
const lack = places.length < 2 ? ' (infrastructure or apps is missing)' : '';
const folders = places.flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'kustomization.yaml')
    .map(({ parentPath }) => relative(root, parentPath)),
);

const kustomize = async (folder: string): Promise<string> => {
  try {
    return (await promisify(execFile)('kubectl', ['kustomize', folder], { cwd: root })).stdout;
  } catch (error) {
    const hint =
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? ' Install kubectl: https://kubernetes.io/docs/tasks/tools/.'
        : '';
    throw new Error(`kubectl kustomize ${folder} failed.${hint}`, { cause: error });
  }
};

about(`kustomizations${lack}`, () => {
  it('are every folder’s but that of Helm values', () => {
    expect(folders.length).toBeGreaterThanOrEqual(10);
  });

  it.each(folders)('%s builds, lists every file, and is valid', async (folder) => {
    const objects = parseAllDocuments(await kustomize(folder)).map((tree) => tree.toJS() as { kind: string });
    const files = readdirSync(`${root}/${folder}`).filter(
      (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
    );
    expect(objects.length).toBeGreaterThanOrEqual(files.length);
    for (const object of objects) expect(await validate(object, packagedKinds), object.kind).toEqual([]);
  });
});

about(`runbooks, over the manifests${lack}`, () => {
  let report: Report;
  let notes: readonly string[];
  beforeAll(async () => {
    ({ report, notes } = await judgeFolders(['infrastructure', 'apps']));
  });

  it('find nothing', () => {
    const bad = report.checks.filter(({ outcome }) => !['passed', 'unknown', 'skipped'].includes(outcome));
    expect(bad.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    expect(report.runbooks.map(({ id }) => id)).toEqual(['manifests', ...runbooks.map(({ id }) => id)]);
    expect(report.runbooks[0]?.outcome).toBe('passed');
  });

  it('say of all that is unknown that only a cluster can tell', () => {
    const unknown = report.checks.filter(({ outcome }) => outcome === 'unknown');
    expect(unknown.length).toBeGreaterThan(50);
    expect(unknown.filter(({ message }) => !message.endsWith(': only a cluster can tell.'))).toEqual([]);
    expect(new Set(unknown.map(({ problem }) => problem?.kind))).toEqual(new Set(['unreachable']));
  });

  it('never say of a status, a pod or a server that it is well', () => {
    const byStatus = ['gateway/programmed', 'gateway/accepted', 'certificate/ready', 'httproute/is-accepted'];
    const byWorkload = ['envoy/ready', 'tailscale-operator/ready', 'app-service/has-ready-endpoints'];
    const byServer = ['envoy-gateway', 'cert-manager', 'external-secrets'].map((id) => `${id}/kinds-installed`);
    const all = new Map(report.checks.map(({ id, outcome }) => [id, outcome]));
    const said = [...byStatus, ...byWorkload, ...byServer].map((id) => [id, all.get(id)]);
    expect(said.filter(([, outcome]) => outcome !== 'unknown')).toEqual([]);
  });

  it('judge what is decided in Git', () => {
    const all = report.checks;
    const passed = new Set(all.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id));
    for (const id of [
      'gatewayclass/parameters-resolve',
      'envoyproxy/asks-for-tailscale',
      'gateway/serves-fitting-certificates',
      'certificate/covers-the-hostnames',
      'httproute/names-a-gateway',
      'httproute/is-allowed-by-the-listener',
      'external-secrets/stores-exist',
      'coredns/leads-to-the-internal-service',
    ]) {
      expect(passed).toContain(id);
    }
  });

  it('leave nothing out, but Helm values', () => {
    expect(notes).toEqual([]);
  });
});
