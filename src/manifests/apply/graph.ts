/** Which kustomizations and files name which others, as they stand: enough to tell where applying begins. */
import { dirname, relative } from 'node:path';
import { objectsOf } from '../files/objects.ts';
import type { YamlDocument } from '../files/documents.ts';
import { isBelow, pathIn, plainPath } from '../files/paths.ts';
import type { Tree } from '../files/tree.ts';
import { kustomizationOf } from '../kustomize/build.ts';
import type { FileNote, Manifest } from '../manifest.ts';
import { textOf, textsOf } from '../fields.ts';
import { planOf } from './follow.ts';
import type { Step } from './plan.ts';
import type { Sources, Repository } from './repository.ts';

/** A file, with what it holds. */
export interface ReadFile {
  file: string;
  manifests: readonly Manifest[];
  /** A kustomization, or none. */
  isKustomization: boolean;
  /** What of it cannot be read, or is no object though it means to be one. */
  faults: readonly FileNote[];
}

export interface Graph {
  /** Every folder in which files stand, up to the places that were named. */
  folders: ReadonlySet<string>;
  /** The folders that have a kustomization, with it. */
  kustomizations: ReadonlyMap<string, YamlDocument>;
  /** The nearest folder upward, itself included, that has a kustomization. */
  governorOf: (folder: string) => string | undefined;
  /** The folders with kustomization, and the files, that a folder or a file names. */
  named: (path: string) => readonly string[];
  /** The folders that a kustomization builds on, through its resources alone. */
  basesOf: (folder: string) => ReadonlySet<string>;
}

const namesOfKustomizations: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

export const isKustomizationFile = (file: string): boolean => namesOfKustomizations.has(file.split('/').at(-1) ?? '');

export const isComponent = ({ content }: YamlDocument): boolean => content['kind'] === 'Component';

export function foldersOf(files: readonly string[], places: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  const bounds = places.map(plainPath);
  for (const file of files) {
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) {
      if (!bounds.some((bound) => isBelow(folder, bound))) break;
      folders.add(folder);
      if (folder === dirname(folder)) break;
    }
  }
  return folders;
}

export async function readFiles(tree: Tree, files: readonly string[]): Promise<readonly ReadFile[]> {
  const read: ReadFile[] = [];
  // Not all at once: a process may open a few hundred files.
  for (let at = 0; at < files.length; at += 64) {
    read.push(...(await Promise.all(files.slice(at, at + 64).map((file) => readOne(tree, file)))));
  }
  return read;
}

async function readOne(tree: Tree, file: string): Promise<ReadFile> {
  if (isKustomizationFile(file)) return { file, manifests: [], isKustomization: true, faults: [] };
  // A dashboard is long to read, and no object; every object says both of these.
  const text = await tree.text(file);
  const mayBeObject = text === undefined || (text.includes('apiVersion') && text.includes('kind'));
  const { documents, fault } = (mayBeObject ? await tree.documents(file) : undefined) ?? { documents: [] };
  const isKustomization = documents.some(({ content: { apiVersion } }) =>
    textOf(apiVersion)?.startsWith('kustomize.config.k8s.io/'),
  );
  const objects = documents.map(objectsOf);
  return {
    file,
    manifests: objects.flatMap(({ manifests }) => manifests),
    isKustomization,
    faults: [...(fault === undefined ? [] : [fault]), ...objects.flatMap(({ faults }) => faults)],
  };
}

export async function graphOf(
  given: { tree: Tree; repository: Repository; sources: Sources },
  read: readonly ReadFile[],
  folders: ReadonlySet<string>,
): Promise<Graph> {
  const kustomizations = new Map<string, YamlDocument>();
  for (const folder of folders) {
    const entries = (await given.tree.folder(folder)) ?? [];
    if (!entries.some(({ name }) => namesOfKustomizations.has(name))) continue;
    const found = await kustomizationOf(given.tree, folder);
    if (found !== undefined) kustomizations.set(folder, found);
  }
  const governorOf = (folder: string): string | undefined => {
    for (let at = folder; folders.has(at); at = dirname(at)) {
      if (kustomizations.has(at)) return at;
      if (at === dirname(at)) return undefined;
    }
    return undefined;
  };
  const files = new Set(read.map(({ file }) => file));
  const edges = new Map<string, readonly string[]>();
  const resources = new Map<string, readonly string[]>();
  for (const [folder, { content }] of kustomizations) {
    const listed = (fields: readonly string[]): readonly string[] =>
      fields
        .flatMap((field) => textsOf(content[field]))
        .map((entry) => pathIn(folder, entry))
        .filter((path) => kustomizations.has(path) || files.has(path));
    resources.set(folder, listed(['resources', 'bases']));
    edges.set(folder, listed(['resources', 'bases', 'components']));
  }
  const reach = reachIn(read, kustomizations);
  for (const { file, manifests } of read) {
    const named: string[] = [];
    for (const manifest of manifests) {
      const plan = await planOf(manifest, given);
      named.push(...(plan?.steps ?? []).flatMap(reach));
    }
    if (named.length > 0) edges.set(file, named);
  }
  return { folders, kustomizations, governorOf, named: (path) => edges.get(path) ?? [], basesOf };

  function basesOf(folder: string): ReadonlySet<string> {
    const bases = new Set<string>();
    const add = (from: string): void => {
      for (const path of resources.get(from) ?? []) {
        if (!kustomizations.has(path) || bases.has(path)) continue;
        bases.add(path);
        add(path);
      }
    };
    add(folder);
    return bases;
  }
}

/** What Flux or Argo CD take of a folder. */
function reachIn(
  read: readonly ReadFile[],
  kustomizations: ReadonlyMap<string, YamlDocument>,
): (step: Step) => readonly string[] {
  const inFolder = Map.groupBy(read, ({ file }) => dirname(file));
  return ({ folder, files }) => {
    // What a chart holds is no manifest.
    if (folder === undefined || files === 'chart') return [];
    if (kustomizations.has(folder) && (files === 'generated' || !files.evenWithKustomization)) return [folder];
    if (files !== 'generated') {
      const isTaken = ({ file }: ReadFile): boolean =>
        isBelow(file, folder) && (files.recurse || dirname(file) === folder) && files.takes(relative(folder, file));
      return read.filter(isTaken).map(({ file }) => file);
    }
    // The kustomization that Flux makes lists every file below, and of a folder with a kustomization that alone.
    const below = [...inFolder.keys()].filter((one) => isBelow(one, folder));
    return below.flatMap((inner) => {
      const own = nearestBelow(inner, folder, kustomizations);
      return own === undefined ? (inFolder.get(inner) ?? []).map(({ file }) => file) : [own];
    });
  };
}

/** The outermost folder with a kustomization, between a folder and one far below it. */
function nearestBelow(inner: string, folder: string, among: ReadonlyMap<string, unknown>): string | undefined {
  let found: string | undefined;
  for (let at = inner; at !== folder && at !== dirname(at); at = dirname(at)) if (among.has(at)) found = at;
  return found;
}
