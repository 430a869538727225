/** Charts that are in the tree, rendered by a real helm: who installs them, what comes of it, and what is refused. */
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { noteText } from '../../../src/manifests/manifest.ts';
import { findHelm, type Helm } from '../../../src/manifests/helm/program.ts';
import { runParts } from '../../../src/runbook/apart.ts';
import { openManifests } from '../../../src/sources/manifests.ts';
import { partsOf } from '../../../src/sources/source.ts';
import { ensureHelm } from '../../support/helm.ts';
import { renderFolders, writeFolder } from '../../support/manifests.ts';

let helm: Helm | undefined;
beforeAll(async () => {
  helm = await findHelm(dirname(ensureHelm()));
});
const found = (): Promise<Helm | undefined> => Promise.resolve(helm);

const git = { '.git/config': '[remote "origin"]\n  url = https://git.example.org/me/home.git\n' };

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
spec:
  selector: { app: web }
  ports:
    - name: http
      port: {{ .Values.port }}
      targetPort: {{ .Values.target }}
`;

const chart = (at: string, more = ''): Readonly<Record<string, string>> => ({
  [`${at}/Chart.yaml`]: `apiVersion: v2\nname: web\nversion: 1.0.0\n${more}`,
  [`${at}/values.yaml`]: 'port: 80\ntarget: http\nextra: { a: 1 }\n',
  [`${at}/templates/service.yaml`]: service,
  [`${at}/templates/NOTES.txt`]: 'Thank you.\n',
  [`${at}/templates/tests/test.yaml`]:
    'apiVersion: v1\nkind: Pod\nmetadata: { name: test, annotations: { "helm.sh/hook": test } }\n',
});

/** What comes of a folder: its objects by name, with a Service's port and where that stands, and what is said. */
async function seen(
  folder: string,
): Promise<{ objects: readonly string[]; makers: readonly string[]; said: readonly string[] }> {
  const { clusters, notes, faults } = await renderFolders([folder], found);
  const plain = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(folder, '.');
  return {
    objects: clusters.flatMap(({ manifests }) =>
      manifests
        .filter(({ object }) => object.kind === 'Service')
        .map(({ object, file, place }) => {
          const { spec } = object as unknown as { spec: { ports: { port: unknown }[] } };
          const { line } = place(['spec', 'ports', 0, 'port']);
          return plain(
            `${object.metadata.namespace ?? '-'}/${object.metadata.name} ${String(spec.ports[0]?.port)} ${file}:${line}`,
          );
        }),
    ),
    makers: clusters.flatMap(({ makers }) => makers.map(({ what, namespace }) => `${what} in ${namespace ?? '-'}`)),
    said: [...notes.map(noteText), ...faults.map((fault) => `fault: ${noteText(fault)}`)].map(plain),
  };
}

const application = (source: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, namespace: argocd }
spec:
  destination: { namespace: shop }
  source: { repoURL: https://git.example.org/me/home, ${source} }
`;

