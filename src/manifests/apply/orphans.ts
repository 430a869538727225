/** Files with objects that nobody applies: a note for each folder. */
import { dirname } from 'node:path';
import type { FileNote } from '../manifest.ts';
import type { Graph, ReadFile } from './graph.ts';
import { isBelow } from '../files/paths.ts';

/**
 * @param taken Every file that a root takes.
 * @param appliedFolders The folders that Flux or Argo CD apply.
 */
export function orphanNotes(
  graph: Graph,
  read: readonly ReadFile[],
  taken: ReadonlySet<string>,
  appliedFolders: ReadonlySet<string>,
): readonly FileNote[] {
  const isLeft = ({ file, manifests, isKustomization }: ReadFile): boolean =>
    !isKustomization && manifests.length > 0 && !taken.has(file);
  const used = new Set([...taken, ...appliedFolders].flatMap(around));
  const orphans = Map.groupBy(read.filter(isLeft), ({ file }) => topOf(dirname(file), graph.folders, used));
  return [...orphans].map(([folder, files]) => {
    const [first = ''] = files.map(({ file }) =>
      isBelow(file, folder) && folder !== '.' ? file.slice(folder.length + 1) : file,
    );
    const others = files.length - 1;
    const what = others === 0 ? first : `${first} and ${others} more ${others === 1 ? 'file' : 'files'}`;
    const why =
      graph.kustomizations.has(folder) && used.has(folder) ? 'its kustomization does not list' : 'nobody applies';
    return { file: folder, message: `holds ${what}, which ${why}: left out` };
  });
}

/** The highest folder around of which nothing is used, so that a tree that nobody applies is one note. */
function topOf(folder: string, folders: ReadonlySet<string>, used: ReadonlySet<string>): string {
  const above = dirname(folder);
  return used.has(folder) || above === folder || !folders.has(above) || used.has(above)
    ? folder
    : topOf(above, folders, used);
}

/** A path and every folder around it. */
function around(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [path, ...around(above)];
}
