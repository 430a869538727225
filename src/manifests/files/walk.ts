/** The files that somebody names, by themselves or by a folder, without those that they leave out. */
import { Refusal } from '../../formats/refusal.ts';
import ignore from 'ignore';
import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { FileNote } from '../manifest.ts';
import { isBelow, plainPath } from './paths.ts';
import type { Entry, Tree } from './tree.ts';

export interface Walked {
  /** Files of YAML and JSON, each once, in order. */
  files: readonly string[];
  /** The folder below which paths of Flux and Argo CD begin: that of the repository, else the only folder that is named. */
  root: string;
  notes: readonly FileNote[];
  /** The folders that are charts: nothing in them is a manifest before it is rendered. */
  charts: readonly string[];
  /** Whether somebody leaves a file out. */
  isExcluded: (file: string) => boolean;
}

/** The name of what is piped in, among files. */
export const standardInput = 'stdin';

/** A file beside a folder's manifests that says what to leave out, as `.gitignore` does. */
const ignoreFile = '.runbookignore';

/**
 * @param places Files and folders; `-` is what `tree` has as `stdin`.
 * @param exclude Patterns as in `.gitignore`, seen from the working directory and from each place.
 * @throws {Refusal} for a place that is not there, or is neither file nor folder.
 */
export async function walk(tree: Tree, places: readonly string[], exclude: readonly string[] = []): Promise<Walked> {
  const named = places.map((place) => (place === '-' ? standardInput : plainPath(place)));
  const root = rootOf(named);
  const rules = await rulesOf(tree, named, root, exclude);
  const isExcluded = (path: string): boolean => rules.some((excludes) => excludes(path));
  const notes: FileNote[] = [];
  const charts: string[] = [];
  const seen = new Set<string>();
  const files: string[] = [];
  for (const place of named) {
    if (place === standardInput || (await kindOf(place)) === 'file') files.push(place);
    else files.push(...(await below(place)));
  }
  return { files: [...new Set(files)].sort(), root, notes, charts, isExcluded };

  async function below(folder: string): Promise<readonly string[]> {
    // A link to a folder above would never end.
    const real = await realpath(folder).catch(() => folder);
    if (seen.has(real)) return [];
    seen.add(real);
    const entries = await tree.folder(folder);
    if (entries === undefined) {
      notes.push({ file: folder, message: 'cannot be read', hint: 'Name folders that you may read.' });
      return [];
    }
    if (entries.some(({ name }) => name === 'Chart.yaml')) {
      charts.push(folder);
      return [];
    }
    const found: string[] = [];
    for (const entry of entries) {
      if (!isLookedAt(entry) || isExcluded(entry.isFolder ? `${entry.path}/` : entry.path)) continue;
      if (entry.broken !== undefined) notes.push(entry.broken);
      else if (entry.isFolder) found.push(...(await below(entry.path)));
      else found.push(entry.path);
    }
    return found;
  }
}

/** Folders of tools, such as `.git`, hold nobody's manifests. */
const isLookedAt = ({ name, isFolder }: Entry): boolean =>
  isFolder
    ? !name.startsWith('.') && name !== 'node_modules'
    : /\.(?:ya?ml|json)$/.test(name) || name === 'Kustomization';

async function kindOf(place: string): Promise<'file' | 'folder'> {
  let entry;
  try {
    entry = await stat(place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(
      'input',
      code === 'ENOENT'
        ? `There is no file or folder ${place}.`
        : `${place} cannot be read (${code ?? 'no reason given'}).`,
      `Name folders and files that hold manifests, as seen from ${process.cwd()}.`,
      { cause: error },
    );
  }
  if (entry.isDirectory()) return 'folder';
  // A pipe is what a shell makes of <(kubectl kustomize …).
  if (entry.isFile() || entry.isFIFO()) return 'file';
  throw new Refusal(
    'input',
    `${place} is neither a file nor a folder.`,
    'Name folders and files that hold manifests, or - for what is piped in.',
  );
}

/** The repository that a place is in, written as the place is; a place that is in none stands for itself. */
function rootOf(places: readonly string[]): string {
  const [first = '.'] = places.filter((place) => place !== standardInput);
  const start = resolve(first);
  const pathTo = (folder: string): string => (isAbsolute(first) ? folder : relative('.', folder) || '.');
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return pathTo(folder);
    if (folder === dirname(folder)) break;
  }
  const folders = places.filter((place) => place !== standardInput);
  return folders.length === 1 ? first : pathTo(commonFolder(folders.map((place) => resolve(place))));
}

const commonFolder = (folders: readonly string[]): string => {
  const [first = process.cwd(), ...others] = folders;
  let common = first;
  while (!others.every((other) => isBelow(other, common))) common = dirname(common);
  return common;
};

type Rule = (path: string) => boolean;

async function rulesOf(
  tree: Tree,
  places: readonly string[],
  root: string,
  exclude: readonly string[],
): Promise<readonly Rule[]> {
  const bases = [...new Set(['.', root, ...places.filter((place) => place !== standardInput)])];
  const own = bases.map(async (base) => {
    const kept = await tree.text(join(base, ignoreFile));
    return kept === undefined ? [] : [ruleOf(base, kept)];
  });
  return [
    ...(await Promise.all(own)).flat(),
    ...(exclude.length === 0 ? [] : bases.map((base) => ruleOf(base, exclude))),
  ];
}

function ruleOf(base: string, patterns: string | readonly string[]): Rule {
  const rules = ignore().add(patterns);
  return (path) => {
    const inside = relative(base, path);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return false;
    return rules.ignores(path.endsWith('/') ? `${inside}/` : inside);
  };
}
