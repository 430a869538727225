/** Where applying begins, and what nobody applies. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { render } from '../../../src/manifests/apply/render.ts';
import { treeOfFiles } from '../../../src/manifests/files/tree.ts';
import { writeFolder } from '../../support/manifests.ts';
import { config, flux, kustomization, renderFiles } from '../../support/render.ts';

it('files without any kustomization are applied as they stand', async () => {
  const seen = await renderFiles({
    'a.yaml': config('a'),
    'more/b.json': config('b', {}, 'web'),
    'values.yaml': 'replicas: 1',
  });
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap /a', 'ConfigMap web/b']);
  expect(seen.notes).toEqual([]);
});

it('a kustomization that another lists is no root, nor is a component', async () => {
  const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' };
  const seen = await renderFiles({
    'base/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
    'base/a.yaml': config('a'),
    'web/kustomization.yaml': kustomization({ namespace: 'web', resources: ['../base'] }),
    'component/kustomization.yaml': JSON.stringify({ ...component, resources: ['c.yaml'] }),
    'component/c.yaml': config('c'),
  });
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap web/a']);
  expect(seen.notes).toEqual(['component holds c.yaml, which nobody applies: left out.']);
});

it('what a kustomization does not list is one note for a folder, and so is a tree below it', async () => {
  const seen = await renderFiles({
    'web/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
    'web/a.yaml': config('a'),
    'web/b.yaml': config('b'),
    'web/c.yaml': config('c'),
    'web/old/one/d.yaml': config('d'),
    'web/old/two/e.yaml': config('e'),
  });
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap /a']);
  expect([...seen.notes].sort()).toEqual([
    'web holds b.yaml and 1 more file, which its kustomization does not list: left out.',
    'web/old holds one/d.yaml and 1 more file, which nobody applies: left out.',
  ]);
});

it('a file that a kustomization leaves out of its list takes nothing along that it names', async () => {
  const seen = await renderFiles({
    'reach/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
    'reach/a.yaml': config('a'),
    'reach/ks.yaml': flux('whole', { path: './' }),
    'apps/b.yaml': config('b', {}, 'web'),
  });
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap /a', 'ConfigMap web/b']);
  expect(seen.notes).toEqual(['reach holds ks.yaml, which its kustomization does not list: left out.']);
});

it('where Flux applies most, nobody applies the rest', async () => {
  const seen = await renderFiles({
    'cluster/ks.yaml': flux('apps', { path: './apps' }),
    'cluster/beside.yaml': config('beside', {}, 'web'),
    'apps/a.yaml': config('a', {}, 'web'),
    'apps/b.yaml': config('b', {}, 'web'),
    'archive/old.yaml': config('old', {}, 'web'),
    'archive/ks.yaml': flux('old', { path: './apps/old' }),
  });
  expect(seen.clusters['only']?.objects).toEqual([
    'ConfigMap web/a',
    'ConfigMap web/b',
    'ConfigMap web/beside',
    'Kustomization flux-system/apps',
  ]);
  expect(seen.notes).toEqual(['archive holds ks.yaml and 1 more file, which nobody applies: left out.']);
  expect(seen.faults).toEqual([]);
});

it('where Flux applies little, the rest is applied by hand', async () => {
  const seen = await renderFiles({
    'cluster/ks.yaml': flux('apps', { path: './apps' }),
    'apps/a.yaml': config('a', {}, 'web'),
    'hand/b.yaml': config('b', {}, 'web'),
    'hand/c.yaml': config('c', {}, 'web'),
    'hand/d.yaml': config('d', {}, 'web'),
  });
  expect(seen.clusters['only']?.objects).toContain('ConfigMap web/b');
  expect(seen.notes).toEqual([]);
});

it('a place that is named is judged by itself, and builds on what is around it', async () => {
  const seen = await renderFiles(
    {
      'base/kustomization.yaml': kustomization({ resources: ['a.yaml'] }),
      'base/a.yaml': config('a'),
      'web/kustomization.yaml': kustomization({ namespace: 'web', resources: ['../base'] }),
      'shop/b.yaml': config('b'),
    },
    ['web'],
  );
  expect(seen.clusters['only']?.objects).toEqual(['ConfigMap web/a']);
});

it('what a person excludes is built with the rest, for others may name it', async () => {
  const folder = writeFolder({
    'web/kustomization.yaml': kustomization({ resources: ['a.yaml', 'excluded.yaml'] }),
    'web/a.yaml': config('a'),
    'web/excluded.yaml': config('excluded'),
  });
  const files = ['web/kustomization.yaml', 'web/a.yaml'].map((file) => join(folder, file));
  const { clusters, notes, faults } = await render(treeOfFiles(), files, { places: [folder], root: folder });
  expect(clusters[0]?.manifests.map(({ object }) => object.metadata.name)).toEqual(['a', 'excluded']);
  expect([...notes, ...faults]).toEqual([]);
});
