/** Where people keep what a chart is told, and what comes of it: each place beside the others, in the order of whoever installs the chart. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { render } from '../../src/manifests/apply/render.ts';
import { treeOfFiles } from '../../src/manifests/files/tree.ts';
import { walk } from '../../src/manifests/files/walk.ts';
import { writeFolder } from '../support/manifests.ts';

/** The owner that ExternalDNS is told, and the file in which that stands; every layer of these tests says one. */
async function told(folder: string): Promise<readonly string[]> {
  const tree = treeOfFiles();
  const { files, root, charts } = await walk(tree, [folder]);
  const { clusters } = await render(tree, files, { places: [folder], root, charts });
  return clusters.flatMap(({ told: made }) =>
    made.map(({ object, file }) => {
      const { spec } = object as unknown as { spec: { template: { spec: { containers: { args: string[] }[] } } } };
      const flags = spec.template.spec.containers[0]?.args.filter((one) => /owner|prefix|domain/.test(one)) ?? [];
      return `${file.slice(folder.length + 1)}: ${flags.join(' ')}`;
    }),
  );
}

const git = { '.git/config': '[remote "origin"]\n  url = https://git.example.org/me/home.git\n' };
const home = 'https://git.example.org/me/home';

const application = (helm: string, more = ''): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: dns, namespace: argocd }
spec:
  destination: { namespace: dns }
  sources:
    - { chart: external-dns, repoURL: https://charts.example.org, targetRevision: 1.15.0, helm: { ${helm} } }
    - { repoURL: ${home}, ref: values }
    ${more}
`;

const argo = (helm: string, files: Readonly<Record<string, string>> = {}, more = ''): Promise<readonly string[]> =>
  told(writeFolder({ ...git, 'apps/dns.yaml': application(helm, more), ...files }));

describe('an Application', () => {
  const files = {
    'dns/one.yaml': 'txtOwnerId: one\ntxtPrefix: one\n',
    'dns/two.yaml': 'txtOwnerId: two\n',
  };

  it('takes value files of this repository, the later over the earlier', async () => {
    expect(await argo('valueFiles: [$values/dns/one.yaml, $values/dns/two.yaml]', files)).toEqual([
      'dns/two.yaml: --txt-owner-id=two --txt-prefix=one',
    ]);
  });

  it('takes values over those, and parameters over all, text last', async () => {
    const helm = 'valueFiles: [$values/dns/one.yaml], values: "txtOwnerId: inline"';
    expect(await argo(helm, files)).toEqual(['apps/dns.yaml: --txt-owner-id=inline --txt-prefix=one']);
    const both = `${helm}, valuesObject: { txtOwnerId: object }`;
    expect(await argo(both, files)).toEqual(['apps/dns.yaml: --txt-owner-id=object --txt-prefix=one']);
    const parameters = `parameters: [{ name: txtOwnerId, value: "7", forceString: true }, { name: txtOwnerId, value: x }, { name: "domainFilters[0]", value: "a,b" }]`;
    expect(await argo(`${both}, ${parameters}`, files)).toEqual([
      'apps/dns.yaml: --txt-owner-id=7 --txt-prefix=one --domain-filter=a,b',
    ]);
  });

  it('takes a parameter of a file, and fills in its own name', async () => {
    const helm =
      'fileParameters: [{ name: txtOwnerId, path: $values/dns/owner }], parameters: [{ name: txtPrefix, value: $ARGOCD_APP_NAME }]';
    expect(await argo(helm, { 'dns/owner': 'of a file' })).toEqual([
      'apps/dns.yaml: --txt-owner-id=of a file --txt-prefix=dns',
    ]);
  });

  it('goes on without a file that need not be there', async () => {
    const helm = 'valueFiles: [$values/dns/one.yaml, $values/dns/none.yaml]';
    expect(await argo(`${helm}, ignoreMissingValueFiles: true`, files)).toEqual([
      'dns/one.yaml: --txt-owner-id=one --txt-prefix=one',
    ]);
    expect(await argo(helm, files)).toEqual([]);
  });

  it.each([
    ['a file of the chart itself', 'valueFiles: [values-prod.yaml]'],
    ['a file that is fetched', 'valueFiles: [https://example.org/values.yaml]'],
    ['a file above the repository', 'valueFiles: [$values/../../etc/passwd]'],
    ['a file at the root of the machine', 'valueFiles: [/etc/passwd]'],
    ['a link out of the repository', 'valueFiles: [$values/dns/link.yaml]'],
    ['a pattern', 'valueFiles: [$values/dns/*.yaml]'],
    ['a file that is no map', 'valueFiles: [$values/dns/list.yaml]'],
    ['a parameter that helm refuses', 'parameters: [{ name: "a[", value: b }]'],
  ])('tells nothing where it takes %s', async (_what, helm) => {
    const folder = writeFolder({ ...git, ...files, 'apps/dns.yaml': application(helm), 'dns/list.yaml': '- a\n' });
    const outside = writeFolder({ 'values.yaml': 'txtOwnerId: outside\n' });
    symlinkSync(join(outside, 'values.yaml'), join(folder, 'dns/link.yaml'));
    expect(await told(folder)).toEqual([]);
  });

  it('that an ApplicationSet makes is told by the file of its own folder', async () => {
    const set = `
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: all, namespace: argocd }
spec:
  goTemplate: true
  generators:
    - git: { repoURL: ${home}, files: [{ path: apps/*/app.yaml }] }
  template:
    metadata: { name: '{{ .path.basename }}' }
    spec:
      destination: { namespace: '{{ .path.basename }}' }
      sources:
        - chart: '{{ .chart.name }}'
          repoURL: https://charts.example.org
          targetRevision: 1.15.0
          helm: { valueFiles: ['$own/{{ .path.path }}/values.yaml'] }
        - { repoURL: ${home}, ref: own }
`;
    const folder = writeFolder({
      ...git,
      'set.yaml': set,
      'apps/dns/app.yaml': 'chart: { name: external-dns }\n',
      'apps/dns/values.yaml': 'txtOwnerId: own\n',
    });
    expect(await told(folder)).toEqual(['apps/dns/values.yaml: --txt-owner-id=own']);
  });
});

const release = (spec: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: external-dns, namespace: dns }
spec:
  chart: { spec: { chart: external-dns, sourceRef: { kind: HelmRepository, name: charts } } }
  ${spec}
`;

const configs = `
apiVersion: v1
kind: ConfigMap
metadata: { name: base, namespace: dns }
data: { values.yaml: "txtOwnerId: map\\ntxtPrefix: map", other: "txtPrefix: other", domain: a.example.org }
---
apiVersion: v1
kind: Secret
metadata: { name: secret, namespace: dns }
data: { values.yaml: dHh0T3duZXJJZDogc2VjcmV0, hidden: "ENC[AES256_GCM,data:x]" }
---
`;

const flux = (spec: string): Promise<readonly string[]> =>
  told(writeFolder({ 'all.yaml': `${configs}${release(spec)}` }));

describe('a HelmRelease', () => {
  it.each<[string, string, string]>([
    ['a ConfigMap', 'valuesFrom: [{ kind: ConfigMap, name: base }]', '--txt-owner-id=map --txt-prefix=map'],
    ['a key', 'valuesFrom: [{ kind: ConfigMap, name: base, valuesKey: other }]', '--txt-prefix=other'],
    [
      'a Secret over it',
      'valuesFrom: [{ kind: ConfigMap, name: base }, { kind: Secret, name: secret }]',
      '--txt-owner-id=secret --txt-prefix=map',
    ],
    [
      'its own values over both',
      'valuesFrom: [{ kind: ConfigMap, name: base }], values: { txtPrefix: own }'.replace(', values', '\n  values'),
      '--txt-owner-id=map --txt-prefix=own',
    ],
    [
      'one value at its path',
      'valuesFrom: [{ kind: ConfigMap, name: base, valuesKey: domain, targetPath: "domainFilters[0]" }]',
      '--domain-filter=a.example.org',
    ],
    [
      'a key that need not be there',
      'valuesFrom: [{ kind: ConfigMap, name: base, valuesKey: none, optional: true }]',
      '',
    ],
    ['a null, which takes away', 'values: { registry: null, txtOwnerId: null }', ''],
  ])('is told by %s', async (_what, spec, flags) => {
    expect((await flux(spec)).map((one) => one.replace(/^[^:]*: /, ''))).toEqual([flags]);
  });

  it.each([
    ['an object that is nowhere', 'valuesFrom: [{ kind: Secret, name: elsewhere, optional: true }]'],
    ['a key that is nowhere', 'valuesFrom: [{ kind: ConfigMap, name: base, valuesKey: none }]'],
    ['what SOPS encrypts', 'valuesFrom: [{ kind: Secret, name: secret, valuesKey: hidden, targetPath: txtOwnerId }]'],
    ['files of a chart that is elsewhere', 'chart: { spec: { chart: external-dns, valuesFiles: [values-prod.yaml] } }'],
  ])('is not told where it takes %s', async (_what, spec) => {
    const all = spec.startsWith('chart') ? release('').replace(/chart: \{ spec.*$/m, spec) : release(spec);
    expect(await told(writeFolder({ 'all.yaml': `${configs}${all}` }))).toEqual([]);
  });
});

const kustomized = (chart: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> =>
  told(
    writeFolder({
      'kustomization.yaml': `helmCharts:\n  - { name: external-dns, repo: https://charts.example.org, version: 1.15.0, releaseName: external-dns, namespace: dns, ${chart} }\n`,
      'values.yaml': 'txtOwnerId: file\ntxtPrefix: file\n',
      'more.yaml': 'txtPrefix: more\n',
      ...files,
    }),
  );

describe('a chart of a kustomization', () => {
  it.each<[string, string, string]>([
    ['a file', 'valuesFile: values.yaml', 'values.yaml: --txt-owner-id=file --txt-prefix=file'],
    [
      'a further file over it',
      'valuesFile: values.yaml, additionalValuesFiles: [more.yaml]',
      'more.yaml: --txt-owner-id=file --txt-prefix=more',
    ],
    [
      'inline values over the file',
      'valuesFile: values.yaml, valuesInline: { txtPrefix: inline }',
      'kustomization.yaml: --txt-owner-id=file --txt-prefix=inline',
    ],
    [
      'the file over inline values',
      'valuesFile: values.yaml, valuesMerge: merge, valuesInline: { txtPrefix: inline, domainFilters: [a] }',
      'kustomization.yaml: --txt-owner-id=file --txt-prefix=file --domain-filter=a',
    ],
    [
      'inline values alone',
      'valuesFile: values.yaml, valuesMerge: replace, valuesInline: { txtPrefix: inline }',
      'kustomization.yaml: --txt-prefix=inline',
    ],
    [
      'a null, which takes away what the file has',
      'valuesFile: values.yaml, valuesInline: { txtPrefix: null }',
      'kustomization.yaml: --txt-owner-id=file',
    ],
  ])('is told by %s', async (_what, chart, expected) => {
    expect(await kustomized(chart)).toEqual([expected]);
  });

  it('is told by the fields of the older form, too', async () => {
    const folder = writeFolder({
      'kustomization.yaml':
        'helmChartInflationGenerator:\n  - { chartName: external-dns, releaseName: external-dns, values: values.yaml, valuesLocal: { txtPrefix: local } }\n',
      'values.yaml': 'txtOwnerId: file\n',
    });
    expect(await told(folder)).toEqual(['kustomization.yaml: --txt-owner-id=file --txt-prefix=local']);
  });

  it('is not told where a file leads out of its folder', async () => {
    expect(await kustomized('valuesFile: ../values.yaml')).toEqual([]);
  });
});

it('a chart that brings another tells that one what stands under its name', async () => {
  const folder = writeFolder({
    'dns/Chart.yaml':
      'apiVersion: v2\nname: dns\nversion: 0.0.0\ndependencies: [{ name: external-dns, version: 1.14.3, repository: https://charts.example.org }]\n',
    'dns/values.yaml': 'external-dns:\n  txtOwnerId: umbrella\n',
  });
  expect(await told(folder)).toEqual(['dns/values.yaml: --txt-owner-id=umbrella']);
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/Chart.yaml'), 'apiVersion: v2\nname: other\nversion: 0.0.0\ndependencies: 3\n');
  expect(await told(folder)).toEqual(['dns/values.yaml: --txt-owner-id=umbrella']);
});
