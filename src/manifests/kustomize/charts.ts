/** Charts of a kustomization: who makes objects that no file here has. */
import type { Path } from '../manifest.ts';
import { note, standing, type Build, type Target } from './build-state.ts';
import type { Kustomization } from './fields.ts';

type Settings = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Tells who makes the objects of a chart, and where they land: the chart's namespace and the kustomization's, for versions of kustomize differ in which counts. */
export function chartMakers(build: Build, target: Target, chart: Settings, at: Path): void {
  const name = textOf(chart['name']) ?? textOf(chart['chartName']) ?? 'without a name';
  const what = `the chart ${name}`;
  const given = textOf(target.around[0]) ?? textOf(target.fields.namespace);
  const own = textOf(chart['namespace']) ?? textOf(chart['releaseNamespace']);
  const namespaces = new Set([given, own].filter((namespace) => namespace !== undefined));
  for (const namespace of namespaces.size === 0 ? [undefined] : namespaces) {
    build.makers.push({ what, namespace, ...standing(target, at) });
  }
  note(build, target, at, `renders ${what}, which is left out`);
}

export const chartsOf = ({
  helmCharts = [],
  helmChartInflationGenerator = [],
}: Kustomization): readonly { chart: Settings; at: Path }[] => [
  ...helmCharts.map((chart, index) => ({ chart, at: ['helmCharts', index] })),
  ...helmChartInflationGenerator.map((chart, index) => ({ chart, at: ['helmChartInflationGenerator', index] })),
];
