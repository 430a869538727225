/**
 * Which roots are of which cluster.
 *
 * One cluster gets each object once. So two folders, beside each other, are of two clusters when what begins in them makes the same object of
 * Flux or Argo CD; when it makes mostly the same objects; or when it builds the same base to objects of mostly the same names. The folders
 * name the clusters, and what begins outside of all such folders belongs to each of them. A few objects that two folders share are no sign of
 * clusters: they stand twice.
 */
import { isBelow } from '../files/paths.ts';

/** What begins in a folder. */
export interface Begun {
  folder: string;
  /** `Deployment.apps shop/web`. */
  ids: ReadonlySet<string>;
  /** The ids of those among them that have more applied. */
  applying: ReadonlySet<string>;
  /** The folders that it builds on. */
  bases: ReadonlySet<string>;
}

/** The clusters by name, each with what it gets; one without a name where there are not several. */
export function clustersOf<T extends Begun>(roots: readonly T[]): ReadonlyMap<string | undefined, readonly T[]> {
  const folders = rivalFolders(roots, '');
  if (folders.length === 0) return new Map([[undefined, roots]]);
  const homeOf = ({ folder }: T): string | undefined => {
    const home = folders.find((one) => isBelow(folder, one));
    return home === undefined ? undefined : nameOf(home);
  };
  const byHome = Map.groupBy(roots, homeOf);
  const everywhere = byHome.get(undefined) ?? [];
  const names = [...new Set(folders.map(nameOf))].sort();
  return new Map(names.map((name) => [name, [...(byHome.get(name) ?? []), ...everywhere]]));
}

const nameOf = (folder: string): string => folder.split('/').at(-1) ?? folder;

/** @param above The folder, with its slash, whose folders are held against each other. */
function rivalFolders(roots: readonly Begun[], above: string): readonly string[] {
  const beside = Map.groupBy(
    // What begins in the working directory itself is beside nothing.
    roots.filter(({ folder }) => folder.startsWith(above) && folder !== '.'),
    ({ folder }) => `${above}${folder.slice(above.length).split('/')[0] ?? ''}`,
  );
  const all = [...beside].map(([folder, inner]) => ({ folder, ...together(inner) }));
  const rivals = new Set<string>();
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      if (areRivals(one, other)) rivals.add(one.folder).add(other.folder);
    }
  }
  // What begins in a folder that is one cluster's is no rival of itself: where some is, the clusters stand further down.
  return [...beside].flatMap(([folder, inner]) => {
    const further = rivalFolders(
      inner.filter((root) => root.folder !== folder),
      `${folder}/`,
    );
    return further.length === 0 && rivals.has(folder) ? [folder] : further;
  });
}

type Together = Omit<Begun, 'folder'>;

function together(roots: readonly Begun[]): Together {
  const all = (of: (root: Begun) => ReadonlySet<string>): ReadonlySet<string> =>
    new Set(roots.flatMap((root) => [...of(root)]));
  return { ids: all(({ ids }) => ids), applying: all(({ applying }) => applying), bases: all(({ bases }) => bases) };
}

function areRivals(one: Together, other: Together): boolean {
  if (shared(one.applying, other.applying) > 0) return true;
  const common = shared(one.ids, other.ids);
  if (common > 1 && common * 2 >= Math.min(one.ids.size, other.ids.size)) return true;
  if (shared(one.bases, other.bases) === 0) return false;
  const [names, others] = [namesIn(one.ids), namesIn(other.ids)];
  return shared(names, others) * 2 >= Math.min(names.size, others.size);
}

const shared = (one: ReadonlySet<string>, other: ReadonlySet<string>): number =>
  one.size > other.size ? shared(other, one) : [...one].filter((value) => other.has(value)).length;

/** Kinds and names, without the namespaces, which overlays set. */
const namesIn = (ids: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...ids].map((id) => id.replace(/ [^ ]*\//, ' ')));
