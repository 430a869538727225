/**
 * The objects that charts make of values that stand in Git, as far as a check reads them: a HelmRelease of Flux and an Application of Argo CD
 * are read as Helm would. A release whose values come from elsewhere too makes nothing here, for nobody can tell what they change.
 */
import { parse } from 'yaml';
import { follow } from '../../kinds/references.ts';
import { isObject } from '../../kinds/violation.ts';
import type { Manifest, ManifestObject, Path } from '../manifest.ts';
import { argumentsOf, charts, valueAt, type Chart, type Values } from './table.ts';

/** A chart, and what it is installed with. */
interface Release {
  manifest: Manifest;
  /** The chart's name, and where it comes from, as far as that is told. */
  chart: string;
  from: string;
  name: string;
  namespace: string | undefined;
  values: Values;
  /** Where the values stand. */
  path: Path;
}

/** What charts make that stands in Git by its values: every field that is not here, only a cluster can tell. */
export const chartObjects = (manifests: readonly Manifest[]): readonly Manifest[] =>
  manifests.flatMap((manifest) =>
    releasesOf(manifest, manifests).flatMap((release) =>
      charts
        .filter(({ name, notFrom }) => name === release.chart && notFrom?.test(release.from) !== true)
        .map((chart) => deploymentOf(chart, release)),
    ),
  );

function releasesOf(manifest: Manifest, all: readonly Manifest[]): readonly Release[] {
  switch (manifest.object.kind) {
    case 'HelmRelease':
      return ofFlux(manifest, all);
    case 'Application':
      return ofArgoCd(manifest);
    default:
      return [];
  }
}

const specOf = (object: ManifestObject): Values => {
  const { spec } = object as { spec?: unknown };
  return isObject(spec) ? spec : {};
};
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const base = (path: string): string => path.split('/').at(-1) ?? '';

/** A HelmRelease [helm.toolkit.fluxcd.io/v2]. */
function ofFlux(manifest: Manifest, all: readonly Manifest[]): readonly Release[] {
  const { object } = manifest;
  const spec = specOf(object);
  // What is merged into the values, and what is changed of the objects, may be anything.
  if (['valuesFrom', 'postRenderers'].some((field) => spec[field] !== undefined)) return [];
  const found = text(valueAt(spec, 'chart.spec.chart'));
  const source = valueAt(spec, found === undefined ? 'chartRef' : 'chart.spec.sourceRef');
  const from = sourceUrl(source, object, all);
  const chart = base(found ?? from ?? '');
  const values = spec['values'] ?? {};
  if (chart === '' || !isObject(values)) return [];
  const namespace = text(spec['targetNamespace']) ?? object.metadata.namespace;
  return [
    {
      ...{ manifest, chart, namespace, values, from: from ?? '', path: ['spec', 'values'] },
      name: text(spec['releaseName']) ?? object.metadata.name,
    },
  ];
}

/** The URL of the OCIRepository or HelmRepository that a HelmRelease names. */
function sourceUrl(source: unknown, by: ManifestObject, all: readonly Manifest[]): string | undefined {
  if (!isObject(source)) return undefined;
  const relation = {
    from: 'HelmRelease',
    path: 'source',
    name: 'name',
    namespace: 'namespace',
    to: { field: 'kind', otherwise: undefined },
  };
  const [reference] = follow({ ...by, source } as ManifestObject, relation);
  const found = all.find(
    ({ object: { kind, metadata } }) =>
      kind === reference?.kind &&
      metadata.name === reference.name &&
      (metadata.namespace ?? 'default') === reference.namespace,
  );
  return found && text(specOf(found.object)['url']);
}

/** An Application [argoproj.io/v1alpha1] whose values stand in it. */
function ofArgoCd(manifest: Manifest): readonly Release[] {
  const spec = specOf(manifest.object);
  const several = Array.isArray(spec['sources']) ? spec['sources'] : undefined;
  const sources = several ?? [spec['source']];
  return sources.flatMap((source: unknown, index): readonly Release[] => {
    const chart = isObject(source) ? text(source['chart']) : undefined;
    if (!isObject(source) || chart === undefined) return [];
    const helm = isObject(source['helm']) ? source['helm'] : {};
    if (['parameters', 'fileParameters', 'valueFiles'].some((field) => helm[field] !== undefined)) return [];
    const field = helm['valuesObject'] === undefined ? 'values' : 'valuesObject';
    const values = valuesIn(helm[field]);
    if (values === undefined) return [];
    return [
      {
        ...{ manifest, values, chart: base(chart), from: text(source['repoURL']) ?? '' },
        name: text(helm['releaseName']) ?? manifest.object.metadata.name,
        namespace: text(valueAt(spec, 'destination.namespace')),
        path: [...['spec'], ...(several === undefined ? ['source'] : ['sources', index]), 'helm', field],
      },
    ];
  });
}

/** Values as an object or as a text of YAML; undefined where they are neither. */
function valuesIn(given: unknown): Values | undefined {
  if (given === undefined) return {};
  if (typeof given !== 'string') return isObject(given) ? given : undefined;
  try {
    const parsed: unknown = parse(given) ?? {};
    return isObject(parsed) ? parsed : undefined;
  } catch {
    // A chart would refuse them too: what it makes, nobody knows.
    return undefined;
  }
}

/** As every chart names its objects: by the release where that has the chart's name in it. */
const fullName = ({ name, values, chart }: Release): string =>
  text(values['fullnameOverride']) ?? (name.includes(chart) ? name : `${name}-${chart}`);

function deploymentOf(chart: Chart, release: Release): Manifest {
  const { manifest, namespace, values, path } = release;
  const { container, image, labels } = chart.makes;
  const [registry, tag] = [text(valueAt(values, 'image.repository')), text(valueAt(values, 'image.tag'))];
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: fullName(release), ...(namespace === undefined ? {} : { namespace }), labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: container,
              image: `${registry ?? image}${tag === undefined ? '' : `:${tag}`}`,
              args: [...argumentsOf(chart, values)],
              ...(Array.isArray(values['env']) ? { env: values['env'] } : {}),
            },
          ],
        },
      },
    },
  };
  return { object, file: manifest.file, place: () => manifest.place(path) };
}
