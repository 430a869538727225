/** Which of the sources that Flux and Argo CD name are the repository at hand. */
import { groupOf } from '../../kinds/kind.ts';
import type { Manifest } from '../manifest.ts';
import { fieldsOf, listOf, specOf, textOf, type Fields } from '../fields.ts';
import { isFluxKustomization } from './flux.ts';
import { pathOfArtifact } from './artifacts.ts';
import type { Home, Sources, Repository } from './repository.ts';

/**
 * A source is here when its URL says so. Where none does, as in a fork or a folder that is called otherwise, it is the one from which most
 * paths are taken that are here.
 *
 * @param manifests Those that were read as they stand, before anybody changed them.
 */
export function sourcesOf(
  manifests: readonly Manifest[],
  repository: Repository,
  isFolder: (path: string) => boolean,
): Sources {
  const urls = new Map(manifests.flatMap(urlOfSource));
  const counts = new Map<string, number>();
  const argoUrls = new Set<string>();
  const count = (source: string, path: string | undefined): void => {
    const folder = path === undefined ? undefined : repository.at(path);
    // Every repository has a root.
    const isHere = folder !== undefined && folder !== repository.root && isFolder(folder);
    counts.set(source, (counts.get(source) ?? 0) + (isHere ? 1 : 0));
  };
  for (const manifest of manifests) {
    if (isFluxKustomization(manifest)) {
      const { sourceRef, path } = specOf(manifest.object);
      // One that names none is given one by whoever applies it.
      if (textOf(fieldsOf(sourceRef)['name']) !== undefined) count(keyOf(fieldsOf(sourceRef)), textOf(path));
    }
    for (const { url, path } of argoSources(manifest)) {
      argoUrls.add(url);
      count(url, path);
    }
  }
  const most = (keys: readonly string[]): string | undefined =>
    keys
      .filter((key) => (counts.get(key) ?? 0) > 0)
      .sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0))[0];
  const mostOfFlux = most([...counts.keys()].filter((key) => !argoUrls.has(key)));
  const mostOfArgo = most([...argoUrls]);
  const isKnown = [...urls.values(), ...argoUrls].some((url) => repository.isAt(url));
  const home = (url: string | undefined, isMost: boolean): Home => {
    if (url !== undefined && repository.isAt(url)) return 'here';
    if (isMost && (url === undefined || !isKnown)) return 'here';
    return url === undefined ? 'perhaps' : 'elsewhere';
  };
  return {
    ofFlux: (kind, name) => {
      const key = `${kind} ${name}`;
      return home(urls.get(key), key === mostOfFlux);
    },
    pathIn: (kind, name, path, file) =>
      kind === 'ExternalArtifact' ? (pathOfArtifact(manifests, name, path, file) ?? path) : path,
    ofArgo: (url) => home(url, url === mostOfArgo),
  };
}

const keyOf = (source: Fields): string =>
  `${textOf(source['kind']) ?? 'GitRepository'} ${textOf(source['name']) ?? ''}`;

function urlOfSource(manifest: Manifest): readonly (readonly [string, string])[] {
  const { apiVersion, kind, metadata } = manifest.object;
  const spec = specOf(manifest.object);
  if (kind === 'FluxInstance') {
    const sync = fieldsOf(spec['sync']);
    const url = textOf(sync['url']);
    const name = textOf(sync['name']) ?? metadata.namespace ?? 'flux-system';
    return url === undefined ? [] : [[`${textOf(sync['kind']) ?? 'GitRepository'} ${name}`, url]];
  }
  const url = textOf(spec['url']) ?? (kind === 'Bucket' ? textOf(spec['endpoint']) : undefined);
  return groupOf(apiVersion) === 'source.toolkit.fluxcd.io' && url !== undefined
    ? [[`${kind} ${metadata.name}`, url]]
    : [];
}

/** The sources of an Application, and of what an ApplicationSet makes. */
function argoSources(manifest: Manifest): readonly { url: string; path: string | undefined }[] {
  const { apiVersion, kind } = manifest.object;
  if (groupOf(apiVersion) !== 'argoproj.io') return [];
  const spec = specOf(manifest.object);
  const inner = kind === 'ApplicationSet' ? fieldsOf(fieldsOf(spec['template'])['spec']) : spec;
  const generators = gitIn(spec['generators']);
  const files = generators.flatMap(({ repoURL, directories, files: some }) =>
    [...listOf(directories), ...listOf(some)].map((one) => ({
      repoURL,
      // What stands before the first sign of a pattern.
      path: textOf(fieldsOf(one)['path'])?.replace(/\/?[^/]*[*?[{].*$/, ''),
    })),
  );
  // What a list brings may be paths.
  const listed = listOf(spec['generators']).flatMap((generator) => textsWithin(generator));
  const inLists = listed.map((path) => ({ ...fieldsOf(inner['source'] ?? listOf(inner['sources'])[0]), path }));
  return [inner['source'], ...listOf(inner['sources']), ...files, ...inLists].flatMap((source) => {
    const { repoURL, path, chart } = fieldsOf(source);
    const url = textOf(repoURL);
    return url === undefined || url.includes('{{') || chart !== undefined ? [] : [{ url, path: textOf(path) }];
  });
}

/** The git generators, those that are multiplied or merged among them. */
const gitIn = (generators: unknown): readonly Fields[] =>
  listOf(generators)
    .map(fieldsOf)
    .flatMap(({ git, matrix, merge }) => [
      fieldsOf(git),
      ...[matrix, merge].flatMap((one) => gitIn(fieldsOf(one)['generators'])),
    ]);

/** The texts of the elements of list generators, those that are multiplied or merged among them. */
function textsWithin(generator: unknown): readonly string[] {
  const { list, matrix, merge } = fieldsOf(generator);
  const own = listOf(fieldsOf(list)['elements']).flatMap((element) => Object.values(fieldsOf(element)));
  const inner = [matrix, merge].flatMap((one) => listOf(fieldsOf(one)['generators'])).flatMap(textsWithin);
  return [...own.filter((value) => typeof value === 'string'), ...inner];
}
