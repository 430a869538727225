/** Nothing that somebody writes ends the run, and nothing outside of the repository is read. */
import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { treeOfFiles } from '../../../src/manifests/files/tree.ts';
import { render } from '../../../src/manifests/apply/render.ts';
import { writeFolder } from '../../support/manifests.ts';
import { application, config, flux, kustomization, renderFiles } from '../../support/render.ts';

const odd: readonly unknown[] = [null, 7, true, 'text', '${A', [], [null, 7, 'x', {}], {}, { a: { b: null } }];
const fluxFields = [
  ...['path', 'targetNamespace', 'components', 'patches', 'patchesStrategicMerge', 'patchesJson6902', 'images'],
  ...['commonMetadata', 'postBuild', 'sourceRef', 'dependsOn', 'kubeConfig', 'namePrefix'],
];
const argoFields = ['source', 'sources', 'destination', 'generators', 'template', 'templatePatch', 'sourceHydrator'];

describe('fields of any other type', () => {
  const good = { 'cluster/good.yaml': flux('good', { path: './apps' }), 'apps/a.yaml': config('a', {}, 'web') };

  it.each(odd.map((value) => [JSON.stringify(value), value]))('%s', async (_text, value) => {
    const documents = [
      ...fluxFields.map((field) => flux(`odd-${field.toLowerCase()}`, { path: './apps', [field]: value })),
      flux('inner', { path: './apps', postBuild: { substitute: value, substituteFrom: value } }),
      ...argoFields.flatMap((field) => [
        application(`odd-${field.toLowerCase()}`, { [field]: value }),
        application(
          `set-${field.toLowerCase()}`,
          { template: {}, generators: [{ git: value }], [field]: value },
          'ApplicationSet',
        ),
      ]),
      application(
        'set',
        { generators: [{ list: { elements: value } }, { matrix: { generators: value } }, { merge: value }] },
        'ApplicationSet',
      ),
      application('app', {
        source: { repoURL: 'https://x', path: 'apps', kustomize: value, directory: value, helm: value },
      }),
      ...['Kustomization', 'FluxInstance', 'ArtifactGenerator', 'HelmRelease'].map((kind) =>
        JSON.stringify({
          apiVersion: {
            Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
            FluxInstance: 'fluxcd.controlplane.io/v1',
            ArtifactGenerator: 'source.extensions.fluxcd.io/v1beta1',
            HelmRelease: 'helm.toolkit.fluxcd.io/v2',
          }[kind],
          kind,
          metadata: { name: 'odd', namespace: value },
          spec: value,
        }),
      ),
    ];
    const seen = await renderFiles({ ...good, 'cluster/odd.yaml': documents.join('\n---\n') });
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/a');
  });
});

it('a circle of Kustomizations ends', async () => {
  const seen = await renderFiles({
    'a/ks.yaml': flux('b', { path: './b' }),
    'b/ks.yaml': flux('c', { path: './c' }),
    'c/ks.yaml': flux('a', { path: './a' }),
    'c/config.yaml': config('in-a-circle', {}, 'web'),
  });
  expect(seen.clusters['only']?.objects).toContain('ConfigMap web/in-a-circle');
});

it('a file that is broken is a fault, and the others are judged', async () => {
  const seen = await renderFiles({
    'broken.yaml': 'apiVersion: v1\nkind: [\n',
    'a.yaml': config('a'),
  });
  expect(seen.faults).toEqual([expect.stringMatching(/^broken\.yaml:\d+:\d+ is not YAML/)]);
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap /a']);
});

it('nothing outside of the repository is read', async () => {
  const folder = writeFolder({
    'outside/secret.yaml': config('outside'),
    'repository/ks.yaml': flux('out', { path: './apps' }),
    'repository/apps/kustomization.yaml': kustomization({ resources: ['../../outside/secret.yaml', 'a.yaml'] }),
    'repository/apps/a.yaml': config('a'),
  });
  const root = join(folder, 'repository');
  const files = ['ks.yaml', 'apps/kustomization.yaml', 'apps/a.yaml'].map((file) => join(root, file));
  const tree = treeOfFiles();
  const { clusters } = await render(tree, files, { places: [root], root });
  const names = clusters.flatMap(({ manifests }) => manifests.map(({ object }) => object.metadata.name));
  expect(names).toContain('a');
  expect(names).not.toContain('outside');
  expect(tree.read().filter((file) => file.includes('outside'))).toEqual([]);
});

it('5,000 files of a cluster are read, though not all at once', async () => {
  const folders = Array.from({ length: 500 }, (_, index) => `apps/app-${index}`);
  const seen = await renderFiles({
    'cluster/ks.yaml': flux('apps', { path: './apps', postBuild: { substitute: { DOMAIN: 'example.org' } } }),
    ...Object.fromEntries(
      folders.flatMap((folder, app): readonly (readonly [string, string])[] => [
        [
          `${folder}/kustomization.yaml`,
          kustomization({ namespace: `app-${app}`, resources: Array.from({ length: 9 }, (_, n) => `${n}.yaml`) }),
        ],
        ...Array.from({ length: 9 }, (_, n): readonly [string, string] => [
          `${folder}/${n}.yaml`,
          config(`config-${n}`, { host: 'web.${DOMAIN}' }),
        ]),
      ]),
    ),
  });
  expect(seen.clusters['only']?.objects).toHaveLength(4501);
}, 60_000);
