/** Applications and ApplicationSets of Argo CD are followed. */
import { describe, expect, it } from 'vitest';
import { application, config, kustomization, objectIn, renderFiles } from '../../support/render.ts';

const repoURL = 'https://git.example.org/us/home.git';
const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' };
const source = (path: string, more: object = {}): object => ({ repoURL, path, ...more });
const namesOf = (objects: readonly string[] | undefined): readonly string[] | undefined =>
  objects?.filter((name) => name.startsWith('ConfigMap'));

describe('an Application', () => {
  it('applies the files of a folder, those without a namespace where it says, and not those further down', async () => {
    const seen = await renderFiles({
      'argocd/web.yaml': application('web', { source: source('apps/web'), destination }),
      'apps/web/a.yaml': config('a'),
      'apps/web/b.json': config('b', {}, 'other'),
      'apps/web/more/c.yaml': config('c'),
    });
    expect(namesOf(seen.clusters['only']?.objects)).toEqual(['ConfigMap other/b', 'ConfigMap web/a']);
    expect(seen.notes).toEqual([expect.stringMatching(/^apps\/web\/more holds c\.yaml, which nobody applies/)]);
  });

  it('reads a folder as its directory says', async () => {
    const directory = { recurse: true, include: '{a/*.yaml,b/*.yaml}', exclude: 'b/secret*' };
    const seen = await renderFiles({
      'argocd/web.yaml': application('web', { source: source('apps/web', { directory }), destination }),
      'apps/web/a/a.yaml': config('a'),
      'apps/web/b/b.yaml': config('b'),
      'apps/web/b/secret.yaml': config('secret'),
      'apps/web/c/c.yaml': config('c'),
      'apps/web/values.yaml': 'replicas: 1',
    });
    expect(namesOf(seen.clusters['only']?.objects)).toEqual(['ConfigMap web/a', 'ConfigMap web/b']);
  });

  it('builds a kustomization, with what it lays over that', async () => {
    const kustomize = {
      namePrefix: 'our-',
      namespace: 'shop',
      images: ['nginx=registry.example.org/nginx:2', 'redis:7'],
      replicas: [{ name: 'web', count: 3 }],
      commonAnnotations: { by: 'us' },
    };
    const seen = await renderFiles({
      'argocd/web.yaml': application('web', { source: source('apps/web', { kustomize }), destination }),
      'apps/web/kustomization.yaml': kustomization({ resources: ['web.yaml'] }),
      'apps/web/web.yaml': JSON.stringify({
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
        spec: {
          replicas: 1,
          template: {
            spec: {
              containers: [
                { name: 'web', image: 'nginx:1' },
                { name: 'redis', image: 'redis:6' },
              ],
            },
          },
        },
      }),
    });
    expect(objectIn(seen, 'Deployment', 'our-web')).toMatchObject({
      metadata: { namespace: 'shop', annotations: { by: 'us' } },
      spec: {
        replicas: 3,
        template: { spec: { containers: [{ image: 'registry.example.org/nginx:2' }, { image: 'redis:7' }] } },
      },
    });
  });

  it('takes charts and other repositories for makers', async () => {
    const seen = await renderFiles({
      'argocd/apps.yaml': [
        application('web', { source: source('apps/web'), destination }),
        application('chart', {
          destination: { ...destination, namespace: 'monitoring' },
          sources: [
            { repoURL: 'https://charts.example.org', chart: 'prometheus', helm: { valueFiles: ['$values/v.yaml'] } },
            { repoURL, ref: 'values' },
          ],
        }),
        application('oci', { source: { repoURL: 'oci://registry.example.org/charts/tool', path: '.' }, destination }),
        application('local', { source: source('charts/own'), destination }),
        application('theirs', { source: { repoURL: 'https://git.example.org/them/app', path: 'deploy' }, destination }),
      ].join('\n---\n'),
      'apps/web/a.yaml': config('a'),
      'charts/own/Chart.yaml': 'name: own',
    });
    expect(seen.clusters['only']?.applied.makers).toMatchObject([
      { what: 'Application argocd/chart', namespace: 'monitoring' },
      { what: 'Application argocd/oci', namespace: 'web' },
      { what: 'Application argocd/local', namespace: 'web' },
      { what: 'Application argocd/theirs', namespace: 'web' },
    ]);
    expect(seen.notes).toEqual([
      expect.stringMatching(/charts\/own is a Helm chart, which is not rendered: with helm on the PATH it would be/),
      expect.stringMatching(/apply deploy of .*them\/app, which is another repository/),
    ]);
    expect(seen.faults).toEqual([]);
  });

  it('that applies Applications is followed on, to another cluster where one says so', async () => {
    const seen = await renderFiles({
      'root.yaml': application('root', { source: source('argocd'), destination }),
      'argocd/here.yaml': application('here', { source: source('apps/here'), destination }),
      'argocd/there.yaml': application('there', { source: source('apps/there'), destination: { name: 'edge' } }),
      'apps/here/a.yaml': config('a', {}, 'web'),
      'apps/there/a.yaml': config('a', { other: 'yes' }, 'web'),
    });
    expect(namesOf(seen.clusters['in-cluster']?.objects)).toEqual(['ConfigMap web/a']);
    expect(namesOf(seen.clusters['edge']?.objects)).toEqual(['ConfigMap web/a']);
  });

  it('whose folder is gone is a fault', async () => {
    const seen = await renderFiles({
      'argocd/web.yaml': `${application('web', { source: source('apps/web'), destination })}\n---\n${application('old', { source: source('apps/old'), destination })}`,
      'apps/web/a.yaml': config('a'),
    });
    expect(seen.faults).toEqual([
      expect.stringMatching(/Application argocd\/old apply apps\/old, where there is no folder/),
    ]);
  });
});

