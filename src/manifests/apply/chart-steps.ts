/** Charts of the tree that Argo CD or Flux install, and those that nobody installs: rendered, where helm is at hand. */
import { basename, join } from 'node:path';
import { groupOf } from '../../kinds/kind.ts';
import { ofFlux } from '../charts/flux-releases.ts';
import { tell, type Layer, type Means as TellingMeans, type Telling } from '../charts/layers.ts';
import { dependenciesOf } from '../charts/dependencies.ts';
import type { Release } from '../charts/release.ts';
import type { Tree } from '../files/tree.ts';
import { withoutHelm, type Charts, type Rendering } from '../helm/charts.ts';
import type { FileNote, Maker, Manifest } from '../manifest.ts';
import { isNamespaced } from '../scope.ts';
import { nothing, type Plan, type Step } from './plan.ts';
import type { Sources, Repository } from './repository.ts';

export const isHelmRelease = ({ object: { apiVersion, kind } }: Pick<Manifest, 'object'>): boolean =>
  kind === 'HelmRelease' && groupOf(apiVersion) === 'helm.toolkit.fluxcd.io';

/** The folder of a HelmRelease whose chart stands in this repository; nothing for any other, whose chart is elsewhere. */
export function helmReleasePlan(manifest: Manifest, repository: Repository, sources: Sources): Plan {
  const release = ofFlux(manifest, () => undefined);
  const { inTree } = release;
  if (inTree === undefined || sources.ofFlux('GitRepository', inTree.source) !== 'here') return nothing;
  const step: Step = {
    by: release.by,
    manifest,
    path: ['spec', 'chart', 'spec', 'chart'],
    folder: repository.at(inTree.path),
    isCertain: true,
    overlay: {},
    files: 'chart',
    release,
    otherwiseIn: release.namespace,
  };
  return { ...nothing, steps: [step] };
}

/** What comes of a chart: its objects, or who may make them and why nobody knows. */
export interface FromChart {
  manifests: readonly Manifest[];
  makers: readonly Maker[];
  notes: readonly FileNote[];
  faults: readonly FileNote[];
  /** The charts that it brings. */
  releases: readonly Release[];
  /** Whether all that it makes is among the objects. */
  isWhole: boolean;
}

/** @param where Where it is said that the chart is installed. */
export async function installed(
  release: Release,
  folder: string,
  where: Pick<FileNote, 'file' | 'place'>,
  { charts, ...means }: TellingMeans & { charts: Charts },
): Promise<FromChart> {
  charts.claim(folder);
  const releases = await dependenciesOf(folder, release, means.tree);
  const come = await comeOf(release, folder, where, { charts, ...means });
  return { ...come, releases };
}

async function comeOf(
  release: Release,
  folder: string,
  where: Pick<FileNote, 'file' | 'place'>,
  { charts, ...means }: TellingMeans & { charts: Charts },
): Promise<FromChart> {
  const maker: Maker = { what: release.by, namespace: release.namespace, of: `the chart ${folder}` };
  const left = (why: string): FromChart => ({ ...none, makers: [maker], notes: [{ ...where, message: why }] });
  const told = await tell(release.layers, means);
  if ('untold' in told)
    return left(`has ${release.by} install the chart ${folder}, which is not rendered: ${told.untold}`);
  const defaults = await defaultsOf(release, means);
  if (defaults !== undefined && 'untold' in defaults)
    return left(`has ${release.by} install the chart ${folder}, which is not rendered: ${defaults.untold}`);
  const { name, namespace, options } = release;
  const rendered = await charts.render({
    folder,
    name,
    namespace,
    values: told.values,
    options,
    defaults: defaults?.values,
  });
  if (!('untold' in rendered)) return fromRendered(rendered, folder, namespace, [maker]);
  if (rendered.untold === withoutHelm) return { ...none, makers: [maker], notes: [notRendered(folder, withoutHelm)] };
  const message = `has ${release.by} install the chart ${folder}, which is not rendered: ${rendered.untold}`;
  if (rendered.isRefused !== true) return left(message);
  return {
    ...none,
    makers: [maker],
    faults: [{ ...where, message: message, hint: 'Mend the template or the values.' }],
  };
}

/** Files of the repository that Flux takes for the chart's own values. */
async function defaultsOf({ inTree }: Release, means: TellingMeans): Promise<Telling | undefined> {
  if (inTree?.defaults === undefined) return undefined;
  const layers = inTree.defaults.map((path): Layer => {
    const inRepository = means.repository?.at(path) ?? path;
    return { type: 'file', file: { named: path, path: inRepository, isOptional: inTree.isOptional === true } };
  });
  return tell(layers, means);
}

/** A chart that nobody in the tree installs, with the values that it has itself. */
export async function chartAlone(folder: string, { tree, charts }: { tree: Tree; charts: Charts }): Promise<FromChart> {
  const name =
    basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'chart';
  const namespace = 'default';
  const options = { crds: true };
  const rendered = await charts.render({ folder, name, namespace, values: {}, options });
  const by = `the chart ${folder}`;
  const at = { file: join(folder, 'Chart.yaml'), place: () => ({ line: 1, column: 1 }) };
  const release = {
    by,
    at,
    chart: name,
    version: undefined,
    from: '',
    name,
    namespace: undefined,
    layers: [],
    path: [],
    options,
  };
  const come =
    'untold' in rendered
      ? { ...none, notes: [notRendered(folder, rendered.untold)] }
      : fromRendered(rendered, folder, namespace, [{ what: by, namespace }]);
  return { ...come, releases: await dependenciesOf(folder, release, tree) };
}

const none: FromChart = { manifests: [], makers: [], releases: [], notes: [], faults: [], isWhole: false };

const notRendered = (folder: string, why: string): FileNote => ({
  file: folder,
  message: `is a Helm chart, which is not rendered: ${why}`,
});

/** Objects without a namespace land in that of the release. */
function fromRendered(
  { manifests, faults, version, asksCluster }: Exclude<Rendering, { untold: string }>,
  folder: string,
  namespace: string | undefined,
  makers: readonly Maker[],
): FromChart {
  const note = `is a Helm chart: rendered by helm ${version}, which fetches nothing`;
  return {
    manifests: manifests.map((manifest) => placed(manifest, namespace)),
    ...{ faults, releases: [], isWhole: !asksCluster, makers: asksCluster ? makers : [] },
    notes: [
      { file: folder, message: asksCluster ? `${note}; what a cluster answers its templates is not known` : note },
    ],
  };
}

function placed(manifest: Manifest, namespace: string | undefined): Manifest {
  const { object } = manifest;
  if (namespace === undefined || object.metadata.namespace !== undefined || !isNamespaced(object)) return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}

/** Whether a folder is a chart. */
export const isChart = async (
  folder: string,
  tree: { text: (path: string) => Promise<string | undefined> },
): Promise<boolean> => (await tree.text(join(folder, 'Chart.yaml'))) !== undefined;
