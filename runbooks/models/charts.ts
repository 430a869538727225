/** Helm charts: which version is installed, so that a command that changes a value upgrades nothing beside. */
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { joined, sh, type Shell } from '../../src/runbook/shell.ts';

/** The version of a chart that one of its objects gives in the label that charts write; undefined where none does. */
export function chartVersion(chart: string, objects: readonly Pick<KubeObject, 'metadata'>[]): string | undefined {
  const labels = objects.map(({ metadata }) => metadata.labels?.['helm.sh/chart'] ?? '');
  const label = labels.find((one) => one.startsWith(`${chart}-`) && /^\d/.test(one.slice(chart.length + 1)));
  // A label cannot hold the plus of a version’s build.
  return label?.slice(chart.length + 1).replace('_', '+');
}

/** A command of helm at the version that is installed, where that is known. */
export const atVersion = (command: Shell, version: string | undefined): Shell =>
  version === undefined ? command : joined([command, sh`--version ${version}`]);
