/** Follows the roots of a cluster, with the values of its own ConfigMaps and Secrets filled in. */
import { objectsOf } from '../files/objects.ts';
import type { Overlay } from '../kustomize/build.ts';
import type { Manifest, ManifestObject } from '../manifest.ts';
import { keyOf } from '../scope.ts';
import { chartAlone } from './chart-steps.ts';
import { follow, followOn, nothingFollowed, takeChart, type Followed, type Following } from './follow.ts';
import type { ReadFile } from './graph.ts';
import type { Root } from './roots.ts';
import type { ConfigOf } from './variables.ts';

/** All that is needed to follow a root, but for the values of variables. */
export interface Means extends Omit<Following, 'configOf'> {
  files: ReadonlyMap<string, ReadFile>;
  /** How a kustomization is built that nobody in the tree applies. */
  overlay: Overlay;
}

export async function followRoots(roots: readonly Root[], means: Means, configOf: ConfigOf): Promise<Followed> {
  const into = nothingFollowed();
  for (const root of roots) await begin(root, into, means, { ...means, configOf });
  return into;
}

async function begin(
  { type, path }: Root,
  into: Followed,
  { files, overlay }: Means,
  following: Following,
): Promise<void> {
  if (type === 'chart') return takeChart(await chartAlone(path, following), `the chart ${path}`, into, following);
  if (type === 'folder') {
    const { manifests, makers, releases, notes, faults, files: used } = await following.build(path, overlay);
    for (const file of used) into.files.add(file);
    into.notes.push(...notes);
    into.faults.push(...faults);
    await follow(manifests, into, following);
    into.to.get(undefined)?.makers.push(...makers);
    into.to.get(undefined)?.releases.push(...releases);
    return;
  }
  const manifests = files.get(path)?.manifests ?? [];
  if (type === 'circle') return followOn(manifests, into, following);
  into.files.add(path);
  into.faults.push(...(files.get(path)?.faults ?? []));
  for (const document of (await following.tree.documents(path))?.documents ?? [])
    into.notes.push(...objectsOf(document).notes);
  await follow(manifests, into, following);
}

export const configsIn = ({ to }: Followed): ReadonlyMap<string, ManifestObject> =>
  configsAmong([...to.values()].flatMap(({ manifests }) => manifests));

export function configOfManifests(manifests: readonly Manifest[]): ConfigOf {
  const configs = configsAmong(manifests);
  return (kind, namespace, name) => configs.get(keyOf(kind, namespace, name));
}

function configsAmong(manifests: readonly Manifest[]): ReadonlyMap<string, ManifestObject> {
  return new Map(
    manifests
      .map(({ object }) => object)
      .filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')
      .map((object) => [keyOf(object.kind, object.metadata.namespace ?? 'default', object.metadata.name), object]),
  );
}

/** ConfigMaps whose values are filled in are applied themselves: followed until those stay as they are. */
export async function settled(
  roots: readonly Root[],
  means: Means,
  before: ReadonlyMap<string, ManifestObject>,
  rounds = 3,
): Promise<Followed> {
  const used = new Set<string>();
  const result = await followRoots(roots, means, (kind, namespace, name) => {
    const id = keyOf(kind, namespace, name);
    used.add(id);
    return before.get(id);
  });
  const now = configsIn(result);
  const isSame = [...used].every((id) => JSON.stringify(before.get(id)) === JSON.stringify(now.get(id)));
  // A variable that names its own ConfigMap would go on for ever.
  return isSame || rounds === 0 ? result : settled(roots, means, now, rounds - 1);
}
