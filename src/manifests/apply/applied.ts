/** What a cluster gets, and what makes more in it. */
import { groupOf } from '../../kinds/kind.ts';
import { isNamespaced } from '../scope.ts';
import type { Applied, Manifest } from '../manifest.ts';
import type { Followed } from './follow.ts';
import { makersOf } from './makers.ts';

export function appliedBy({ to }: Followed, name: string | undefined): readonly Applied[] {
  const isSeveral = [...to.keys()].some((remote) => remote !== undefined);
  return [...to]
    .filter(([, { manifests, makers }]) => manifests.length + makers.length > 0)
    .map(([remote, applying]) => {
      const own = remote ?? (name === undefined ? 'in-cluster' : undefined);
      const manifests = withoutRepeated(applying.manifests.map(asServed));
      return {
        cluster: isSeveral ? [name, own].filter((part) => part !== undefined).join(' ') : name,
        manifests,
        makers: [...applying.makers, ...makersOf(manifests)],
      };
    });
}

/** An API server takes the namespace off an object whose kind has none. */
function asServed(manifest: Manifest): Manifest {
  const { namespace, ...metadata } = manifest.object.metadata;
  if (namespace === undefined || isNamespaced(manifest.object)) return manifest;
  return { ...manifest, object: { ...manifest.object, metadata } };
}

/** An object of one place that is applied twice, in the same form, as by hand first and by Argo CD from then on, is one. */
function withoutRepeated(manifests: readonly Manifest[]): readonly Manifest[] {
  const alike = Map.groupBy(manifests, ({ file, object }) => `${file} ${idOf({ object })}`);
  return [...alike.values()].flatMap((same) =>
    same.length === 1
      ? same
      : [
          ...new Map(
            same.map((manifest) => [JSON.stringify([manifest.object, manifest.place([])]), manifest]),
          ).values(),
        ],
  );
}

/** `Deployment.apps shop/web`. */
export const idOf = ({ object: { apiVersion, kind, metadata } }: Pick<Manifest, 'object'>): string =>
  `${kind}.${groupOf(apiVersion)} ${metadata.namespace ?? ''}/${metadata.name}`;
