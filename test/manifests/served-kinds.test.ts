/** Manifests held against the kinds of a cluster, as the cluster says them: over HTTP, of an API server with definitions of its own. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { createUser } from '../../packages/apiserver/access/rbac.ts';
import { start, type Started } from '../../packages/apiserver/node/start.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { openSource } from '../../src/sources/open.ts';
import type { Source } from '../../src/sources/source.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { startApiServer, type Asked } from '../cluster/api-server.ts';
import { writeFolder } from '../support/manifests.ts';

const gateways = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gateways.gateway.networking.k8s.io
  annotations:
    controller-gen.kubebuilder.io/version: v0.19.0
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
              required: [gatewayClassName]
              x-kubernetes-validations: [{ rule: "self.gatewayClassName != 'taken'", message: the class is taken }]
              properties:
                gatewayClassName: { type: string }
                listeners: { type: array, items: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;
const issuers = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: issuers.cert-manager.io
  labels: { app.kubernetes.io/version: v1.19.0 }
spec:
  group: cert-manager.io
  names: { plural: issuers, kind: Issuer }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { acme: { type: object } } } } } }
`;

const gateway = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: tailscale-gateway, namespace: tailscale }
spec: { gatewayClassName: taken, sort: odd, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;
const issuer = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: { name: a, namespace: shop }
spec: { amce: {} }
`;
const service = `apiVersion: v1
kind: Service
metadata: { name: a, namespace: shop }
spec: { ports: [{ port: 80, tagetPort: 8080 }] }
`;
const budget = `apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: { name: a, namespace: shop }
`;
const certificate = `apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: a, namespace: shop }
spec: { secretName: a, isuerRef: { name: a }, issuerRef: { name: a } }
`;

const objects = (...texts: readonly string[]): readonly KubernetesObject[] =>
  texts.map((text) => parse(text) as KubernetesObject);

interface Judged {
  report: Report;
  notes: readonly string[];
  identity: readonly string[];
  /** `failed refused: what was said`, of every finding. */
  found: readonly string[];
}

async function judge(kubeconfig: string, manifests: readonly string[], crds?: string): Promise<Judged> {
  const folder = writeFolder({ 'all.yaml': manifests.join('---\n'), kubeconfig, ...(crds && { 'crds.txt': crds }) });
  const source: Source = await openSource(
    {
      source: 'manifests',
      places: [join(folder, 'all.yaml')],
      cluster: { kubeconfig: join(folder, 'kubeconfig') },
      ...(crds === undefined ? {} : { crds: join(folder, 'crds.txt') }),
    },
    { timeoutMs: 5000 },
  );
  if (source.runbook === undefined) throw new Error('It brings no runbook of its own.');
  const { report } = await run({ runbooks: [source.runbook], cluster: source.cluster });
  const found = report.checks.flatMap(({ findings }) =>
    findings.map(({ id, outcome, message }) => `${outcome} ${id.replace(/^.*#/, '')}: ${message}`),
  );
  return { report, notes: source.notes ?? [], identity: source.identity ?? [], found };
}

const odd = (release: string): string => `failed refused: unknown field "spec.sort". (${release})`;
const taken = (release: string): string => `failed refused: spec: Invalid value: the class is taken. (${release})`;
const target = (release: string, outcome = 'failed refused'): string =>
  `${outcome}: unknown field "spec.ports[0].tagetPort". Did you mean "targetPort"? (${release})`;

const ofCluster = ', as installed in the cluster';
const notRead = ', for what the cluster has could not be read';
const kubernetes = 'Kubernetes v1.36.2, as installed in the cluster';

