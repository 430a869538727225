/** Charts of a kustomization: who makes objects that no file here has. */
import { textOf, type Fields } from '../fields.ts';
import type { Path } from '../manifest.ts';
import { namespaceFor, note, type Build, type Target } from './build-state.ts';
import type { Kustomization } from './fields.ts';

/** Tells who makes the objects of a chart, and where they land: the chart's namespace and the kustomization's, for versions of kustomize differ in which counts. */
export function chartMakers(build: Build, target: Target, chart: Fields, at: Path): void {
  const name = textOf(chart['name']) ?? textOf(chart['chartName']) ?? 'without a name';
  const what = `the chart ${name}`;
  const own = textOf(chart['namespace']) ?? textOf(chart['releaseNamespace']);
  const namespaces = new Set([textOf(namespaceFor(target)), own].filter((namespace) => namespace !== undefined));
  for (const namespace of namespaces.size === 0 ? [undefined] : namespaces) {
    build.makers.push({ what, namespace });
  }
  note(build, target, at, `renders ${what}, which is left out`);
}

export const chartsOf = ({
  helmCharts = [],
  helmChartInflationGenerator = [],
}: Kustomization): readonly { chart: Fields; at: Path }[] => [
  ...helmCharts.map((chart, index) => ({ chart, at: ['helmCharts', index] })),
  ...helmChartInflationGenerator.map((chart, index) => ({ chart, at: ['helmChartInflationGenerator', index] })),
];
