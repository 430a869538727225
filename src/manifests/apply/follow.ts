/** Follows what a root applies: its objects, what those of Flux and Argo CD among them apply, and so on. */
import { join, relative } from 'node:path';
import { objectsOf } from '../files/objects.ts';
import type { Tree } from '../files/tree.ts';
import { ofArgoCd } from '../charts/argo-releases.ts';
import type { Release } from '../charts/release.ts';
import type { Charts } from '../helm/charts.ts';
import { kustomizationOf, type Built, type Overlay } from '../kustomize/build.ts';
import type { FileNote, Maker, Manifest } from '../manifest.ts';
import { asServed, isNamespaced } from '../scope.ts';
import { applicationPlan, isApplication, isApplicationSet } from './argo.ts';
import { applicationsOf } from './application-sets.ts';
import { helmReleasePlan, installed, isChart, isHelmRelease, type FromChart } from './chart-steps.ts';
import { fluxPlan, isFluxInstance, isFluxKustomization } from './flux.ts';
import { joined, type Plan, type ReadAsFiles, type Step } from './plan.ts';
import type { Sources, Repository } from './repository.ts';
import { substituted } from './substitution.ts';
import { variablesOf, type ConfigOf } from './variables.ts';

export interface Following {
  tree: Tree;
  repository: Repository;
  sources: Sources;
  /** Builds a folder, or takes what it was built to before. */
  build: (folder: string, overlay: Overlay) => Promise<Built>;
  configOf: ConfigOf;
  charts: Charts;
}

/** What is applied to one cluster: that of the root, or one that it reaches by an address. */
export interface Applying {
  manifests: Manifest[];
  makers: Maker[];
  /** Charts that are installed by what none of the manifests is: kustomizations, and Applications that are made. */
  releases: Release[];
  /** Who installs a chart of which everything that it makes is among the manifests. */
  rendered: Set<string>;
}

export interface Followed {
  /** By the other cluster's name; undefined for the root's own. */
  to: Map<string | undefined, Applying>;
  notes: FileNote[];
  faults: FileNote[];
  /** Every file that was taken. */
  files: Set<string>;
  /** The folders that Flux or Argo CD apply. */
  folders: Set<string>;
  /** What was followed, so that a circle ends. */
  steps: Map<string, Step>;
}

export const nothingFollowed = (): Followed => ({
  to: new Map(),
  notes: [],
  faults: [],
  files: new Set(),
  folders: new Set(),
  steps: new Map(),
});

/** What an object of Flux or Argo CD has applied; undefined for any other. */
export async function planOf(
  manifest: Manifest,
  given: Pick<Following, 'tree' | 'repository' | 'sources'>,
): Promise<Plan | undefined> {
  const { repository, sources } = given;
  if (isFluxKustomization(manifest) || isFluxInstance(manifest)) return fluxPlan(manifest, repository, sources);
  if (isHelmRelease(manifest)) return helmReleasePlan(manifest, repository, sources);
  if (isApplication(manifest)) return applicationPlan(manifest, repository, sources);
  if (!isApplicationSet(manifest)) return undefined;
  const { applications, makers, notes } = await applicationsOf(manifest, given);
  const plan = joined(applications.map((application) => applicationPlan(application, repository, sources)));
  return {
    ...plan,
    makers: [...makers, ...plan.makers],
    releases: applications.flatMap(ofArgoCd),
    notes: [...notes, ...plan.notes],
  };
}

/** Puts manifests, and what they apply in turn, to what was followed before. */
export async function follow(
  manifests: readonly Manifest[],
  into: Followed,
  following: Following,
  cluster?: string,
): Promise<void> {
  const served = manifests.map(asServed);
  applyingTo(into, cluster).manifests.push(...served);
  await followOn(served, into, following, cluster);
}

/** Follows manifests that are applied by what they apply themselves, such as Flux's own first Kustomization. */
export async function followOn(
  manifests: readonly Manifest[],
  into: Followed,
  following: Following,
  cluster?: string,
): Promise<void> {
  for (const manifest of manifests) {
    const plan = await planOf(manifest, following);
    if (plan === undefined) continue;
    const applying = applyingTo(into, cluster);
    applying.makers.push(...plan.makers);
    applying.releases.push(...plan.releases);
    into.notes.push(...plan.notes);
    into.faults.push(...plan.faults);
    for (const step of plan.steps) {
      const key = JSON.stringify([step.by, step.path, step.folder, step.overlay, step.postBuild]);
      if (into.steps.has(key)) continue;
      into.steps.set(key, step);
      await take(step, into, following, step.cluster ?? cluster);
    }
  }
}

function applyingTo(into: Followed, cluster: string | undefined): Applying {
  const before = into.to.get(cluster);
  if (before !== undefined) return before;
  const now: Applying = { manifests: [], makers: [], releases: [], rendered: new Set() };
  into.to.set(cluster, now);
  return now;
}