/** The API server behind another that answers some paths itself, and remembers what it was asked. */
async function behind(
  { server, kubeconfig }: Started,
  refuses: (path: string) => boolean,
): Promise<{ kubeconfig: (user?: string) => string; asked: readonly Asked[] }> {
  const before = await startApiServer();
  onTestFinished(() => before.close());
  before.answer(({ url, headers }, response) => {
    if (refuses(url)) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    https.get(server + url, { headers, rejectUnauthorized: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
  });
  return { kubeconfig: (user) => kubeconfig(user).replaceAll(server, before.url), asked: before.asked };
}

let api: Started;
beforeAll(async () => {
  api = await start({ objects: objects(gateways, issuers), users: [createUser('outsider', [])] });
});
afterAll(() => api.close());

describe('manifests and the kinds of a cluster', () => {
  it('are judged by its definitions, which say their release, and by what it is built with', async () => {
    const { found, notes, identity, report } = await judge(api.kubeconfig(), [gateway, issuer, service, budget]);
    const release = `Gateway API v1.4.0 (standard channel)${ofCluster}`;
    expect(found).toEqual([
      `failed refused: no matches for kind "PodDisruptionBudget" in version "policy/v1beta1". Write policy/v1: that is served. (${kubernetes})`,
      target(kubernetes),
      `failed refused: unknown field "spec.amce". Did you mean "acme"? (cert-manager v1.19.0${ofCluster})`,
      odd(release),
      taken(release),
    ]);
    expect(notes).toEqual([]);
    expect(identity).toEqual([
      expect.stringMatching(/^Asks https:\/\/127\.0\.0\.1:\d+ \(context apiserver of .*\) as user admin\.$/),
    ]);
    expect(report.cluster).toMatchObject({ source: 'manifests', server: 'none', kubernetes: null });
    expect(report.cluster.context).toMatch(/^the manifests in .*, by the kinds of apiserver$/);
    // Its definitions, the index of its documents, two of them, and its version.
    expect(report.requests).toBe(5);
  });

  it('of whom definitions may not be read are judged by its documents, and it is said', async () => {
    const { found, notes, report } = await judge(api.kubeconfig('outsider'), [gateway, service]);
    expect(report.cluster.context).toMatch(/, by what apiserver tells of its kinds$/);
    const release = `Gateway API${ofCluster}`;
    expect(found).toEqual([target(kubernetes), odd(release), taken(release)]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^Could not read the CustomResourceDefinitions from https:.*: this user may not \(403: customresourcedefinitions\.apiextensions\.k8s\.io is forbidden: .*\)\. Who may list customresourcedefinitions may read them\.$/,
      ),
      'What the cluster does not tell of its kinds, others do: each message says of which release.',
    ]);
  });

  it('of a server without OpenAPI v3 are judged by its definitions, and by the packages', async () => {
    const { kubeconfig } = await behind(api, (path) => path.startsWith('/openapi'));
    const { found, notes } = await judge(kubeconfig(), [gateway, service, certificate]);
    expect(found).toEqual([
      target(`Kubernetes v1.36.0${notRead}`, 'warned ignored'),
      'warned ignored: unknown field "spec.isuerRef". Did you mean "issuerRef"? (cert-manager v1.20.2, for the cluster has no such kind)',
      odd(`Gateway API v1.4.0 (standard channel)${ofCluster}`),
      taken(`Gateway API v1.4.0 (standard channel)${ofCluster}`),
    ]);
    expect(notes[0]).toMatch(
      /^Could not read the index of its OpenAPI documents from .*: it serves no OpenAPI v3 \(404\)/,
    );
  });

  it('are judged by what is given, and then by the packages, where it tells nothing', async () => {
    const { kubeconfig } = await behind(api, (path) => path.startsWith('/openapi'));
    const given = gateways.replace('v1.4.0', 'v1.3.0');
    const all = await judge(kubeconfig('outsider'), [gateway, issuer], given);
    expect(all.found).toEqual([
      `warned ignored: unknown field "spec.amce". Did you mean "acme"? (cert-manager v1.20.2${notRead})`,
      odd(`Gateway API v1.3.0 (standard channel)${notRead}`),
      taken(`Gateway API v1.3.0 (standard channel)${notRead}`),
    ]);
    expect(all.notes).toHaveLength(3);
  });

  it('do not wait for a server that is gone, and hear of it once', async () => {
    const gone = await start();
    const kubeconfig = gone.kubeconfig();
    await gone.close();
    const { found, notes } = await judge(kubeconfig, [gateway, service, certificate]);
    expect(found.every((text) => text.endsWith(`${notRead})`) && text.startsWith('warned'))).toBe(true);
    expect(notes[0]).toMatch(/^Could not read .* from https:.*: it refused the connection/);
    expect(notes).toHaveLength(2);
  });

  it('that nobody lets in are judged all the same', async () => {
    const { found, notes } = await judge(api.kubeconfig().replace(/token: .*/, 'token: wrong'), [service]);
    expect(found).toEqual([target(`Kubernetes v1.36.0${notRead}`, 'warned ignored')]);
    expect(notes[0]).toMatch(/the server does not know the user "admin"/);
  });

  it('say so of a kind that the cluster does not have', async () => {
    const { found, notes } = await judge(api.kubeconfig(), [certificate]);
    expect(found).toEqual([
      'warned ignored: unknown field "spec.isuerRef". Did you mean "issuerRef"? (cert-manager v1.20.2, for the cluster has no such kind)',
    ]);
    expect(notes).toEqual([]);
  });

  it.each([
    ['built-in kinds only', [service], ['/openapi/v3', '/openapi/v3/api/v1', '/version']],
    ['custom kinds only', [gateway, issuer], ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=10']],
  ])('ask for no more than they need: %s', async (_title, manifests, paths) => {
    const { kubeconfig, asked } = await behind(api, () => false);
    const { report } = await judge(kubeconfig(), manifests);
    expect(asked.map(({ url }) => url).sort()).toEqual(paths);
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    expect(report.requests).toBe(paths.length);
  });

  it('read every page of many definitions, and keep those that they need', async () => {
    const many = Array.from(
      { length: 25 },
      (_, index) =>
        parse(
          gateways.replaceAll('gateways', `others${index}`).replaceAll('Gateway', `Other${index}`),
        ) as KubernetesObject,
    );
    const crowded = await start({ objects: [...many, ...objects(gateways)] });
    onTestFinished(() => crowded.close());
    const { found, report } = await judge(crowded.kubeconfig(), [gateway]);
    expect(found).toHaveLength(2);
    expect(report.requests).toBe(3);
  });

  it('of a version that the cluster does not serve are refused, with what it serves', async () => {
    const other = gateway.replace('/v1', '/v1beta1').replace('sort: odd, ', '').replace('taken', 'free');
    for (const user of ['admin', 'outsider']) {
      const { found } = await judge(api.kubeconfig(user), [other]);
      expect(found).toEqual([
        expect.stringMatching(
          /^failed refused: no matches for kind "Gateway" in version "gateway\.networking\.k8s\.io\/v1beta1"\. Write gateway\.networking\.k8s\.io\/v1: that is served\. \(Gateway API.*, as installed in the cluster\)$/,
        ),
      ]);
    }
  });
});

const shared = process.env['HANDBOOK_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const definitions = join(shared, 'kinds');
const isThere = existsSync(definitions);

describe.skipIf(!isThere)(
  `the makers’ own definitions in a cluster${isThere ? '' : ' (skipped: the makers’ data are not here)'}`,
  () => {
    it('tell of each of their kinds, which a cluster of this repository’s manifests takes', async () => {
      const folders = readdirSync(definitions, { recursive: true, withFileTypes: true });
      const files = folders
        .filter(({ name }) => name.endsWith('.yaml'))
        .map((file) => join(file.parentPath, file.name));
      const all = files.flatMap((file) =>
        parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubernetesObject),
      );
      const installed = await start({ objects: all });
      onTestFinished(() => installed.close());
      const folder = writeFolder({});
      writeFileSync(join(folder, 'kubeconfig'), installed.kubeconfig());
      const source = await openSource({
        source: 'manifests',
        places: ['infrastructure', 'apps'],
        cluster: { kubeconfig: join(folder, 'kubeconfig') },
      });
      if (source.runbook === undefined) throw new Error('It brings no runbook of its own.');
      const { report } = await run({ runbooks: [source.runbook], cluster: source.cluster });
      const wrong = report.checks.flatMap(({ findings }) => findings.map(({ message }) => message));
      expect(wrong).toEqual([]);
      const said = report.checks.map(({ message }) => message).join('\n');
      for (const project of ['Gateway API', 'Envoy Gateway', 'cert-manager', 'External Secrets', 'Kubernetes']) {
        expect(said).toMatch(new RegExp(`${project}[^,]*, as installed in the cluster`));
      }
    });
  },
);
