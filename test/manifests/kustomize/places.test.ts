/** Each object keeps where it stands, whatever kustomizations do to it; what is laid over a kustomization has a place of its own. */
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildKustomization,
  kustomizationOf,
  type Built,
  type Overlay,
} from '../../../src/manifests/kustomize/build.ts';
import { treeOfFiles } from '../../../src/manifests/files/tree.ts';
import type { Manifest, Path } from '../../../src/manifests/manifest.ts';
import { writeFolder } from '../../support/manifests.ts';
import { configMap } from './case.ts';

const build = async (
  files: Readonly<Record<string, string>>,
  within = '.',
  overlay: Overlay = {},
): Promise<Built & { folder: string }> => {
  const folder = writeFolder(files);
  return { ...(await buildKustomization(treeOfFiles(), join(folder, within), overlay)), folder };
};

const at = (manifest: Manifest | undefined, path: Path): string => {
  const { line, column } = manifest?.place(path) ?? { line: 0, column: 0 };
  return `${line}:${column}`;
};

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
    - name: one
      image: one
    - name: two
      image: two
`;

describe('the place of a field', () => {
  const files = {
    'prod/kustomization.yaml': `namespace: prod
resources: [../base]
patches:
  - patch: |
      apiVersion: v1
      kind: Pod
      metadata: { name: p, labels: { of: patch } }
      spec: { containers: [{ name: zero, image: zero }, { name: two, image: new }] }