async function take(step: Step, into: Followed, following: Following, cluster: string | undefined): Promise<void> {
  const { tree } = following;
  const { by, manifest, path, folder, isCertain, files, otherwiseIn, release } = step;
  const noteOf = (message: string): FileNote => ({ file: manifest.file, place: manifest.place(path), message });
  if (folder === undefined) {
    into.faults.push({
      ...noteOf(`has ${by} apply a path that leads out of the repository`),
      hint: "Write a path below the repository's root.",
    });
    return;
  }
  const entries = await tree.folder(folder);
  const kustomization = await kustomizationOf(tree, folder);
  if (entries === undefined && kustomization === undefined) {
    const note = noteOf(`has ${by} apply ${folder}, where there is no folder`);
    if (isCertain && !folder.includes('${'))
      into.faults.push({ ...note, hint: 'Correct the path, or add what belongs there.' });
    else into.notes.push(note);
    return;
  }
  into.folders.add(folder);
  const mayBeChart = files !== 'generated' && (files === 'chart' || !files.evenWithKustomization);
  if (release !== undefined && mayBeChart && kustomization === undefined && (await isChart(folder, tree))) {
    const where = { file: manifest.file, place: manifest.place(path) };
    return takeChart(await installed(release, folder, where, following), by, into, following, cluster);
  }
  if (files === 'chart') {
    into.notes.push(noteOf(`has ${by} install ${folder}, which is no chart: left out`));
    return;
  }
  if (step.isByPlugin === true && kustomization === undefined) {
    into.notes.push(noteOf(`has ${by} apply ${folder} with a plugin: left out`));
    applyingTo(into, cluster).makers.push({ what: by, namespace: otherwiseIn });
    return;
  }
  const isBuilt = files === 'generated' || (kustomization !== undefined && !files.evenWithKustomization);
  const {
    manifests,
    makers,
    notes,
    faults,
    files: read,
  } = isBuilt ? await following.build(folder, step.overlay) : await readFiles(tree, folder, files);
  into.notes.push(...notes);
  into.faults.push(...faults);
  for (const file of read) into.files.add(file);
  applyingTo(into, cluster).makers.push(...makers);
  await follow(filled(step, manifests, into, following.configOf).map(placed), into, following, cluster);

  function placed(one: Manifest): Manifest {
    const { object } = one;
    if (otherwiseIn === undefined || object.metadata.namespace !== undefined || !isNamespaced(object)) return one;
    return { ...one, object: { ...object, metadata: { ...object.metadata, namespace: otherwiseIn } } };
  }
}

/** Puts what comes of a chart to what was followed before, and goes on with what that applies. */
export async function takeChart(
  { manifests, makers, releases, notes, faults, isWhole }: FromChart,
  by: string,
  into: Followed,
  following: Following,
  cluster?: string,
): Promise<void> {
  into.notes.push(...notes);
  into.faults.push(...faults);
  const applying = applyingTo(into, cluster);
  applying.makers.push(...makers);
  applying.releases.push(...releases);
  if (isWhole) applying.rendered.add(by);
  await follow(manifests, into, following, cluster);
}

function filled(step: Step, manifests: readonly Manifest[], into: Followed, configOf: ConfigOf): readonly Manifest[] {
  const { postBuild, manifest, by } = step;
  if (postBuild === undefined) return manifests;
  const variables = variablesOf(postBuild, manifest.object.metadata.namespace ?? 'default', configOf);
  if (variables === undefined) return manifests;
  if ('refused' in variables) {
    into.faults.push({
      file: manifest.file,
      place: manifest.place(['spec', 'postBuild', 'substitute', variables.refused]),
      message: `gives ${by} a variable named ${variables.refused}, which Flux refuses`,
      hint: 'A name is made of letters, digits and underscores, and begins with no digit.',
    });
    return manifests;
  }
  return manifests.map((one) => {
    const { manifest: done, faults } = substituted(one, variables.variableOf, by);
    into.faults.push(...faults);
    return done;
  });
}

/** What Argo CD takes of a folder that is neither a chart nor a kustomization. */
async function readFiles(tree: Tree, folder: string, as: ReadAsFiles): Promise<Built> {
  const files = new Set<string>();
  const manifests: Manifest[] = [];
  const notes: FileNote[] = [];
  const faults: FileNote[] = [];
  const read = async (inner: string): Promise<void> => {
    for (const { name, path, isFolder } of (await tree.folder(inner)) ?? []) {
      if (isFolder && as.recurse) await read(path);
      if (isFolder || !as.takes(relative(folder, path))) continue;
      if (name.endsWith('.jsonnet')) notes.push({ file: path, message: 'is Jsonnet: left out' });
      if (!/\.(?:ya?ml|json)$/.test(name)) continue;
      const documents = await tree.documents(path);
      if (documents === undefined) continue;
      files.add(path);
      if (documents.fault !== undefined) faults.push(documents.fault);
      const objects = documents.documents.map(objectsOf);
      manifests.push(...objects.flatMap((one) => one.manifests));
      notes.push(...objects.flatMap((one) => one.notes));
      faults.push(...objects.flatMap((one) => one.faults));
    }
  };
  await read(join(folder));
  return { manifests, files, notes, makers: [], releases: [], faults };
}
