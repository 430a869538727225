/**
 * Builds a kustomization as kustomize does, and keeps for each object where it stands: its file, and its fields' places in that.
 *
 * Written by us because `kubectl kustomize` tells neither, and need not be installed. It follows kustomize 5.5. It goes on where kustomize would
 * refuse, so that everything is found in one run; what it cannot build, such as charts and what is in other repositories, it tells.
 */
import { isObject } from '../../kinds/violation.ts';
import type { FileNote, Maker, Manifest } from '../manifest.ts';
import { pathIn, plainPath } from '../files/paths.ts';
import type { Release } from '../charts/release.ts';
import type { Tree } from '../files/tree.ts';
import type { Charts } from '../helm/charts.ts';
import { accumulate, nothing } from './accumulate.ts';
import { attempt, isRemote, type Build, type Target } from './build-state.ts';
import { readTarget } from './kustomization.ts';
import { setTexts } from './labels.ts';
import { followNames } from './names.ts';
import { overlaid, resourcesBelow, type Overlay } from './overlay.ts';
import type { ResourceSet } from './resource-set.ts';
import { manifestOf, textsOf, type Fields, type Resource } from './resource.ts';
import { fillVariables } from './variables.ts';

export { kustomizationOf } from './kustomization.ts';
export type { Overlay } from './overlay.ts';

/** What is built of a kustomization. */
export interface Built {
  /** The objects, each built from the folder of the kustomization. Their lists may have items that their file has not. */
  manifests: readonly Manifest[];
  /** Every file that took part: kustomizations, resources, patches, files of generators. Normalized paths. */
  files: ReadonlySet<string>;
  /** What was not built. */
  notes: readonly FileNote[];
  /** Who makes objects that are not among these. */
  makers: readonly Maker[];
  /** Charts that are not among these, and what they are told. */
  releases: readonly Release[];
  /** What kustomize would refuse to build, and why. */
  faults: readonly FileNote[];
}

/**
 * @param folder The folder of the kustomization, as seen from the working directory.
 * @param charts Who renders its charts; where nobody does, they are left out.
 * @param overlay Fields laid over the kustomization's own. A folder without a kustomization gets the one that Flux makes.
 */
export async function buildKustomization(
  tree: Tree,
  folder: string,
  overlay: Overlay = {},
  charts?: Charts,
): Promise<Built> {
  const root = plainPath(folder);
  const build: Build = {
    tree,
    anyFile: overlay.filesFromAnywhere === true,
    files: new Set(),
    notes: [],
    faults: [],
    makers: [],
    releases: [],
    charts,
  };
  const target = await rootTarget(build, root, overlay);
  const into = nothing();
  await accumulate(build, target, into, []);
  followNames(into.set, into.specs.nameReference, ({ file, place, object }, why) => {
    build.faults.push({ file, place: place([]), message: `has a ${String(object['kind'])} that ${why}` });
  });
  await attempt(build, target, ['vars'], () => fillVariables(into.set, into.variables, into.specs.varReference));
  into.set.all.forEach(asTexts);
  setCommonMetadata(into.set, overlay);
  return {
    manifests: into.set.all.filter(isApplied).map((resource) => manifestOf(resource, root)),
    files: build.files,
    notes: build.notes,
    makers: build.makers,
    releases: build.releases,
    faults: build.faults,
  };
}

async function rootTarget(build: Build, root: string, overlay: Overlay): Promise<Target> {
  const read =
    (await readTarget(build, root, [], Object.keys(overlay).length > 0)) ??
    ({
      folder: root,
      file: root,
      place: () => ({ line: 1, column: 1 }),
      fields: { resources: [...(await resourcesBelow(build.tree, root))] },
      around: [],
    } satisfies Target);
  const own = read.fields;
  const fields = overlaid(own, overlay);
  if (overlay.ignoreMissingComponents === true) {
    const there = await Promise.all(
      (fields.components ?? []).map(
        async (named, index) =>
          index < (own.components ?? []).length ||
          isRemote(named) ||
          (await build.tree.folder(pathIn(root, named))) !== undefined,
      ),
    );
    fields.components = (fields.components ?? []).filter((_named, index) => there[index]);
  }
  if (overlay.from === undefined) return { ...read, fields };
  const since = Object.fromEntries(
    Object.keys(overlay).map((name) => {
      const list = own[name as keyof typeof own];
      return [name, Array.isArray(list) ? list.length : 0];
    }),
  );
  return { ...read, fields, overlaid: { ...overlay.from, since } };
}

function setCommonMetadata(set: ResourceSet, { commonMetadata }: Overlay): void {
  for (const field of ['labels', 'annotations'] as const) {
    const texts = commonMetadata?.[field];
    if (texts !== undefined) setTexts(set, texts, [{ path: `metadata/${field}`, create: true }]);
  }
}

/** What only kustomize is to read is not applied. */
function isApplied(resource: Resource): boolean {
  const local = textsOf(resource, 'annotations')['config.kubernetes.io/local-config'];
  return local === undefined || local === 'false';
}

/** kustomize writes every annotation as text. */
function asTexts({ object }: Resource): void {
  const metadata = object['metadata'];
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined;
  if (!isObject(annotations)) return;
  for (const [name, value] of Object.entries(annotations)) {
    if (typeof value === 'number' || typeof value === 'boolean') (annotations as Fields)[name] = String(value);
  }
}