describe('an ApplicationSet', () => {
  const set = (generators: readonly object[], more: object = {}, path = '{{path}}'): string =>
    application(
      'apps',
      {
        generators,
        template: {
          metadata: { name: '{{path.basename}}' },
          spec: { source: source(path), destination: { ...destination, namespace: '{{path.basename}}' } },
        },
        ...more,
      },
      'ApplicationSet',
    );
  const files = {
    'apps/web/a.yaml': config('a'),
    'apps/shop/a.yaml': config('a'),
    'apps/old/a.yaml': config('a'),
  };

  it('finds folders', async () => {
    const directories = [{ path: 'apps/*' }, { path: 'apps/old', exclude: true }];
    const seen = await renderFiles({ ...files, 'argocd/set.yaml': set([{ git: { repoURL, directories } }]) });
    expect(namesOf(seen.clusters['only']?.objects)).toEqual(['ConfigMap shop/a', 'ConfigMap web/a']);
  });

  it('finds files, with Go templates', async () => {
    const template = {
      metadata: { name: '{{ .path.basenameNormalized }}' },
      spec: {
        source: source('{{ .path.path }}'),
        destination: { namespace: '{{ index .path.segments 1 }}-{{ dig "size" "name" "small" . | lower }}' },
      },
    };
    const git = { repoURL, files: [{ path: 'apps/*/app.yaml' }] };
    const seen = await renderFiles({
      ...files,
      'apps/web/app.yaml': 'size: { name: LARGE }',
      'apps/shop/app.yaml': '{}',
      'argocd/set.yaml': set([{ git }], { goTemplate: true, template }),
    });
    expect(namesOf(seen.clusters['only']?.objects)).toEqual(['ConfigMap shop-small/a', 'ConfigMap web-large/a']);
  });

  it('takes lists, and makes matrices and merges of generators', async () => {
    const list = { list: { elements: [{ stage: 'web' }, { stage: 'shop' }] } };
    const git = { git: { repoURL, directories: [{ path: 'apps/{{stage}}' }] } };
    const matrix = await renderFiles({ ...files, 'argocd/set.yaml': set([{ matrix: { generators: [list, git] } }]) });
    expect(namesOf(matrix.clusters['only']?.objects)).toEqual(['ConfigMap shop/a', 'ConfigMap web/a']);
    const merge = {
      mergeKeys: ['path'],
      generators: [
        { list: { elements: [{ path: 'apps/web', 'path.basename': 'web' }] } },
        { list: { elements: [{ path: 'apps/web', 'path.basename': 'merged' }, { path: 'apps/old' }] } },
      ],
    };
    const merged = await renderFiles({ ...files, 'argocd/set.yaml': set([{ merge }]) });
    expect(namesOf(merged.clusters['only']?.objects)).toContain('ConfigMap merged/a');
  });

  it('whose generator asks a cluster or a service is told', async () => {
    const seen = await renderFiles({ ...files, 'argocd/set.yaml': set([{ clusters: {} }]) });
    expect(seen.notes).toEqual([
      expect.stringMatching(/argocd\/set\.yaml:1:\d+ has ApplicationSet .* generator \(clusters\)/),
    ]);
    expect(seen.clusters['only']?.applied.makers).toMatchObject([{ what: 'ApplicationSet argocd/apps' }]);
  });

  it('with more in its templates than can be told is told, too', async () => {
    const template = {
      metadata: { name: 'x' },
      spec: { source: source('{{ if .x }}apps/web{{ end }}'), destination },
    };
    const generator = { list: { elements: [{ x: 'yes' }] } };
    const seen = await renderFiles({ ...files, 'argocd/set.yaml': set([generator], { goTemplate: true, template }) });
    expect(seen.notes).toEqual([expect.stringMatching(/which only Argo CD can tell/)]);
  });
});
