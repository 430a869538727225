/** What makes objects that no manifest shows. */
import { expect, it } from 'vitest';
import { releasesIn } from '../../../src/manifests/charts/releases.ts';
import { readFolders, writeFolder } from '../../support/manifests.ts';
import { config, renderFiles } from '../../support/render.ts';

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: unknown = {},
  namespace: string | undefined = 'web',
): string => JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec });

const makersIn = async (...objects: readonly string[]) => {
  const seen = await renderFiles({ 'a.yaml': [...objects, config('a')].join('\n---\n') });
  return seen.clusters['only']?.applied.makers ?? [];
};

it('are releases, with the chart and the namespace that they say', async () => {
  const helm = 'helm.toolkit.fluxcd.io/v2';
  const releases = [
    object(helm, 'HelmRelease', 'named', { chart: { spec: { chart: 'prometheus' } }, targetNamespace: 'monitoring' }),
    object(helm, 'HelmRelease', 'path', { chart: { spec: { chart: './charts/own' } } }),
    object(helm, 'HelmRelease', 'referred', { chartRef: { kind: 'OCIRepository', name: 'source' } }),
    object('source.toolkit.fluxcd.io/v1', 'OCIRepository', 'source', { url: 'oci://registry.example.org/charts/app' }),
    object('helm.cattle.io/v1', 'HelmChart', 'traefik', { chart: 'traefik', targetNamespace: 'edge' }, 'kube-system'),
  ];
  const folder = await readFolders([writeFolder({ 'a.yaml': releases.join('\n---\n') })]);
  expect(folder.flatMap(releasesIn(folder)).map(({ chart }) => chart)).toEqual(['prometheus', 'own', 'app', 'traefik']);
  expect(await makersIn(...releases)).toMatchObject([
    { what: 'HelmRelease web/named', namespace: 'monitoring' },
    { what: 'HelmRelease web/path', namespace: 'web' },
    { what: 'HelmRelease web/referred', namespace: 'web' },
    { what: 'HelmChart kube-system/traefik', namespace: 'edge' },
  ]);
});

it('are the objects of operators, but not those of which nothing is made', async () => {
  const makers = await makersIn(
    object('postgresql.cnpg.io/v1', 'Cluster', 'pg'),
    object('monitoring.coreos.com/v1', 'Prometheus', 'main'),
    object('monitoring.coreos.com/v1', 'ServiceMonitor', 'main'),
    object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'web'),
    object('apps/v1', 'Deployment', 'web'),
  );
  expect(makers.map(({ what, namespace }) => [what, namespace])).toEqual([
    ['Cluster web/pg', 'web'],
    ['Prometheus web/main', 'web'],
  ]);
});
