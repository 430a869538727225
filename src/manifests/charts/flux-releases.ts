/** HelmReleases of Flux [helm.toolkit.fluxcd.io/v2], and what they are told [fluxcd/pkg chartutil 1.x]. */
import { fieldsOf, lastPart, listOf, specOf, textOf, textsOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest, ManifestObject } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import type { Layer } from './layers.ts';
import type { Release } from './release.ts';

/** The object that a release refers to for its chart. */
export type SourceOf = (reference: unknown, by: ManifestObject) => ManifestObject | undefined;

export function ofFlux(manifest: Manifest, sourceOf: SourceOf): Release {
  const { object } = manifest;
  const spec = specOf(object);
  const own = fieldsOf(valueAt(spec, ['chart', 'spec']));
  const said = textOf(own['chart']);
  const found = sourceOf(said === undefined ? spec['chartRef'] : own['sourceRef'], object);
  const source = found === undefined ? {} : specOf(found);
  const from = textOf(source['url']) ?? '';
  const chart = said ?? textOf(source['chart']) ?? from;
  // A HelmChart says of its own where it comes from.
  const told = found?.kind === 'HelmChart' && said === undefined ? source : own;
  const home = fieldsOf(told['sourceRef']);
  const isOfGit = textOf(home['kind']) === 'GitRepository';
  const files = [textOf(told['valuesFile']), ...textsOf(told['valuesFiles'])].filter((file) => file !== undefined);
  return {
    by: `HelmRelease ${nameOf(object)}`,
    at: { file: manifest.file, place: manifest.place },
    ...{ from, chart: textOf(lastPart(chart)), version: textOf(told['version']) ?? tagOf(source) },
    name: releaseName(object, spec),
    namespace: textOf(spec['targetNamespace']) ?? textOf(object.metadata.namespace),
    layers: [...unreadable(spec), ...(files.length > 0 && !isOfGit ? [inTheChart] : []), ...layersOf(manifest, spec)],
    path: ['spec', 'values'],
    ...(isOfGit
      ? {
          inTree: {
            source: textOf(home['name']) ?? '',
            path: textOf(told['chart']) ?? '.',
            ...(files.length === 0 ? {} : { defaults: files, isOptional: told['ignoreMissingValuesFiles'] === true }),
          },
        }
      : {}),
    options: {
      crds: [valueAt(spec, ['install', 'crds']), spec['install'] && fieldsOf(spec['install'])['skipCRDs']].every(
        (one) => one !== 'Skip' && one !== true,
      ),
    },
  };
}

const tagOf = (source: Fields): string | undefined => textOf(fieldsOf(source['ref'])['tag']);

/** [helm-controller 1.x, HelmRelease.GetReleaseName] */
function releaseName({ metadata }: ManifestObject, spec: Fields): string {
  const target = textOf(spec['targetNamespace']);
  return textOf(spec['releaseName']) ?? (target === undefined ? metadata.name : `${target}-${metadata.name}`);
}

const inTheChart: Layer = { type: 'untold', why: 'it takes values files that are in the chart' };

/** What is changed afterwards may become anything, and what is sent elsewhere lands in no cluster that is judged here. */
const unreadable = (spec: Fields): readonly Layer[] => [
  ...(listOf(spec['postRenderers']).length > 0
    ? [{ type: 'untold', why: 'its postRenderers change what comes of it' } as const]
    : []),
  ...(spec['kubeConfig'] === undefined ? [] : [{ type: 'untold', why: 'it is for another cluster' } as const]),
];

/** References in order, then its own values, which come before each value that is set by its path, too. */
function layersOf(manifest: Manifest, spec: Fields): readonly Layer[] {
  const { object } = manifest;
  const own: Layer = {
    type: 'values',
    given: spec['values'] ?? {},
    at: { file: manifest.file, place: (path) => manifest.place(['spec', 'values', ...path]) },
  };
  const references = listOf(spec['valuesFrom']).map(fieldsOf);
  return [
    ...references.flatMap((reference): readonly Layer[] => {
      const path = textOf(reference['targetPath']);
      const config: Layer = {
        type: 'config',
        config: {
          kind: textOf(reference['kind']) ?? '',
          namespace: object.metadata.namespace ?? 'default',
          name: textOf(reference['name']) ?? '',
          key: textOf(reference['valuesKey']) ?? 'values.yaml',
          isOptional: reference['optional'] === true,
          ...(path === undefined ? {} : { set: { path, isLiteral: reference['literal'] === true } }),
        },
      };
      return path === undefined ? [config] : [own, config];
    }),
    own,
  ];
}
