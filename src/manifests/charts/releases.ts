/** Charts, and who installs them: a HelmRelease of Flux, a HelmChart of k3s, or an Application of Argo CD. */
import { groupOf } from '../../kinds/kind.ts';
import { fieldsOf, specOf, textOf } from '../fields.ts';
import type { Manifest } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import { ofArgoCd } from './argo-releases.ts';
import { ofFlux, type SourceOf } from './flux-releases.ts';
import type { Release } from './release.ts';

/** @param all Among which the sources of the charts are looked for: all that one cluster gets. */
export function releasesIn(all: readonly Manifest[]): (manifest: Manifest) => readonly Release[] {
  const key = (kind: unknown, namespace: unknown, name: unknown): string =>
    [kind, textOf(namespace) ?? 'default', name].map(String).join(' ');
  const byKey = new Map(
    all.map(({ object }) => [key(object.kind, object.metadata.namespace, object.metadata.name), object]),
  );
  const sourceOf: SourceOf = (reference, by) => {
    const { kind, namespace, name } = fieldsOf(reference);
    return byKey.get(key(kind, textOf(namespace) ?? by.metadata.namespace, name));
  };
  return (manifest) => {
    const { kind, apiVersion } = manifest.object;
    if (kind === 'HelmRelease') return [ofFlux(manifest, sourceOf)];
    if (kind === 'HelmChart' && groupOf(apiVersion) === 'helm.cattle.io') return [ofK3s(manifest)];
    return kind === 'Application' ? ofArgoCd(manifest) : [];
  };
}

/** A HelmChart [helm.cattle.io/v1]. */
function ofK3s(manifest: Manifest): Release {
  const { metadata } = manifest.object;
  const spec = specOf(manifest.object);
  return {
    by: `HelmChart ${nameOf(manifest.object)}`,
    at: { file: manifest.file, place: manifest.place },
    ...{ chart: textOf(spec['chart']), version: textOf(spec['version']), from: textOf(spec['repo']) ?? '' },
    ...{ name: metadata.name, namespace: textOf(spec['targetNamespace']) ?? textOf(metadata.namespace) },
    layers: [{ type: 'untold', why: 'a HelmChartConfig may change its values' }],
    path: ['spec'],
    options: { crds: true },
  };
}