const release = (spec: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: home, namespace: flux-system }
spec: { url: https://git.example.org/me/home }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: shop, namespace: shop }
spec:
  chart: { spec: { chart: ./charts/web, sourceRef: { kind: GitRepository, name: home, namespace: flux-system } } }
  ${spec}
`;

describe('a chart in the tree', () => {
  it('that nobody installs is judged with its own values, at the lines of its templates', async () => {
    const { objects, said } = await seen(writeFolder(chart('web')));
    expect(objects).toEqual(['default/web-web 80 web/templates/service.yaml:9']);
    expect(said).toEqual([`web is a Helm chart: rendered by helm ${helm?.version ?? ''}, which fetches nothing.`]);
  });

  it('that an Application installs is told by it', async () => {
    const { objects, makers, said } = await seen(
      writeFolder({
        ...git,
        ...chart('charts/web'),
        'charts/web/prod.yaml': 'port: 81\ntarget: prod\n',
        'apps.yaml': application(
          'path: charts/web, helm: { valueFiles: [prod.yaml], parameters: [{ name: port, value: "82" }] }',
        ),
      }),
    );
    expect(objects).toEqual(['shop/shop-web 82 charts/web/templates/service.yaml:9']);
    expect(makers).toEqual([]);
    expect(said).toEqual([expect.stringContaining('charts/web is a Helm chart: rendered by helm')]);
  });

  it('that a HelmRelease installs is told by it and by a ConfigMap, and by files in place of its own', async () => {
    const config =
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: more, namespace: shop }\ndata: { values.yaml: "port: 83" }\n';
    const files = { ...git, ...chart('charts/web'), 'charts/other.yaml': 'port: 1\ntarget: other\n' };
    const told = 'valuesFrom: [{ kind: ConfigMap, name: more }]';
    const first = await seen(writeFolder({ ...files, 'all.yaml': `${release(told)}${config}` }));
    expect(first.objects).toEqual(['shop/shop-web 83 charts/web/templates/service.yaml:9']);
    expect(first.makers).toEqual([]);
    const other = release('targetNamespace: live').replace(
      'chart: ./charts/web,',
      'chart: ./charts/web, valuesFiles: [charts/other.yaml],',
    );
    const second = await seen(writeFolder({ ...files, 'all.yaml': other }));
    expect(second.objects).toEqual(['live/live-shop-web 1 charts/web/templates/service.yaml:9']);
  });

  it('that a kustomization installs goes through its transformers', async () => {
    const chartOf = 'name: web, releaseName: shop, namespace: shop, valuesInline: { port: 84 }';
    const { objects, said } = await seen(
      writeFolder({
        ...chart('own/web'),
        'kustomization.yaml': `namespace: live\nnameSuffix: -x\nhelmGlobals: { chartHome: own }\nhelmCharts: [{ ${chartOf} }]\n`,
      }),
    );
    expect(objects).toEqual(['live/shop-web-x 84 own/web/templates/service.yaml:9']);
    expect(said).toEqual([expect.stringMatching(/renders the chart own\/web with helm v\d/)]);
  });

  it('of Applications is followed to what those apply', async () => {
    const { objects } = await seen(
      writeFolder({
        ...git,
        'root.yaml': application('path: apps').replace('name: shop', 'name: root'),
        'apps/Chart.yaml': 'apiVersion: v2\nname: apps\nversion: 1.0.0\n',
        'apps/templates/shop.yaml': application('path: charts/web, helm: { releaseName: {{ .Release.Name }}-x }'),
        ...chart('charts/web'),
      }),
    );
    expect(objects).toEqual(['shop/root-x-web 80 charts/web/templates/service.yaml:9']);
  });

  it('takes a null for a value that is taken away, as in helm', async () => {
    const template =
      'apiVersion: v1\nkind: Service\nmetadata: { name: {{ .Values.extra.a | default "gone" }} }\nspec: { ports: [{ port: 1 }] }\n';
    const { objects } = await seen(
      writeFolder({
        ...git,
        ...chart('charts/web'),
        'charts/web/templates/service.yaml': template,
        'apps.yaml': application('path: charts/web, helm: { valuesObject: { extra: { a: null } } }'),
      }),
    );
    expect(objects.map((one) => one.split(' ')[0])).toEqual(['shop/gone']);
  });

  it('brings along what stands beside it in the tree, and is not rendered without the rest', async () => {
    const common = {
      'common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n',
      'common/templates/_port.tpl': '{{ define "common.port" }}85{{ end }}',
    };
    const here = {
      ...chart('web', 'dependencies: [{ name: common, version: 1.0.0, repository: "file://../common" }]\n'),
      ...common,
    };
    const files = { ...here, 'web/templates/service.yaml': service.replace('.Values.port', 'include "common.port" .') };
    expect((await seen(writeFolder(files))).objects).toEqual(['default/web-web 85 web/templates/service.yaml:9']);
    const { objects, said } = await seen(
      writeFolder(
        chart('web', 'dependencies: [{ name: redis, version: 1.x, repository: https://charts.example.org }]\n'),
      ),
    );
    expect(objects).toEqual([]);
    expect(said).toEqual([
      'web is a Helm chart, which is not rendered: it depends on the chart redis 1.x of https://charts.example.org, which is not in its folder charts, and nothing is fetched.',
    ]);
  });

  it('that asks the cluster is judged, and may make more', async () => {
    const { objects, makers } = await seen(
      writeFolder({
        ...git,
        ...chart('charts/web'),
        'charts/web/templates/more.yaml': '{{ if .Capabilities.APIVersions.Has "example.org/v1" }}\na: b\n{{ end }}\n',
        'apps.yaml': application('path: charts/web'),
      }),
    );
    expect(objects).toHaveLength(1);
    expect(makers).toEqual(['Application argocd/shop in shop']);
  });

  it('that helm refuses is a fault of who installs it, in the words of helm', async () => {
    const { objects, makers, said } = await seen(
      writeFolder({
        ...git,
        ...chart('charts/web'),
        'charts/web/templates/service.yaml': '{{ required "Give a port." .Values.none }}\n',
        'apps.yaml': application('path: charts/web'),
      }),
    );
    expect(objects).toEqual([]);
    expect(makers).toEqual(['Application argocd/shop in shop']);
    expect(said[0]).toMatch(
      /^fault: apps\.yaml:7:\d+ has Application argocd\/shop install the chart charts\/web, which is not rendered: helm v\S+ says: execution error at \(web\/templates\/service\.yaml:1:3\): Give a port\./,
    );
  });

  it('that is told by what is not in Git is left, and says so', async () => {
    const { objects, makers, said } = await seen(
      writeFolder({
        ...git,
        ...chart('charts/web'),
        'all.yaml': release('valuesFrom: [{ kind: Secret, name: hidden }]'),
      }),
    );
    expect(objects).toEqual([]);
    expect(makers).toEqual(['HelmRelease shop/shop in shop']);
    expect(said).toEqual([expect.stringContaining('it takes values from Secret shop/hidden, which is in no manifest')]);
  });
});

describe('is refused', () => {
  it.each([
    [
      'a link out of the tree',
      'templates/link.yaml',
      'it holds a link that leads out of the tree, which is refused: templates/link.yaml',
    ],
    [
      'a folder that is linked from elsewhere',
      'templates/more',
      'it holds a link that leads out of the tree, which is refused: templates/more',
    ],
    ['a link to nowhere', 'files/none', 'it holds a link that leads nowhere: files/none'],
  ])('%s', async (_what, at, why) => {
    const folder = writeFolder({ ...chart('web'), 'web/files/a': 'a' });
    const outside = writeFolder({ 'secret.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: stolen }\n' });
    symlinkSync(
      at.endsWith('.yaml') ? join(outside, 'secret.yaml') : at.endsWith('more') ? outside : join(outside, 'none'),
      join(folder, 'web', at),
    );
    const { objects, said } = await seen(folder);
    expect(objects).toEqual([]);
    expect(said).toEqual([`web is a Helm chart, which is not rendered: ${why}.`]);
  });

  it.each([
    [
      'a value file above the repository',
      'path: charts/web, helm: { valueFiles: [../../../secret.yaml] }',
      'it takes ../../../secret.yaml, which leads out of the repository and is refused',
    ],
    [
      'a value file that is a link out',
      'path: charts/web, helm: { valueFiles: [../link.yaml] }',
      'it takes ../link.yaml, which leads out of the repository and is refused',
    ],
    [
      'a value file on the web',
      'path: charts/web, helm: { valueFiles: [https://example.org/v.yaml] }',
      'which is fetched from elsewhere',
    ],
    [
      'a name that is an option',
      'path: charts/web, helm: { releaseName: --post-renderer=sh }',
      'no release can be called "--post-renderer=sh"',
    ],
    [
      'a version that is an option',
      'path: charts/web, helm: { apiVersions: [--post-renderer] }',
      'there is no version "--post-renderer"',
    ],
    ['a chart above the repository', 'path: ../web', 'apply a path that leads out of the repository'],
  ])('%s', async (_what, source, why) => {
    const outside = writeFolder({ 'secret.yaml': 'port: 99\n' });
    const folder = writeFolder(
      { ...git, ...chart('charts/web'), 'apps.yaml': application(source) },
      mkdtempSync(join(tmpdir(), 'charts-test-')),
    );
    symlinkSync(join(outside, 'secret.yaml'), join(folder, 'charts/link.yaml'));
    const { objects, said } = await seen(folder);
    expect(objects).toEqual([]);
    expect(said.join('\n')).toContain(why);
  });

  it('a chart that is a link out of the tree', async () => {
    const outside = writeFolder(chart('web'));
    const folder = writeFolder({ ...git, 'apps.yaml': application('path: web') });
    symlinkSync(join(outside, 'web'), join(folder, 'web'));
    const { objects, said } = await seen(folder);
    expect(objects).toEqual([]);
    expect(said.join('\n')).toContain('it leads out of the tree, which is refused');
  });
});

describe('a tree of charts alone', () => {
  it('is judged with helm, and its findings stand in the templates', async () => {
    const wrong = service.replace('targetPort:', 'targetport:');
    const folder = writeFolder({ ...chart('web'), 'web/templates/service.yaml': wrong });
    const source = await openManifests([folder], { helm: found });
    const { report } = await runParts(partsOf(source), [], {});
    const findings = report.checks.flatMap((check) => check.findings);
    expect(findings.map(({ id, evidence }) => [id, evidence[0]?.source?.file, evidence[0]?.source?.line])).toEqual([
      [expect.stringContaining('manifests-are-valid#ignored'), join(folder, 'web/templates/service.yaml'), 10],
    ]);
    expect(findings[0]?.remedies[0]?.commands).toEqual([
      `helm template ${join(folder, 'web')} | kubectl apply --dry-run=server --validate=strict -f -`,
    ]);
  });

  it('says plainly that helm is needed, where there is none', async () => {
    const folder = writeFolder(chart('web'));
    await expect(openManifests([folder], { helm: () => Promise.resolve(undefined) })).rejects.toThrow(
      `There is no manifest in ${folder}, only a Helm chart, and no helm on the PATH that renders it.`,
    );
  });
});
