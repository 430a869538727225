/** Charts of a kustomization: rendered where they are at hand and helm is; else it is told who makes objects that no file here has. */
import { join } from 'node:path';
import { tell, type Layer, type ValuesFile } from '../charts/layers.ts';
import { chartText, type Release } from '../charts/release.ts';
import { fieldsOf, textOf, textsOf, type Fields } from '../fields.ts';
import { pathIn } from '../files/paths.ts';
import { withoutHelm } from '../helm/charts.ts';
import type { Path } from '../manifest.ts';
import { fileOf, namespaceFor, note, type Build, type Target } from './build-state.ts';
import type { Kustomization } from './fields.ts';
import { Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import { resourceOf } from './resource.ts';

export interface KustomizeChart {
  chart: Fields;
  /** The folder in which charts are kept. */
  home: string;
  at: Path;
}

export const chartsOf = ({
  helmCharts = [],
  helmGlobals = {},
  helmChartInflationGenerator = [],
}: Kustomization): readonly KustomizeChart[] => [
  ...helmCharts.map((chart, index) => ({ chart, home: homeIn(helmGlobals), at: ['helmCharts', index] })),
  ...helmChartInflationGenerator.map((chart, index) => ({
    ...ofOldForm(chart),
    at: ['helmChartInflationGenerator', index],
  })),
];

const homeIn = ({ chartHome }: Fields): string => textOf(chartHome) ?? 'charts';

/** The fields of the field that `helmCharts` replaced [api/types/helmchartargs.go]. */
const ofOldForm = (old: Fields): { chart: Fields; home: string } => ({
  chart: {
    name: old['chartName'],
    version: old['chartVersion'],
    repo: old['chartRepoUrl'],
    valuesFile: old['values'],
    valuesInline: old['valuesLocal'],
    valuesMerge: old['valuesMerge'],
    releaseName: old['releaseName'],
    namespace: old['releaseNamespace'],
  },
  home: homeIn(old),
});

/** A plugin's own object: it says the chart's fields and those of `helmGlobals` together. */
export const chartOfPlugin = (config: Fields, at: Path): KustomizeChart =>
  config['chartName'] === undefined ? { chart: config, home: homeIn(config), at } : { ...ofOldForm(config), at };

/** Adds what a chart makes, or tells who makes it. */
export async function inflate(
  build: Build,
  target: Target,
  set: ResourceSet,
  { chart, home, at }: KustomizeChart,
): Promise<void> {
  const folder = chartFolder(target, chart, home);
  const release = releaseOf(build, target, chart, folder, at);
  const isHere = (await build.tree.text(join(folder, 'Chart.yaml'))) !== undefined;
  if (!isHere || build.charts === undefined)
    return left(build, target, set, release, at, isHere ? `: ${withoutHelm}` : '');
  build.charts.claim(folder);
  if (textOf(chart['releaseName']) === undefined)
    return left(build, target, set, release, at, ', for it has no releaseName, and a name of its own each time');
  const told = await tell(release.layers, { tree: build.tree });
  if ('untold' in told) return left(build, target, set, release, at, `: ${told.untold}`);
  const { name, namespace, options } = release;
  const rendered = await build.charts.render({ folder, name, namespace, values: told.values, options });
  if ('untold' in rendered) {
    if (rendered.isRefused === true) throw new Refused(`renders ${release.chart ?? ''}, of which ${rendered.untold}`);
    return left(build, target, set, release, at, `: ${rendered.untold}`);
  }
  const { manifests, faults, version, asksCluster } = rendered;
  build.faults.push(...faults);
  for (const manifest of manifests) set.add(resourceOf(manifest));
  note(build, target, at, `renders the chart ${folder} with helm ${version}, which fetches nothing`);
  if (asksCluster) tellMakers(build, target, set, release);
}

/** The folder in which kustomize looks for a chart before it fetches it [api/internal/builtins]. */
function chartFolder(target: Target, { name, version, repo }: Fields, home: string): string {
  const own = textOf(name) ?? '';
  const isFetched = textOf(version) !== undefined && textOf(repo) !== undefined;
  return pathIn(target.folder, join(home, ...(isFetched ? [`${own}-${textOf(version) ?? ''}`] : []), own));
}

function releaseOf(build: Build, target: Target, chart: Fields, folder: string, at: Path): Release {
  const { name, version, repo, releaseName, valuesFile, valuesInline, valuesMerge, namespace } = chart;
  const standing = { file: target.file, place: (path: Path) => target.place([...at, ...path]) };
  const own = textOf(name);
  return {
    by: `the kustomization ${target.folder}`,
    at: standing,
    ...{ chart: own, version: textOf(version), from: textOf(repo) ?? '' },
    name: textOf(releaseName) ?? own ?? '',
    namespace: textOf(namespace) ?? namespaceFor(target),
    layers: [
      ...inlineLayers({ valuesFile, valuesInline, valuesMerge }, target, build, folder, at),
      ...textsOf(chart['additionalValuesFiles']).map((named): Layer => ({
        type: 'file',
        file: fileIn(build, target, named),
      })),
    ],
    path: ['valuesInline'],
    options: {
      crds: chart['includeCRDs'] === true,
      hooks: chart['skipHooks'] !== true,
      apiVersions: textsOf(chart['apiVersions']),
      kubeVersion: textOf(chart['kubeVersion']),
    },
  };
}

function inlineLayers(
  { valuesFile, valuesInline, valuesMerge }: Fields,
  target: Target,
  build: Build,
  folder: string,
  at: Path,
): readonly Layer[] {
  const named = textOf(valuesFile);
  // Where none is named, it is the chart's own, which is not there before the chart is fetched.
  const file: ValuesFile =
    named === undefined
      ? { named: 'values.yaml', path: join(folder, 'values.yaml'), isOptional: true }
      : fileIn(build, target, named);
  const inline = fieldsOf(valuesInline);
  if (Object.keys(inline).length === 0) return [{ type: 'file', file }];
  const how = valuesMerge === 'merge' || valuesMerge === 'replace' ? valuesMerge : 'override';
  const standing = { file: target.file, place: (path: Path) => target.place([...at, 'valuesInline', ...path]) };
  return [{ type: 'inline', given: inline, how, file, at: standing }];
}

const fileIn = (build: Build, target: Target, named: string): ValuesFile => ({
  named,
  path: /^[a-z]+:\/\//i.test(named) ? named : fileOf(build, target, named),
  isOptional: false,
});

function left(build: Build, target: Target, set: ResourceSet, release: Release, at: Path, why: string): void {
  tellMakers(build, target, set, release);
  build.releases.push(release);
  note(build, target, at, `renders ${chartText(release)}, which is left out${why}`);
}

/** Who makes the objects of a chart, and where they land: the chart's namespace and the kustomization's, for versions of kustomize differ in which counts. */
function tellMakers(build: Build, target: Target, set: ResourceSet, release: Release): void {
  const all = [textOf(namespaceFor(target)), release.namespace].filter((namespace) => namespace !== undefined);
  const namespaces = new Set(all);
  set.isOpen = true;
  for (const namespace of namespaces.size === 0 ? [undefined] : namespaces)
    build.makers.push({ what: `the chart ${release.chart ?? 'without a name'}`, namespace, of: chartText(release) });
}
