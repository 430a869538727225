/** Kustomizations of Flux are followed, as its kustomize-controller would. */
import { describe, expect, it } from 'vitest';
import { config, flux, kustomization, objectIn, renderFiles } from '../../support/render.ts';

describe('what a Flux Kustomization applies', () => {
  it('is its folder, generated where it has no kustomization, below the root of the repository', async () => {
    const seen = await renderFiles({
      'cluster/ks.yaml': flux('apps', { path: './apps' }),
      'apps/web/kustomization.yaml': kustomization({ namespace: 'web', resources: ['config.yaml'] }),
      'apps/web/config.yaml': config('settings'),
      'apps/plain/config.yaml': config('plain', {}, 'other'),
    });
    expect(seen.clusters['only']?.objects).toEqual([
      'ConfigMap other/plain',
      'ConfigMap web/settings',
      'Kustomization flux-system/apps',
    ]);
    expect(seen.notes).toEqual([]);
    expect(seen.faults).toEqual([]);
  });

  it('gets its targetNamespace, names, labels, components, images and patches', async () => {
    const patch = '- op: add\n  path: /data/PATCHED\n  value: "yes"\n';
    const seen = await renderFiles({
      'cluster/ks.yaml': flux('web', {
        path: 'apps/web/',
        targetNamespace: 'shop',
        namePrefix: 'a-',
        commonMetadata: { labels: { team: 'shop' } },
        components: ['../../components/more'],
        images: [{ name: 'nginx', newTag: '2' }],
        patches: [{ patch, target: { kind: 'ConfigMap', name: 'settings' } }],
        patchesStrategicMerge: [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { OLD: 'yes' } },
        ],
      }),
      'apps/web/kustomization.yaml': kustomization({ resources: ['config.yaml', 'pod.yaml'] }),
      'apps/web/config.yaml': config('settings'),
      'apps/web/pod.yaml': JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
      }),
      'components/more/kustomization.yaml': JSON.stringify({
        ...{ apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' },
        resources: ['more.yaml'],
      }),
      'components/more/more.yaml': config('more'),
    });
    expect(objectIn(seen, 'ConfigMap', 'a-settings')).toMatchObject({
      metadata: { namespace: 'shop', labels: { team: 'shop' } },
      data: { PATCHED: 'yes', OLD: 'yes' },
    });
    expect(objectIn(seen, 'Pod', 'a-web')).toMatchObject({ spec: { containers: [{ image: 'nginx:2' }] } });
    expect(objectIn(seen, 'ConfigMap', 'a-more')).toMatchObject({ metadata: { namespace: 'shop' } });
    expect(seen.notes).toEqual([]);
  });

  it('is changed by the parent first: its patches give the children their variables', async () => {
    const patch =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: all }\nspec:\n  postBuild: { substitute: { DOMAIN: example.org } }\n  targetNamespace: patched\n';
    const seen = await renderFiles({
      'cluster/ks.yaml': flux('cluster', {
        path: './apps',
        patches: [{ patch, target: { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' } }],
      }),
      'apps/kustomization.yaml': kustomization({ resources: ['ks.yaml'] }),
      'apps/ks.yaml': flux('web', { path: './apps/web' }),
      'apps/web/config.yaml': config('settings', { HOST: 'web.${DOMAIN}' }),
    });
    expect(objectIn(seen, 'ConfigMap', 'settings')).toMatchObject({
      metadata: { namespace: 'patched' },
      data: { HOST: 'web.example.org' },
    });
  });

  it('begins where Flux itself was installed: a circle is followed once', async () => {
    const seen = await renderFiles({
      'clusters/home/flux-system/gotk-sync.yaml': flux('flux-system', { path: './clusters/home' }),
      'clusters/home/flux-system/kustomization.yaml': kustomization({ resources: ['gotk-sync.yaml'] }),
      'clusters/home/apps.yaml': flux('apps', { path: './apps', postBuild: { substitute: { A: 'filled' } } }),
      'apps/config.yaml': config('settings', { A: '${A}' }, 'web'),
    });
    expect(seen.clusters['only']?.objects).toEqual([
      'ConfigMap web/settings',
      'Kustomization flux-system/apps',
      'Kustomization flux-system/flux-system',
    ]);
    expect(objectIn(seen, 'ConfigMap', 'settings')).toMatchObject({ data: { A: 'filled' } });
  });

  it('begins with a FluxInstance, too', async () => {
    const seen = await renderFiles({
      'cluster/instance.yaml': JSON.stringify({
        ...{ apiVersion: 'fluxcd.controlplane.io/v1', kind: 'FluxInstance' },
        metadata: { name: 'flux', namespace: 'flux-system' },
        spec: { sync: { kind: 'GitRepository', url: 'https://git.example.org/us/home.git', path: 'apps' } },
      }),
      'apps/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/settings');
    expect(seen.clusters['only']?.applied.makers).toEqual([]);
  });

  it('is judged while it is suspended', async () => {
    const seen = await renderFiles({
      'cluster/ks.yaml': flux('apps', { path: './apps', suspend: true }),
      'apps/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/settings');
  });
});

describe('where the path does not lead', () => {
  const source = (url: string, name = 'flux-system'): string =>
    JSON.stringify({
      ...{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
      metadata: { name, namespace: 'flux-system' },
      spec: { url },
    });

  it('to a folder that is not there', async () => {
    const seen = await renderFiles({
      'cluster/ks.yaml': `${flux('apps', { path: './apps' })}\n---\n${flux('typo', { path: './appz' })}`,
      'apps/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.faults).toEqual([
      expect.stringMatching(
        /^cluster\/ks\.yaml:3:\d+ has Flux Kustomization flux-system\/typo apply appz, where there is no folder\./,
      ),
    ]);
  });

  it('out of the repository', async () => {
    const seen = await renderFiles({
      'cluster/ks.yaml': `${flux('apps', { path: './apps' })}\n---\n${flux('out', { path: '../../etc' })}`,
      'apps/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.faults).toEqual([expect.stringMatching(/out of the repository/)]);
  });

  it('to another repository, which makes what it makes', async () => {
    const files = {
      '.git/config': '[remote "origin"]\n\turl = git@git.example.org:us/home.git\n',
      'cluster/source.yaml': source('https://git.example.org/us/home'),
      'cluster/other.yaml': source('https://git.example.org/them/tool', 'tool'),
      'cluster/ks.yaml': `${flux('apps', { path: './apps' })}\n---\n${flux('tool', {
        path: './apps',
        targetNamespace: 'tools',
        sourceRef: { kind: 'GitRepository', name: 'tool' },
      })}`,
      'apps/config.yaml': config('settings'),
    };
    const seen = await renderFiles(files);
    expect(seen.notes).toEqual([
      expect.stringMatching(/apply GitRepository tool, which is another repository: left out/),
    ]);
    expect(seen.clusters['only']?.applied.makers).toMatchObject([
      { what: 'Kustomization flux-system/tool', namespace: 'tools' },
    ]);
    expect(seen.clusters['only']?.objects.filter((name) => name.startsWith('ConfigMap'))).toEqual([
      'ConfigMap /settings',
    ]);
  });

  it('to this repository by another name, as in a fork', async () => {
    const seen = await renderFiles({
      'cluster/source.yaml': source('https://git.example.org/them/home'),
      'cluster/ks.yaml': flux('apps', { path: './apps' }),
      'apps/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/settings');
  });

  it('to this repository, though children that name no source are more', async () => {
    const unsourced = (name: string): string =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: ${name}, namespace: flux-system }\nspec: { path: ./apps/${name}/app }\n`;
    const patch =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: all }\nspec:\n  sourceRef: { kind: GitRepository, name: home }\n  targetNamespace: patched\n';
    const seen = await renderFiles({
      'cluster/source.yaml': source('https://git.example.org/them/home'),
      'cluster/ks.yaml': flux('all', {
        path: './apps',
        patches: [{ patch, target: { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' } }],
      }),
      'apps/kustomization.yaml': kustomization({ resources: ['a/ks.yaml', 'b/ks.yaml'] }),
      'apps/a/ks.yaml': unsourced('a'),
      'apps/b/ks.yaml': unsourced('b'),
      'apps/a/app/config.yaml': config('a'),
      'apps/b/app/config.yaml': config('b'),
    });
    expect(seen.clusters['only']?.objects).toEqual(
      expect.arrayContaining(['ConfigMap patched/a', 'ConfigMap patched/b']),
    );
  });

  it('to a folder of an artifact', async () => {
    const generator = JSON.stringify({
      ...{ apiVersion: 'source.extensions.fluxcd.io/v1beta1', kind: 'ArtifactGenerator' },
      metadata: { name: 'flux-system', namespace: 'flux-system' },
      spec: {
        sources: [{ alias: 'home', kind: 'GitRepository', name: 'flux-system' }],
        artifacts: [{ name: 'apps', copy: [{ from: '@home/apps/main/**', to: '@artifact/main/' }] }],
      },
    });
    const seen = await renderFiles({
      'cluster/artifacts.yaml': generator,
      'cluster/ks.yaml': flux('apps', { path: './main', sourceRef: { kind: 'ExternalArtifact', name: 'apps' } }),
      'apps/main/config.yaml': config('settings', {}, 'web'),
    });
    expect(seen.clusters['only']?.objects).toContain('ConfigMap web/settings');
    expect(seen.clusters['only']?.applied.makers).toEqual([]);
  });
});

describe('dependsOn', () => {
  const files = {
    'cluster/ks.yaml': [
      flux('apps', {
        path: './apps',
        dependsOn: [{ name: 'base' }, { name: 'bass' }, { name: 'x', namespace: 'elsewhere' }, { name: 'flux-system' }],
      }),
      flux('base', { path: './base' }),
    ].join('\n---\n'),
    'apps/config.yaml': config('settings', {}, 'web'),
    'base/config.yaml': config('base', {}, 'web'),
  };

  it('on one that is nowhere waits for ever', async () => {
    const { faults } = await renderFiles(files);
    expect(faults).toEqual([expect.stringMatching(/flux-system\/apps depend on flux-system\/bass, which is nowhere/)]);
  });

  it('is not held against a part of the repository', async () => {
    const { faults } = await renderFiles(files, ['cluster']);
    expect(faults).toEqual([]);
  });
});
