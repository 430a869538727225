/** Several clusters in one tree are judged apart, and one cluster is not taken for several. */
import { expect, it } from 'vitest';
import { config, flux, kustomization, renderFiles } from '../../support/render.ts';

const clustersIn = async (files: Readonly<Record<string, string>>, places?: readonly string[]) => {
  const { clusters } = await renderFiles(files, places);
  return Object.fromEntries(Object.entries(clusters).map(([name, { objects }]) => [name, objects]));
};

it('two folders that make the same Flux Kustomization are two clusters; what is beside them is in both', async () => {
  const clusters = await clustersIn({
    'clusters/main/apps.yaml': flux('apps', { path: './apps/main' }),
    'clusters/test/apps.yaml': flux('apps', { path: './apps/test' }),
    'apps/main/a.yaml': config('a', { in: 'main' }, 'web'),
    'apps/test/a.yaml': config('a', { in: 'test' }, 'web'),
    'apps/test/b.yaml': config('b', {}, 'web'),
    'clusters/both.yaml': config('both', {}, 'web'),
  });
  expect(clusters).toEqual({
    main: ['ConfigMap web/a', 'Kustomization flux-system/apps'],
    test: ['ConfigMap web/a', 'ConfigMap web/b', 'Kustomization flux-system/apps'],
  });
});

it('clusters that stand further down beside an old one are still told apart', async () => {
  const sync = (path: string): string => flux('flux-system', { path });
  const clusters = await clustersIn({
    'k8s/flux/sync.yaml': sync('./k8s/flux'),
    'k8s/clusters/main/sync.yaml': sync('./k8s/clusters/main'),
    'k8s/clusters/test/sync.yaml': sync('./k8s/clusters/test'),
  });
  expect(Object.keys(clusters)).toEqual(['flux', 'main', 'test']);
});

it('overlays of one base that make the same names are clusters, whatever their namespaces', async () => {
  const overlay = (namespace: string): string => kustomization({ namespace, resources: ['../../base'] });
  const clusters = await clustersIn({
    'web/base/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
    'web/base/a.yaml': config('a'),
    'web/overlays/dev/kustomization.yaml': overlay('web'),
    'web/overlays/prod/kustomization.yaml': overlay('web-prod'),
    'shared/kustomization.yaml': kustomization({ resources: ['s.yaml'] }),
    'shared/s.yaml': config('s', {}, 'web'),
  });
  expect(clusters).toEqual({
    dev: ['ConfigMap web/a', 'ConfigMap web/s'],
    prod: ['ConfigMap web-prod/a', 'ConfigMap web/s'],
  });
});

it('two folders of files with mostly the same objects are clusters', async () => {
  const files = (folder: string): Readonly<Record<string, string>> => ({
    [`${folder}/a.yaml`]: config('a', { in: folder }, 'web'),
    [`${folder}/b.yaml`]: config('b', { in: folder }, 'web'),
    [`${folder}/own.yaml`]: config(folder, {}, 'web'),
  });
  expect(Object.keys(await clustersIn({ ...files('main'), ...files('test') }))).toEqual(['main', 'test']);
});

it('two kustomizations of one cluster that list the same object leave it standing twice', async () => {
  const clusters = await clustersIn({
    'apps/web/kustomization.yaml': kustomization({ resources: ['policy.yaml', 'a.yaml', 'b.yaml'] }),
    'apps/web/policy.yaml': config('policy', { from: 'web' }, 'web'),
    'apps/web/a.yaml': config('a', {}, 'web'),
    'apps/web/b.yaml': config('b', {}, 'web'),
    'policies/kustomization.yaml': kustomization({ resources: ['policy.yaml', 'c.yaml', 'd.yaml'] }),
    'policies/policy.yaml': config('policy', { from: 'policies' }, 'web'),
    'policies/c.yaml': config('c', {}, 'web'),
    'policies/d.yaml': config('d', {}, 'web'),
  });
  expect(clusters['only']?.filter((name) => name === 'ConfigMap web/policy')).toHaveLength(2);
});

it('folders that share a component are of one cluster', async () => {
  const folder = (name: string): Readonly<Record<string, string>> => ({
    [`apps/${name}/kustomization.yaml`]: kustomization({ namespace: name, components: ['../../components/common'] }),
  });
  const clusters = await clustersIn({
    ...folder('web'),
    ...folder('shop'),
    'components/common/kustomization.yaml': kustomization({
      kind: 'Component',
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      resources: ['a.yaml'],
    }),
    'components/common/a.yaml': config('a'),
  });
  expect(clusters).toEqual({ only: ['ConfigMap shop/a', 'ConfigMap web/a'] });
});

it('an object that two appliers take from one file in one form is one', async () => {
  const clusters = await clustersIn({
    'cluster/ks.yaml': `${flux('all', { path: './apps' })}\n---\n${flux('web', { path: './apps/web' })}`,
    'apps/kustomization.yaml': kustomization({ resources: ['web'] }),
    'apps/web/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
    'apps/web/a.yaml': config('a', {}, 'web'),
  });
  expect(clusters['only']?.filter((name) => name.startsWith('ConfigMap'))).toEqual(['ConfigMap web/a']);
});
