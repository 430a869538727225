/** Fields laid over a kustomization by who builds it, and the kustomization that Flux makes for a folder that has none. */
import type { Path, Place } from '../manifest.ts';
import type { Tree } from '../files/tree.ts';
import type { Image, Kustomization } from './fields.ts';
import { hasKustomization } from './kustomization.ts';

/** Fields of a kustomization laid over the folder's, as Flux and Argo CD do. */
export interface Overlay extends Pick<
  Kustomization,
  | 'namespace'
  | 'namePrefix'
  | 'nameSuffix'
  | 'components'
  | 'patches'
  | 'images'
  | 'replicas'
  | 'labels'
  | 'commonLabels'
  | 'commonAnnotations'
> {
  /** Labels and annotations that Flux gives to every object, after all else. */
  commonMetadata?: { labels?: Readonly<Record<string, string>>; annotations?: Readonly<Record<string, string>> };
  /** Whether components that are not there are left out. */
  ignoreMissingComponents?: boolean;
  /** Whether kustomizations may read files outside their folders: Flux lets them, kustomize alone and Argo CD do not. */
  filesFromAnywhere?: boolean;
  /** Where the overlay's fields stand, by their names here. */
  from?: { file: string; place: (path: Path) => Place };
}

export function overlaid(fields: Kustomization, overlay: Overlay): Kustomization {
  const { namespace, namePrefix, nameSuffix, commonLabels, commonAnnotations, images = [] } = overlay;
  const lists = (['components', 'patches', 'replicas', 'labels'] as const).flatMap((name) =>
    overlay[name] === undefined ? [] : [[name, [...(fields[name] ?? []), ...overlay[name]]]],
  );
  return {
    ...fields,
    ...(Object.fromEntries(lists) as Pick<Kustomization, 'components' | 'patches' | 'replicas' | 'labels'>),
    ...(namespace === undefined ? {} : { namespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...(commonLabels === undefined ? {} : { commonLabels: { ...fields.commonLabels, ...commonLabels } }),
    ...(commonAnnotations === undefined
      ? {}
      : { commonAnnotations: { ...fields.commonAnnotations, ...commonAnnotations } }),
    images: images.reduce(withImage, fields.images ?? []),
  };
}

/** An image that is named already gets what the other says of it; tag and digest are told together. */
function withImage(images: readonly Image[], { name, newName, newTag, digest }: Image): Image[] {
  const there = images.find((image) => image.name === name);
  const changed: Image = {
    ...there,
    name,
    ...(newName === undefined || newName === '' ? {} : { newName }),
    ...((newTag ?? '') === '' && (digest ?? '') === '' ? {} : { newTag, digest }),
  };
  return there === undefined ? [...images, changed] : images.map((image) => (image === there ? changed : image));
}

/** What Flux's source leaves out where nobody says otherwise, of what could be a manifest [fluxcd/pkg, sourceignore]. */
const leftOut =
  /^(\.git|\.github|\.circleci|\.(travis|gitlab-ci|drone|goreleaser|sops|flux)\.ya?ml|(appveyor|cloudbuild|codeship-services|codeship-steps)\.ya?ml)$/;

/** The resources of a kustomization that Flux makes: every manifest below a folder, and each folder that has a kustomization of its own. */
export async function resourcesBelow(tree: Tree, folder: string, within = ''): Promise<readonly string[]> {
  const entries = (await tree.folder(folder)) ?? [];
  const found = await Promise.all(
    entries.map(async ({ name, path, isFolder, broken }): Promise<readonly string[]> => {
      const here = `${within}${name}`;
      if (leftOut.test(name) || broken !== undefined) return [];
      if (!isFolder) return /\.ya?ml$/.test(name) ? [here] : [];
      return (await hasKustomization(tree, path)) ? [here] : resourcesBelow(tree, path, `${here}/`);
    }),
  );
  return found.flat();
}
