/** What a cluster gets, and what makes more in it. */
import { chartObjects } from '../charts/charts.ts';
import type { Means } from '../charts/layers.ts';
import { releasesIn } from '../charts/releases.ts';
import { idOf } from '../scope.ts';
import type { Applied, Maker, Manifest } from '../manifest.ts';
import type { Followed } from './follow.ts';
import { makersOf } from './makers.ts';
import { configOfManifests } from './settle.ts';

export async function appliedBy(
  { to }: Followed,
  name: string | undefined,
  means: Omit<Means, 'configOf'>,
): Promise<readonly Applied[]> {
  const isSeveral = [...to.keys()].some((remote) => remote !== undefined);
  const all = [...to].filter(
    ([, { manifests, makers, releases }]) => manifests.length + makers.length + releases.length > 0,
  );
  return Promise.all(
    all.map(async ([remote, applying]): Promise<Applied> => {
      const own = remote ?? (name === undefined ? 'in-cluster' : undefined);
      const manifests = withoutRepeated(applying.manifests);
      const releases = [...manifests.flatMap(releasesIn(manifests)), ...applying.releases];
      return {
        cluster: isSeveral ? [name, own].filter((part) => part !== undefined).join(' ') : name,
        manifests,
        makers: distinct([...applying.makers, ...makersOf(manifests, applying.rendered)]),
        charts: releases,
        told: await chartObjects(releases, { ...means, configOf: configOfManifests(manifests) }),
      };
    }),
  );
}

/** Whoever applies and whoever renders may both tell of one: the first knows more. */
const distinct = (makers: readonly Maker[]): readonly Maker[] =>
  [
    ...new Map(makers.toReversed().map((maker) => [`${maker.what} ${maker.namespace ?? ''}`, maker])).values(),
  ].toReversed();

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
