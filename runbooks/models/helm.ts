/** Helm: of which version the chart is that an object came from. */
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { sh, type Shell } from '../../src/runbook/shell.ts';

/** `v1.9.1` of `gateway-helm-v1.9.1`, in which an underscore stands for a plus sign [Helm, label helm.sh/chart]. */
const chartVersion = (object: KubeObject | undefined): string | undefined =>
  /-(v?\d+\.\d+\.\d+(?:[-_][\w.-]+)?)$/.exec(object?.metadata.labels?.['helm.sh/chart'] ?? '')?.[1]?.replace('_', '+');

/** The option that keeps a command of Helm at the version of the chart that an object came from; nothing where that is not known. */
export const atVersionOf = (object: KubeObject | undefined): readonly Shell[] => {
  const version = chartVersion(object);
  return version === undefined ? [] : [sh`--version ${version}`];
};
