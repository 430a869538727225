/** What each cluster gets of a tree of manifests, by whoever applies it. */
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isBelow, plainPath } from '../files/paths.ts';
import type { Tree } from '../files/tree.ts';
import { chartsIn, type Charts } from '../helm/charts.ts';
import type { Helm } from '../helm/program.ts';
import { buildKustomization, type Built, type Overlay } from '../kustomize/build.ts';
import type { Applied, FileNote } from '../manifest.ts';
import { idOf } from '../scope.ts';
import { appliedBy } from './applied.ts';
import { clustersOf, type Begun } from './clusters.ts';
import { dependencyFaults } from './dependencies.ts';
import { isFluxKustomization } from './flux.ts';
import type { Followed } from './follow.ts';
import { foldersOf, graphOf, readFiles, type Graph } from './graph.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { orphanNotes } from './orphans.ts';
import { repositoryAt } from './repository.ts';
import { rootsOf, type Root } from './roots.ts';
import { configsIn, followRoots, settled, type Means } from './settle.ts';
import { sourcesOf } from './sources.ts';

export interface Rendered {
  clusters: readonly Applied[];
  /** What was left out, and why. */
  notes: readonly FileNote[];
  /** What whoever applies the files refuses. */
  faults: readonly (FileNote & { cluster?: string })[];
}

interface Options {
  /** What a person named: files and folders. */
  places: readonly string[];
  /** The repository's root, below which the paths of Flux and Argo CD begin. Nothing outside of it is read, but for the places. */
  root: string;
  /** The folders that are charts, if any. */
  charts?: readonly string[];
  /** Who renders those; looked for when the first is to be rendered. */
  helm?: () => Promise<Helm | undefined>;
}

/** A root, with what follows from it. */
interface Rooted extends Begun {
  root: Root;
  followed: Followed;
}

/** @param files Every file below the places, without those that a person excluded. */
export async function render(given: Tree, files: readonly string[], options: Options): Promise<Rendered> {
  const bounds = [options.root, ...options.places].map(plainPath);
  const [root = '.', ...places] = bounds;
  const known = new Set(files);
  const tree = within(given, (path) => known.has(path) || bounds.some((bound) => isBelow(path, bound)), bounds);
  const read = await readFiles(tree, files);
  const folders = foldersOf(files, places);
  const repository = await repositoryAt(tree, root);
  const all = read.flatMap(({ manifests }) => manifests);
  const sources = sourcesOf(all, repository, (path) => folders.has(path) || known.has(path));
  const charts = chartsIn(tree, bounds, options.helm ?? (() => Promise.resolve(undefined)));
  const graph = await graphOf({ tree, repository, sources }, read, folders);
  const means: Means = {
    ...{ tree, repository, sources, charts },
    build: builtOnce(tree, charts),
    // Where there is Flux, it is Flux that applies what begins here, too.
    overlay: all.some(isFluxKustomization) ? { filesFromAnywhere: true } : {},
    files: new Map(read.map((one) => [one.file, one])),
  };
  const begun: Rooted[] = [];
  for (const one of rootsOf(graph, read))
    begun.push(rootedAt(one, await followRoots([one], means, () => undefined), graph));

  const isPlain = begun.every(({ applying }) => applying.size === 0);
  const alone = (options.charts ?? []).filter((chart) => !charts.claimed.has(chart));
  const chartRoots = isPlain ? alone.map((path): Root => ({ type: 'chart', path })) : [];
  for (const one of chartRoots) begun.push(rootedAt(one, await followRoots([one], means, () => undefined), graph));

  const notes: FileNote[] = isPlain ? [] : alone.map(installedByNobody);
  const faults: (FileNote & { cluster?: string })[] = [];
  const clusters: Applied[] = [];
  const taken = new Set<string>();
  const appliedFolders = new Set<string>();
  const isWhole = places.some((place) => isBelow(root, place));
  for (const [name, roots] of clustersOf(withoutLeftBehind(begun))) {
    const before = new Map(roots.flatMap(({ followed }) => [...configsIn(followed)]));
    const result = await settled(
      roots.map((one) => one.root),
      means,
      before,
    );
    for (const file of result.files) taken.add(file);
    for (const folder of result.folders) appliedFolders.add(folder);
    notes.push(...result.notes);
    const found = [...result.faults, ...dependencyFaults(result, isWhole)];
    faults.push(...found.map((fault) => (name === undefined ? fault : { ...fault, cluster: name })));
    clusters.push(...(await appliedBy(result, name, { tree, repository, sources })));
  }
  // Of what is built, the builder says it. Who applies files as they stand stops at one that cannot be read; where others apply what they list,
  // it may be anything.
  for (const { file, faults: own } of read) {
    if (taken.has(file)) continue;
    const stops = isPlain && graph.governorOf(dirname(file)) === undefined;
    (stops ? faults : notes).push(...own);
  }
  notes.push(...orphanNotes(graph, read, taken, appliedFolders));

  // What a person excludes is built with the rest, for that may need it, and not spoken of.
  const isExcluded = (file: string): boolean =>
    !known.has(file) && /(?<!\/\..*)\.(?:ya?ml|json)$/.test(file) && places.some((place) => isBelow(file, place));
  const spoken = <T extends { file: string }>(some: readonly T[]): readonly T[] =>
    some.filter(({ file }) => !isExcluded(file));
  return {
    clusters,
    notes: distinct(spoken(notes)),
    faults: distinct(spoken(faults)),
  };
}

/** The tree, in which nothing stands outside of some bounds. */
function within(tree: Tree, isInside: (path: string) => boolean, bounds: readonly string[]): Tree {
  const realBounds = Promise.all(bounds.map((bound) => realpath(bound).catch(() => bound)));
  const guarded =
    <T>(read: (path: string) => Promise<T | undefined>) =>
    (path: string): Promise<T | undefined> => {
      const plain = plainPath(path);
      return isInside(plain) ? read(plain) : Promise.resolve(undefined);
    };
  // A link may lead anywhere, wherever it stands.
  const stays = async (path: string): Promise<boolean> => {
    const real = await realpath(path).catch(() => undefined);
    const bounds = await realBounds;
    return real === undefined ? isInside(plainPath(path)) : bounds.some((bound) => isBelow(real, bound));
  };
  return { ...tree, stays, documents: guarded(tree.documents), text: guarded(tree.text), folder: guarded(tree.folder) };
}

const installedByNobody = (file: string): FileNote => ({
  file,
  message: 'is a Helm chart that nothing here installs: left out',
});

function builtOnce(tree: Tree, charts: Charts): Means['build'] {
  const built = new Map<string, Promise<Built>>();
  return (folder: string, overlay: Overlay) => {
    const key = JSON.stringify([folder, overlay]);
    const before = built.get(key);
    if (before !== undefined) return before;
    const now = buildKustomization(tree, folder, overlay, charts);
    built.set(key, now);
    return now;
  };
}

function rootedAt(root: Root, followed: Followed, graph: Graph): Rooted {
  const manifests = [...followed.to.values()].flatMap((one) => one.manifests);
  return {
    root,
    followed,
    folder: root.type === 'folder' || root.type === 'chart' ? root.path : dirname(root.path),
    ids: new Set(manifests.map(({ object }) => idOf(object))),
    applying: new Set([...followed.steps.values()].map(({ by }) => by)),
    bases: root.type === 'folder' ? graph.basesOf(root.path) : new Set(),
  };
}

function distinct<T extends FileNote>(notes: readonly T[]): readonly T[] {
  const byText = new Map(notes.map((note) => [JSON.stringify(note), note]));
  return [...byText.values()];
}
