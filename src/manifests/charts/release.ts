/** A chart that somebody installs. */
import type { InstalledChart, Path } from '../manifest.ts';
import type { Layer, Standing } from './layers.ts';

export interface Release extends InstalledChart {
  /** Where that stands. */
  at: Standing;
  /** Where the chart comes from, as far as that is told. */
  from: string;
  name: string;
  /** Where its objects land. */
  namespace: string | undefined;
  /** What it is told, the weakest first. */
  layers: readonly Layer[];
  /** Where its own values stand. */
  path: Path;
  /** A chart in a GitRepository of Flux. */
  inTree?: ChartInGit;
  options: ReleaseOptions;
}

export interface ChartInGit {
  /** The GitRepository's name. */
  source: string;
  path: string;
  /** Files of the repository that stand in place of the chart's own values. */
  defaults?: readonly string[];
  isOptional?: boolean;
}

export interface ReleaseOptions {
  /** Whether the definitions that come with the chart are installed. */
  crds: boolean;
  hooks?: boolean;
  apiVersions?: readonly string[];
  kubeVersion?: string | undefined;
}

/** `the chart podinfo 6.5.0 of https://…`. */
export const chartText = ({ chart, version, from }: Release): string =>
  [
    `the chart ${chart ?? 'that it names'}`,
    ...(version === undefined ? [] : [version]),
    ...(from === '' ? [] : [`of ${from}`]),
  ].join(' ');