`,
    'base/kustomization.yaml':
      'resources: [p.yaml]\nconfigMapGenerator:\n  - name: made\n    literals:\n      - A=1\n      - B=2\n    files: [app.ini]\n',
    'base/p.yaml': pod,
    'base/app.ini': '',
  };

  it('is that of its file', async () => {
    const { manifests, folder } = await build(files, 'prod');
    const [built] = manifests;
    expect(built?.builtFrom).toBe(join(folder, 'prod'));
    expect(relative(folder, built?.file ?? '')).toBe('base/p.yaml');
    expect(built?.object).toMatchObject({ metadata: { namespace: 'prod' } });
    expect(at(built, ['kind'])).toBe('2:1');
    expect(at(built, ['metadata', 'name'])).toBe('4:3');
  });

  it('is that of the item that it was, wherever a patch moved that', async () => {
    const [built] = (await build(files, 'prod')).manifests;
    expect(built?.object).toMatchObject({ spec: { containers: [{ name: 'zero' }, { name: 'two' }, { name: 'one' }] } });
    expect(at(built, ['spec', 'containers', 1, 'image'])).toBe('10:7');
    expect(at(built, ['spec', 'containers', 2, 'image'])).toBe('8:7');
  });

  it('is that of the field around it where a patch made it', async () => {
    const [built] = (await build(files, 'prod')).manifests;
    expect(at(built, ['spec', 'containers', 0, 'image'])).toBe('6:3');
    expect(at(built, ['metadata', 'labels', 'of'])).toBe('3:1');
    expect(at(built, ['metadata', 'namespace'])).toBe('3:1');
  });

  it('is that of what makes it, of what is made', async () => {
    const { manifests, folder, files: all } = await build(files, 'prod');
    const made = manifests[1];
    expect(relative(folder, made?.file ?? '')).toBe('base/kustomization.yaml');
    expect(at(made, ['metadata', 'name'])).toBe('3:5');
    expect(at(made, ['data', 'B'])).toBe('6:9');
    expect(at(made, ['data', 'app.ini'])).toBe('7:13');
    expect(at(made, ['kind'])).toBe('3:5');
    expect([...all].map((file) => relative(folder, file)).sort()).toEqual([
      'base/app.ini',
      'base/kustomization.yaml',
      'base/p.yaml',
      'prod/kustomization.yaml',
    ]);
  });
});

describe('who makes what is not there', () => {
  const files = {
    'kustomization.yaml': 'namespace: outer\nresources: [inner, https://example.org/a.yaml]',
    'inner/kustomization.yaml':
      'helmCharts:\n  - { name: own, namespace: own }\n  - { name: none }\nresources: [git@github.com:example/repo]',
  };

  it('is told with the namespace that counts', async () => {
    const { makers, notes, folder } = await build(files);
    expect(makers.map(({ what, namespace }) => [what, namespace])).toEqual([
      ['the resources of git@github.com:example/repo', 'outer'],
      ['the chart own', 'outer'],
      ['the chart own', 'own'],
      ['the chart none', 'outer'],
      ['the resources of https://example.org/a.yaml', 'outer'],
    ]);
    expect(notes.map(({ file, place, message }) => [relative(folder, file), place?.line, message])).toEqual([
      ['inner/kustomization.yaml', 4, expect.stringContaining('git@github.com:example/repo')],
      ['inner/kustomization.yaml', 2, expect.stringContaining('the chart own')],
      ['inner/kustomization.yaml', 3, expect.stringContaining('the chart none')],
      ['kustomization.yaml', 2, expect.stringContaining('https://example.org/a.yaml')],
    ]);
  });

  it('is told with any where none counts', async () => {
    const { makers } = await build({ 'kustomization.yaml': 'helmCharts: [{ name: c }]' });
    expect(makers).toMatchObject([{ what: 'the chart c', namespace: undefined }]);
  });
});

describe('an overlay', () => {
  const files = {
    'app/kustomization.yaml':
      'namespace: own\nresources: [../a.yaml, p.yaml]\nimages: [{ name: one, newTag: "1", newName: kept }]\ncommonLabels: { l: "1" }',
    'app/p.yaml': pod,
    'a.yaml': configMap('a'),
    'part/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: { by: part }',
  };

  it('is laid over the fields of the folder, as Flux does', async () => {
    const { manifests, faults } = await build(files, 'app', {
      filesFromAnywhere: true,
      namespace: 'flux',
      namePrefix: 'x-',
      components: ['../part', '../gone'],
      ignoreMissingComponents: true,
      images: [
        { name: 'one', newTag: '2' },
        { name: 'two', digest: 'sha256:2' },
      ],
      patches: [{ patch: '[{ op: add, path: /data, value: { k: v } }]', target: { kind: 'ConfigMap' } }],
      commonMetadata: { labels: { common: 'yes' }, annotations: { by: 'flux' } },
    });
    expect(faults).toEqual([]);
    const metadata = { namespace: 'flux', labels: { l: '1', common: 'yes' }, annotations: { by: 'flux' } };
    expect(manifests.map(({ object }) => object)).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x-a', ...metadata }, data: { k: 'v' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x-p', ...metadata },
        spec: {
          containers: [
            { name: 'one', image: 'kept:2' },
            { name: 'two', image: 'two@sha256:2' },
          ],
        },
      },
    ]);
  });

  it('has the place of its own faults', async () => {
    const { faults } = await build(files, 'app', {
      filesFromAnywhere: true,
      patches: [{ patch: configMap('a') }, { patch: configMap('gone') }],
      from: { file: 'flux.yaml', place: (path) => ({ line: Number(path[1]), column: path.length }) },
    });
    expect(faults).toMatchObject([{ file: 'flux.yaml', place: { line: 1, column: 2 } }]);
  });

  it('makes the kustomization that Flux makes, where a folder has none', async () => {
    const { manifests, faults, folder } = await build({
      'a.yaml': configMap('a'),
      'deep/er/b.yml': configMap('b'),
      'with/kustomization.yaml': 'namePrefix: x-\nresources: [c.yaml]',
      'with/c.yaml': configMap('c'),
      'with/unlisted.yaml': configMap('d'),
      '.github/e.yaml': 'on: push',
      'notes.txt': '',
      '.sops.yaml': 'creation_rules: []',
    });
    expect(faults).toEqual([]);
    expect(manifests.map(({ file, object }) => [relative(folder, file), object.metadata.name])).toEqual([
      ['a.yaml', 'a'],
      ['deep/er/b.yml', 'b'],
      ['with/c.yaml', 'x-c'],
    ]);
  });
});

it('finds the kustomization of a folder, and not that of Flux', async () => {
  const folder = writeFolder({
    'a/Kustomization': 'resources: []',
    'b/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []',
    'c/kustomization.yaml': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization',
    'd/other.yaml': 'resources: []',
  });
  const found = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) => kustomizationOf(treeOfFiles(), join(folder, name))),
  );
  expect(found.map((document) => document && relative(folder, document.file))).toEqual([
    'a/Kustomization',
    'b/kustomization.yaml',
    undefined,
    undefined,
    undefined,
  ]);
});

/** How long a build takes once its files are read, in milliseconds: the best of some, for other work goes on beside it. */
async function timeOf(objects: number): Promise<number> {
  const names = Array.from({ length: objects }, (_, index) => `c${index}`);
  const patches = names
    .slice(0, objects / 10)
    .map((name, index) =>
      index % 2 === 0
        ? `  - patch: '${configMap(name, ', labels: { x: y }')}'`
        : `  - patch: '[{ op: add, path: /data, value: {} }]'\n    target: { kind: ConfigMap, name: ${name} }`,
    );
  const folder = writeFolder({
    'all.yaml': names.map((name) => configMap(name)).join('\n---\n'),
    'kustomization.yaml': `namespace: web\nnamePrefix: p-\nresources: [all.yaml]\npatches:\n${patches.join('\n')}`,
  });
  const tree = treeOfFiles();
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const start = performance.now();
    const { manifests, faults } = await buildKustomization(tree, folder);
    if (turn > 0) times.push(performance.now() - start);
    expect(faults).toEqual([]);
    expect(manifests).toHaveLength(objects);
  }
  return Math.min(...times);
}

it('takes no more time for each object and patch where there are more of them', { retry: 3 }, async () => {
  await timeOf(500);
  const [few, many] = [await timeOf(500), await timeOf(4000)];
  // Eight times as many of both: what goes through all objects for each patch takes 64 times as long.
  expect(many / few).toBeLessThan(24);
});
