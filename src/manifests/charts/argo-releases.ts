/**
 * Charts that Applications of Argo CD install, and what they are told: value files, then `values` or `valuesObject`, then parameters, then those
 * that are text, then those of files [Argo CD 3.x, reposerver/repository/repository.go; helm's own order of precedence].
 */
import { posix } from 'node:path';
import { fieldsOf, lastPart, listOf, specOf, textOf, textsOf, valueAt, type Fields } from '../fields.ts';
import type { Manifest, Path } from '../manifest.ts';
import { nameOf } from '../scope.ts';
import type { Layer, Standing, ValuesFile } from './layers.ts';
import type { Release } from './release.ts';

/** The charts of registries among the sources of an Application [argoproj.io/v1alpha1]. */
export const ofArgoCd = (manifest: Manifest): readonly Release[] =>
  sourcesIn(manifest)
    .filter(({ source }) => isOfRegistry(source))
    .map(({ source, at }) => ofArgoSource(manifest, source, at));

/** A registry of images that holds a chart is named whole; the path in it is a formality. */
const isOfRegistry = ({ chart, repoURL }: Fields): boolean =>
  textOf(chart) !== undefined || textOf(repoURL)?.startsWith('oci://') === true;

interface Source {
  source: Fields;
  at: Path;
}

/** The sources of an Application; where there are several, the one is not looked at. */
export function sourcesIn(manifest: Manifest): readonly Source[] {
  const spec = specOf(manifest.object);
  const several = listOf(spec['sources']).map((source, index) => ({
    source: fieldsOf(source),
    at: ['spec', 'sources', index] as Path,
  }));
  const hydrated = fieldsOf(fieldsOf(spec['sourceHydrator'])['drySource']);
  return several.length > 0 ? several : [{ source: fieldsOf(spec['source'] ?? hydrated), at: ['spec', 'source'] }];
}

/** What one source installs, where it is a chart. */
export function ofArgoSource(manifest: Manifest, source: Fields, at: Path): Release {
  const helm = fieldsOf(source['helm']);
  const own = isOfRegistry(source) ? textOf(source['repoURL']) : textOf(source['path']);
  const chart = textOf(source['chart']) ?? own;
  const field = helm['valuesObject'] === undefined ? 'values' : 'valuesObject';
  const namespace = textOf(valueAt(specOf(manifest.object), ['destination', 'namespace']));
  return {
    by: `Application ${nameOf(manifest.object)}`,
    at: { file: manifest.file, place: manifest.place },
    ...{ chart: chart === undefined ? undefined : lastPart(chart), version: textOf(source['targetRevision']) },
    from: textOf(source['repoURL']) ?? '',
    name: textOf(helm['releaseName']) ?? manifest.object.metadata.name,
    ...{ namespace: textOf(helm['namespace']) ?? namespace, path: [...at, 'helm', field] },
    layers: layersOf(manifest, source, helm, at),
    options: {
      crds: helm['skipCrds'] !== true,
      apiVersions: textsOf(helm['apiVersions']),
      kubeVersion: textOf(helm['kubeVersion']),
    },
  };
}

function layersOf(manifest: Manifest, source: Fields, helm: Fields, at: Path): readonly Layer[] {
  const standing = (path: Path): Standing => ({
    file: manifest.file,
    place: (inner) => manifest.place([...at, 'helm', ...path, ...inner]),
  });
  const isOptional = helm['ignoreMissingValueFiles'] === true;
  const filled = variablesOf(manifest, source);
  const parameters = listOf(helm['parameters']).map((parameter, index) => ({ ...fieldsOf(parameter), index }));
  const given = helm['valuesObject'] ?? helm['values'];
  const set = (isText: boolean): readonly Layer[] =>
    parameters
      .filter(({ index: _index, ...parameter }) => (fieldsOf(parameter)['forceString'] === true) === isText)
      .map(({ index, ...parameter }): Layer => {
        const { name, value } = fieldsOf(parameter);
        const text = `${textOf(name) ?? ''}=${withoutSigns(filled(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)))}`;
        return { type: 'set', text, as: isText ? 'text' : 'typed', at: standing(['parameters', index]) };
      });
  return [
    ...textsOf(helm['valueFiles']).map((named): Layer =>
      fileLayer(fileOf(manifest, source, named, filled, isOptional)),
    ),
    ...(given === undefined || given === null
      ? []
      : [
          {
            type: 'values',
            given,
            at: standing([helm['valuesObject'] === undefined ? 'values' : 'valuesObject']),
          } as const,
        ]),
    ...set(false),
    ...set(true),
    ...listOf(helm['fileParameters'])
      .map(fieldsOf)
      .map(({ name, path }, index): Layer => {
        const file = fileOf(manifest, source, textOf(path) ?? '', filled, false);
        if (typeof file === 'string') return { type: 'untold', why: file };
        return { type: 'set-file', name: textOf(name) ?? '', file, at: standing(['fileParameters', index]) };
      }),
  ];
}

const fileLayer = (file: ValuesFile | string): Layer =>
  typeof file === 'string' ? { type: 'untold', why: file } : { type: 'file', file };

/** Where a value file is; or why it is not to be had, as a clause. */
function fileOf(
  manifest: Manifest,
  source: Fields,
  given: string,
  filled: (text: string) => string,
  isOptional: boolean,
): ValuesFile | string {
  const [, reference, below = ''] = /^\$([\w-]+)(?:\/(.*))?$/.exec(given) ?? [];
  const referred = sourcesIn(manifest).find(
    (one) => reference !== undefined && one.source['ref'] === reference,
  )?.source;
  if (referred !== undefined) {
    return { named: given, of: textOf(referred['repoURL']) ?? '', path: posix.join('.', filled(below)), isOptional };
  }
  const named = filled(given);
  if (named.includes('{{')) return `it takes ${named}, which only Argo CD can tell`;
  const path = textOf(source['path']);
  if (isOfRegistry(source) || path === undefined) return `it takes ${named}, which is in the chart`;
  // From the root of the repository, where it begins with a slash.
  const inner = named.startsWith('/') ? posix.join('.', named) : posix.join(path, named);
  return { named, of: textOf(source['repoURL']) ?? '', path: inner, isOptional };
}

/** What Argo CD fills in for `$NAME` and `${NAME}` in parameters and paths of files. */
function variablesOf(manifest: Manifest, source: Fields): (text: string) => string {
  const variables: Readonly<Record<string, string | undefined>> = {
    ARGOCD_APP_NAME: manifest.object.metadata.name,
    ARGOCD_APP_NAMESPACE: textOf(valueAt(specOf(manifest.object), ['destination', 'namespace'])),
    ARGOCD_APP_PROJECT_NAME: textOf(specOf(manifest.object)['project']),
    ARGOCD_APP_SOURCE_PATH: textOf(source['path']),
    ARGOCD_APP_SOURCE_REPO_URL: textOf(source['repoURL']),
    ARGOCD_APP_SOURCE_TARGET_REVISION: textOf(source['targetRevision']),
  };
  return (text) =>
    text.replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced?: string, bare?: string) => variables[braced ?? bare ?? ''] ?? whole,
    );
}

/** A comma in a parameter is meant as one, unless all of it is a list. */
const withoutSigns = (value: string): string =>
  /^\{[^]*\}$/.test(value) ? value : value.replaceAll(/(?<!\\),/g, String.raw`\,`);
