/** What a build has come upon so far: the files that take part, what is wrong, and what is left out. */
import type { FileNote, Maker, Path, Place } from '../manifest.ts';
import { isBelow, pathIn } from '../files/paths.ts';
import type { Release } from '../charts/release.ts';
import type { Tree } from '../files/tree.ts';
import type { Charts } from '../helm/charts.ts';
import type { Kustomization } from './fields.ts';
import type { MergeType } from './merge-keys.ts';
import { Elsewhere, Refused } from './refused.ts';

export interface Build {
  tree: Tree;
  /** Whether a kustomization may read files outside its own folder. */
  anyFile: boolean;
  /** How patches merge kinds that a kustomization defines, by `version kind`. */
  types?: ReadonlyMap<string, MergeType>;
  files: Set<string>;
  notes: FileNote[];
  faults: FileNote[];
  makers: Maker[];
  releases: Release[];
  /** Who renders charts. */
  charts: Charts | undefined;
}

/** A kustomization that is built, or a part of one. */
export interface Target {
  folder: string;
  /** The kustomization's file, or the folder where it has none. */
  file: string;
  fields: Kustomization;
  place: (path: Path) => Place;
  /** Fields that come of elsewhere than the file, and the index of the first item of each list that does. */
  overlaid?: { file: string; place: (path: Path) => Place; since: Readonly<Record<string, number>> };
  /** The namespace that the kustomizations around this one give to everything, the outermost first. */
  around: readonly string[];
}

/** The namespace that everything gets which a kustomization gathers. */
export const namespaceFor = ({ around, fields }: Target): string | undefined => around[0] ?? fields.namespace;

type Where = Pick<Target, 'file' | 'place' | 'overlaid'>;

export function fault(build: Build, where: Where, path: Path, message: string): void {
  build.faults.push({ ...standing(where, path), message });
}

export function note(build: Build, where: Where, path: Path, message: string): void {
  build.notes.push({ ...standing(where, path), message });
}

/** Where a field of a kustomization stands: in its file, or with who laid it over that. */
function standing({ file, place, overlaid }: Where, path: Path): { file: string; place: Place } {
  const [field = '', index, ...rest] = path;
  const since = overlaid?.since[field];
  if (overlaid === undefined || since === undefined || (typeof index === 'number' && index < since)) {
    return { file, place: place(path) };
  }
  const within = typeof index === 'number' ? [index - since, ...rest] : path.slice(1);
  return { file: overlaid.file, place: overlaid.place([field, ...within]) };
}

/** Does a step of a build; what kustomize would refuse becomes a fault of the field that asks for it, and the build goes on. */
export async function attempt(
  build: Build,
  target: Target,
  path: Path,
  step: () => Promise<void> | void,
): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const tell = error instanceof Elsewhere ? note : fault;
    tell(build, target, path, error.message);
  }
}

/** The path of a file that a kustomization names; it has to be in its folder or below. */
export function fileOf(build: Build, { folder }: Target, named: string): string {
  const path = pathIn(folder, named);
  if (!build.anyFile && !isBelow(path, folder)) {
    throw new Refused(`names the file ${named}, which is outside its folder`);
  }
  return path;
}

/** The text of a file that a kustomization names. */
export async function textOf(build: Build, target: Target, named: string): Promise<string> {
  if (isRemote(named)) throw new Elsewhere(`names ${named}, which is not in these files: left out`);
  const path = fileOf(build, target, named);
  const text = await build.tree.text(path);
  if (text === undefined) throw new Refused(`names the file ${named}, which is not there`);
  build.files.add(path);
  return text;
}

/** Whether what a kustomization names is elsewhere: a file on the web, or a folder of another repository [api/internal/git/repospec.go]. */
export const isRemote = (named: string): boolean =>
  /^(git::)?(https?|ssh|file):\/\//i.test(named) || /^(git::)?([a-z][a-z0-9-]*@[^/]+[:/]|github\.com[/:])/i.test(named);
