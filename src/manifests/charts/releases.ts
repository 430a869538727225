/** Charts, and what they are installed with: by a HelmRelease of Flux, a HelmChart of k3s, or an Application of Argo CD. */
import { groupOf } from '../../kinds/kind.ts';
import { isObject } from '../../kinds/violation.ts';
import { valuesOf } from '../files/documents.ts';
import { fieldsOf, lastPart, listOf, specOf, textOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest, ManifestObject, Path } from '../manifest.ts';

export interface Release {
  manifest: Manifest;
  /** The chart's name; undefined where an object tells it that is not at hand. */
  chart: string | undefined;
  /** As the release itself says it: one, or a range. */
  version: string | undefined;
  /** Where the chart comes from, as far as that is told. */
  from: string;
  name: string;
  /** Where its objects land. */
  namespace: string | undefined;
  /** Undefined where they are not all here, or what is made of them is changed. */
  values: Fields | undefined;
  /** Where the values stand. */
  path: Path;
}

/** The object that a release refers to for its chart. */
type SourceOf = (reference: unknown, by: ManifestObject) => ManifestObject | undefined;

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

/** A HelmRelease [helm.toolkit.fluxcd.io/v2]. */
function ofFlux(manifest: Manifest, sourceOf: SourceOf): Release {
  const { object } = manifest;
  const spec = specOf(object);
  const own = fieldsOf(valueAt(spec, ['chart', 'spec']));
  const said = textOf(own['chart']);
  const found = sourceOf(said === undefined ? spec['chartRef'] : own['sourceRef'], object);
  const source = found === undefined ? {} : specOf(found);
  const from = textOf(source['url']) ?? '';
  const chart = said ?? textOf(source['chart']) ?? from;
  // What is merged into the values, and what is changed of the objects, may be anything.
  const isWhole = ['valuesFrom', 'postRenderers'].every((field) => spec[field] === undefined);
  return {
    ...{ manifest, from, chart: textOf(lastPart(chart)), version: textOf(own['version']) },
    name: textOf(spec['releaseName']) ?? object.metadata.name,
    namespace: textOf(spec['targetNamespace']) ?? textOf(object.metadata.namespace),
    ...{ values: isWhole ? valuesIn(spec['values'] ?? {}) : undefined, path: ['spec', 'values'] },
  };
}

/** A HelmChart [helm.cattle.io/v1]. */
function ofK3s(manifest: Manifest): Release {
  const { metadata } = manifest.object;
  const spec = specOf(manifest.object);
  return {
    ...{ manifest, chart: textOf(spec['chart']), version: textOf(spec['version']), from: textOf(spec['repo']) ?? '' },
    ...{ name: metadata.name, namespace: textOf(spec['targetNamespace']) ?? textOf(metadata.namespace) },
    // HelmChartConfigs change them.
    ...{ values: undefined, path: ['spec'] },
  };
}

/** The charts among the sources of an Application [argoproj.io/v1alpha1]. */
function ofArgoCd(manifest: Manifest): readonly Release[] {
  const spec = specOf(manifest.object);
  const several = Array.isArray(spec['sources']);
  return (several ? listOf(spec['sources']) : [spec['source']]).flatMap((one, index): readonly Release[] => {
    const source = fieldsOf(one);
    const chart = textOf(source['chart']);
    if (chart === undefined) return [];
    const helm = fieldsOf(source['helm']);
    const field = helm['valuesObject'] === undefined ? 'values' : 'valuesObject';
    const isWhole = ['parameters', 'fileParameters', 'valueFiles'].every((name) => helm[name] === undefined);
    return [
      {
        ...{ manifest, chart: lastPart(chart), version: textOf(source['targetRevision']) },
        from: textOf(source['repoURL']) ?? '',
        name: textOf(helm['releaseName']) ?? manifest.object.metadata.name,
        namespace: textOf(valueAt(spec, ['destination', 'namespace'])),
        values: isWhole ? valuesIn(helm[field] ?? {}) : undefined,
        path: ['spec', ...(several ? ['sources', index] : ['source']), 'helm', field],
      },
    ];
  });
}

/** Values as an object or as a text of YAML; undefined where they are neither, and a chart would refuse them. */
function valuesIn(given: unknown): Fields | undefined {
  if (isObject(given)) return given;
  const all = typeof given === 'string' ? valuesOf(given) : undefined;
  if (all === undefined || all.length > 1) return undefined;
  const [values] = all;
  return values === undefined || values === null ? {} : isObject(values) ? values : undefined;
}
