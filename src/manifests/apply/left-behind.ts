/**
 * Roots that are none after all.
 *
 * In repositories whose cluster follows Flux or Argo CD, what these do not reach is mostly left behind: archives, examples of a page, patches of
 * the machines, what brought the cluster up once. So where they apply at least half of the files, nobody applies the rest. Where they apply
 * less, as where somebody only begins with them, the rest is applied by hand, and judged.
 */
import { dirname } from 'node:path';
import type { Followed } from './follow.ts';
import { isKustomizationFile } from './graph.ts';
import { isBelow } from '../files/paths.ts';
import type { Root } from './roots.ts';

interface Rooted {
  root: Root;
  folder: string;
  followed: Followed;
}

export function withoutLeftBehind<T extends Rooted>(all: readonly T[]): readonly T[] {
  const kept = withoutReached(all);
  const heads = kept.filter(({ followed }) => followed.steps.size > 0);
  const live = heads.filter(leadsOn);
  if (live.length === 0) return kept;
  // An archived Kustomization whose folder is gone, where nothing beside it leads anywhere.
  const dead = heads.filter((head) => !leadsOn(head) && !live.some(({ folder }) => folder === head.folder));
  // What stands with the first file that is followed is applied with it, by whatever applies that.
  const isBeside = ({ folder }: T): boolean =>
    live.some(({ root, folder: head }) => root.type === 'file' && head !== '.' && isBelow(folder, head));
  const others = kept.filter((one) => !heads.includes(one) && !isBeside(one));
  const count = (some: readonly T[]): number => new Set(some.flatMap(({ followed }) => [...followed.files])).size;
  const left = count(live) >= count(others) ? [...dead, ...others] : dead;
  return kept.filter((one) => !left.includes(one));
}

const leadsOn = ({ followed }: Rooted): boolean => followed.folders.size > 0;

/** A root that what another one applies takes in, once it is built, or in whose folder Flux or Argo CD apply everything without it. */
function withoutReached<T extends Rooted>(all: readonly T[]): readonly T[] {
  const isIn = (inner: T, outer: T): boolean => {
    const { type, path } = inner.root;
    const { files, folders } = outer.followed;
    const isTaken =
      type === 'folder'
        ? [...files].some((file) => isKustomizationFile(file) && dirname(file) === path)
        : files.has(path);
    return isTaken || [...folders].some((folder) => isBelow(path, folder));
  };
  const places = new Map(all.map((one, index) => [one, index]));
  // A file that stands for itself, as most do, has nothing in it.
  const outer = all.filter(({ followed: { files, folders } }) => files.size > 1 || folders.size > 0);
  // Of two that are in each other the first stays.
  const isFirst = (one: T, other: T): boolean => (places.get(one) ?? 0) < (places.get(other) ?? 0);
  return all.filter(
    (one) => !outer.some((other) => other !== one && isIn(one, other) && !(isIn(other, one) && isFirst(one, other))),
  );
}
