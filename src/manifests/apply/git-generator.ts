/** The folders and files that an ApplicationSet's git generator finds, and what its templates can say of each. */
import { basename, dirname, join, relative } from 'node:path';
import { matchesGlob } from '../../formats/glob.ts';
import type { Tree } from '../files/tree.ts';
import type { Repository } from './repository.ts';
import { sanitized, type Parameters } from './templates.ts';

/** Patterns of paths, below the repository's root. */
interface Asked {
  taken: readonly string[];
  excluded: readonly string[];
}

/** Folders by path below the root. One that is excluded by any pattern is left out. */
export async function foldersOf(
  tree: Tree,
  repository: Repository,
  { taken, excluded }: Asked,
): Promise<readonly string[]> {
  const all = await inAll(tree, repository, taken, 'folders');
  return all.filter(
    (path) =>
      taken.some((one) => matchesGlob(path, plain(one))) && !excluded.some((one) => matchesGlob(path, plain(one))),
  );
}

/** Argo CD asks Git for files, whose `*` goes across slashes, unless it is told otherwise [its new Git file globbing]. */
export async function filesLike(
  tree: Tree,
  repository: Repository,
  { taken, excluded }: Asked,
): Promise<readonly string[]> {
  const all = await inAll(tree, repository, taken, 'files');
  const isAs = (path: string) => (pattern: string) => matchesGlob(path, plain(pattern), { acrossSlashes: true });
  return all.filter((path) => taken.some(isAs(path)) && !excluded.some(isAs(path)));
}

const plain = (pattern: string): string => pattern.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');

async function inAll(
  tree: Tree,
  repository: Repository,
  patterns: readonly string[],
  what: 'folders' | 'files',
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    // What stands before the first sign of a pattern is a folder, or, without any sign, the thing itself.
    const fixed = plain(pattern).replace(/(?:^|\/)[^/]*[*?[\\].*$/, '');
    const isWhole = fixed === plain(pattern);
    const start = repository.at(isWhole ? dirname(fixed) : fixed);
    const depth = isWhole
      ? 1
      : what === 'files' || pattern.includes('**')
        ? Infinity
        : plain(pattern).split('/').length;
    if (start !== undefined) await walk(tree, start, depth, what, found);
  }
  return [...found].map((path) => relative(repository.root, path)).sort();
}

async function walk(
  tree: Tree,
  folder: string,
  depth: number,
  what: 'folders' | 'files',
  found: Set<string>,
): Promise<void> {
  if (depth <= 0) return;
  for (const { name, path, isFolder } of (await tree.folder(folder)) ?? []) {
    if (isFolder === (what === 'folders') && !(isFolder && name.startsWith('.'))) found.add(path);
    if (isFolder && !name.startsWith('.') && name !== 'node_modules') await walk(tree, path, depth - 1, what, found);
  }
}

/** @param prefix What the generator's `pathParamPrefix` says. */
export function parametersOfFolder(path: string, isGo: boolean, prefix: string | undefined): Parameters {
  return pathParameters(path, {}, isGo, prefix);
}

/** The maps of a file, each with the path. */
export async function parametersOfFile(
  tree: Tree,
  repository: Repository,
  path: string,
  isGo: boolean,
  prefix: string | undefined,
): Promise<readonly Parameters[]> {
  const documents = (await tree.documents(join(repository.root, path)))?.documents ?? [];
  const filename = basename(path);
  const more = { filename, filenameNormalized: sanitized(filename) };
  const own = pathParameters(dirname(path), more, isGo, prefix);
  return documents.map(({ content }) => ({ ...content, ...own }));
}

function pathParameters(path: string, more: Parameters, isGo: boolean, prefix: string | undefined): Parameters {
  const segments = path.split('/');
  const basenameNormalized = sanitized(basename(path));
  const said = { basename: basename(path), basenameNormalized, ...more };
  if (isGo) {
    const inner = { path: { path, segments, ...said } };
    return prefix === undefined ? inner : { [prefix]: inner };
  }
  const key = prefix === undefined ? 'path' : `${prefix}.path`;
  return Object.fromEntries([
    [key, path],
    ...Object.entries(said).map(([name, value]) => [`${key}.${name}`, value] as const),
    ...segments.map((segment, index) => [`${key}[${index}]`, segment] as const),
  ]);
}
