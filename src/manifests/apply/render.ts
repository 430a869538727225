/** What each cluster gets of a tree of manifests, by whoever applies it. */
import { dirname } from 'node:path';
import type { Tree } from '../files/tree.ts';
import { objectsOf } from '../files/objects.ts';
import { buildKustomization, type Built, type Overlay } from '../kustomize/build.ts';
import type { FileNote, Manifest } from '../manifest.ts';
import { clustersOf, type Begun } from './clusters.ts';
import { dependencyFaults } from './dependencies.ts';
import { follow, followOn, nothingFollowed, type Followed, type Following } from './follow.ts';
import { foldersOf, graphOf, readFiles, type Graph, type ReadFile } from './graph.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { makersOf } from './makers.ts';
import { orphanNotes } from './orphans.ts';
import type { Maker } from './plan.ts';
import { isBelow, repositoryAt } from './repository.ts';
import { rootsOf, type Root } from './roots.ts';
import { sourcesOf } from './sources.ts';
import type { ConfigOf } from './variables.ts';

export type { Maker } from './plan.ts';

/** What one cluster gets. */
export interface Applied {
  /** `main`, where a tree holds several; undefined where it holds one. */
  cluster: string | undefined;
  manifests: readonly Manifest[];
  makers: readonly Maker[];
}

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
  /** The repository's root, below which the paths of Flux and Argo CD begin. Nothing outside of it is read. */
  root: string;
}

/** A root, with what follows from it. */
interface Rooted extends Begun {
  root: Root;
  followed: Followed;
}

/** @param files Every file below the places, without those that a person excluded. */
export async function render(tree: Tree, files: readonly string[], { places, root }: Options): Promise<Rendered> {
  const read = await readFiles(tree, files);
  const repository = await repositoryAt(tree, root);
  const folders = foldersOf(files, places);
  const known = new Set([...files].flatMap((file) => [file, dirname(file)]));
  const isFolder = (path: string): boolean => known.has(path) || folders.has(path);
  const sources = sourcesOf(
    read.flatMap(({ manifests }) => manifests),
    repository,
    isFolder,
  );
  const given = { tree, repository, sources };
  const graph = await graphOf(given, read, folders);
  const built = new Map<string, Promise<Built>>();
  const build = (folder: string, overlay: Overlay): Promise<Built> => {
    const key = JSON.stringify([folder, overlay]);
    const before = built.get(key);
    if (before !== undefined) return before;
    const now = buildKustomization(tree, folder, overlay);
    built.set(key, now);
    return now;
  };
  const byFile = new Map(read.map((one) => [one.file, one]));
  const followed = async (roots: readonly Root[], configOf: ConfigOf): Promise<Followed> => {
    const into = nothingFollowed();
    for (const one of roots) await begin(one, into, { ...given, build, configOf }, byFile);
    return into;
  };
  const nowhere: ConfigOf = () => undefined;
  const all: Rooted[] = [];
  for (const one of rootsOf(graph, read)) all.push(rootedAt(one, await followed([one], nowhere), graph));
  const rooted = withoutLeftBehind(all);
  if (process.env['DEBUGR'])
    for (const r of rooted)
      console.log(
        '  root',
        r.root.type,
        r.root.path,
        'objects',
        r.ids.size,
        'steps',
        r.applying.size,
        'dropped',
        all.length - rooted.length,
      );
  const clusters = clustersOf(rooted);
  const notes: FileNote[] = [];
  const faults: (FileNote & { cluster?: string })[] = [];
  const applied: Applied[] = [];
  const taken = new Set<string>();
  const appliedFolders = new Set<string>();
  for (const [name, roots] of clusters) {
    const result = await settled((configOf) =>
      followed(
        roots.map((one) => one.root),
        configOf,
      ),
    );
    notes.push(...result.notes);
    for (const file of result.files) taken.add(file);
    for (const folder of result.folders) appliedFolders.add(folder);
    const own = [
      ...result.faults,
      ...dependencyFaults(
        result,
        places.some((place) => isBelow(root, place)),
      ),
    ];
    faults.push(...own.map((fault) => (name === undefined ? fault : { ...fault, cluster: name })));
    applied.push(...appliedBy(result, name));
  }
  notes.push(...orphanNotes(graph, read, taken, appliedFolders));
  return { clusters: applied, notes: distinct(notes), faults: distinct(faults) };
}

async function begin(
  { type, path }: Root,
  into: Followed,
  following: Following,
  files: ReadonlyMap<string, ReadFile>,
): Promise<void> {
  if (type === 'folder') {
    const { manifests, makers, notes, faults, files: used } = await following.build(path, {});
    for (const file of used) into.files.add(file);
    into.notes.push(...notes);
    into.faults.push(...faults);
    await follow(manifests, into, following);
    into.to.get(undefined)?.makers.push(...makers);
    return;
  }
  const manifests = files.get(path)?.manifests ?? [];
  if (type === 'circle') return followOn(manifests, into, following);
  into.files.add(path);
  for (const document of (await following.tree.documents(path))?.documents ?? [])
    into.notes.push(...objectsOf(document).notes);
  await follow(manifests, into, following);
}

function rootedAt(root: Root, followed: Followed, graph: Graph): Rooted {
  const manifests = [...followed.to.values()].flatMap((one) => one.manifests);
  return {
    root,
    followed,
    folder: root.type === 'folder' ? root.path : dirname(root.path),
    ids: new Set(manifests.map(idOf)),
    applying: new Set([...followed.steps.values()].map(({ by }) => by)),
    bases: root.type === 'folder' ? graph.basesOf(root.path) : new Set(),
  };
}

const idOf = ({ object: { apiVersion, kind, metadata } }: Manifest): string =>
  `${kind}.${apiVersion.split('/')[0] ?? ''} ${metadata.namespace ?? ''}/${metadata.name}`;

/** ConfigMaps whose values are filled in are applied themselves: followed until they stay as they are. */
async function settled(once: (configOf: ConfigOf) => Promise<Followed>): Promise<Followed> {
  let wanted = new Set<string>();
  let configs = new Map<string, Manifest['object']>();
  for (let round = 0; ; round++) {
    const before = configs;
    const result = await once((kind, namespace, name) => {
      const id = `${kind} ${namespace}/${name}`;
      wanted.add(id);
      return before.get(id);
    });
    const manifests = [...result.to.values()].flatMap((one) => one.manifests);
    configs = new Map(
      manifests
        .map(
          ({ object }) =>
            [`${object.kind} ${object.metadata.namespace ?? 'default'}/${object.metadata.name}`, object] as const,
        )
        .filter(([id]) => wanted.has(id)),
    );
    const isSame = JSON.stringify([...before]) === JSON.stringify([...configs]);
    // A variable that names its own ConfigMap would go on for ever.
    if (isSame || round >= 3) return result;
    wanted = new Set();
  }
}

function appliedBy({ to }: Followed, name: string | undefined): readonly Applied[] {
  const isSeveral = [...to.keys()].some((remote) => remote !== undefined);
  return [...to]
    .filter(([, { manifests, makers }]) => manifests.length + makers.length > 0)
    .map(([remote, { manifests, makers }]) => ({
      cluster: !isSeveral
        ? name
        : [name, remote ?? (name === undefined ? 'in-cluster' : undefined)].filter(Boolean).join(' '),
      manifests,
      makers: [...makers, ...makersOf(manifests)],
    }));
}

function distinct<T extends FileNote>(notes: readonly T[]): readonly T[] {
  const byText = new Map(notes.map((note) => [JSON.stringify(note), note]));
  return [...byText.values()];
}
