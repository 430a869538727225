/** What a cluster gets, and what makes more in it. */
import { idOf } from '../scope.ts';
import type { Applied, Manifest } from '../manifest.ts';
import type { Followed } from './follow.ts';
import { makersOf } from './makers.ts';

export function appliedBy({ to }: Followed, name: string | undefined): readonly Applied[] {
  const isSeveral = [...to.keys()].some((remote) => remote !== undefined);
  return [...to]
    .filter(([, { manifests, makers }]) => manifests.length + makers.length > 0)
    .map(([remote, applying]) => {
      const own = remote ?? (name === undefined ? 'in-cluster' : undefined);
      const manifests = withoutRepeated(applying.manifests);
      return {
        cluster: isSeveral ? [name, own].filter((part) => part !== undefined).join(' ') : name,
        manifests,
        makers: [...applying.makers, ...makersOf(manifests)],
      };
    });
}

/** An object of one place that is applied twice, in the same form, as by hand first and by Argo CD from then on, is one. */
const withoutRepeated = (manifests: readonly Manifest[]): readonly Manifest[] => {
  const alike = Map.groupBy(manifests, ({ file, object }) => `${file} ${idOf(object)}`);
  return alike
    .values()
    .flatMap((same) => (same.length === 1 ? same : eachForm(same)))
    .toArray();
};

/** Where each stands is asked only of those that are the same: for a place its file is read again. */
const eachForm = (alike: readonly Manifest[]): readonly Manifest[] =>
  Map.groupBy(alike, ({ object }) => JSON.stringify(object))
    .values()
    .flatMap((same) =>
      same.length === 1
        ? same
        : new Map(same.map((manifest) => [JSON.stringify(manifest.place([])), manifest])).values(),
    )
    .toArray();
