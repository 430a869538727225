/** Cilium’s ConfigMap, as far as it decides who translates Services, and the ways to change it. */
import { refOf, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { joined, sh, type Shell } from '../../../src/runbook/shell.ts';
import { parseImage } from '../../../src/formats/image-version.ts';
import { mergePatch } from '../../models/patches.ts';
import { isNamed } from '../../models/topology.ts';
import { partNames } from '../../parts.ts';

export type ConfigMap = KubeObject<'ConfigMap'>;
export type Data = Readonly<Record<string, string>>;
type DaemonSet = KubeObject<'DaemonSet'>;

export const replacementKey = 'kube-proxy-replacement';
export const hostNamespaceKey = 'bpf-lb-sock-hostns-only';

export const { namespace, configMap } = partNames.cilium;
const { daemonSet } = partNames.cilium;
export const showConfig = sh`kubectl get configmap -n ${namespace} ${configMap} -o yaml | grep -E 'kube-proxy-replacement|bpf-lb-sock'`;
export const notCilium = `There is no ConfigMap ${namespace}/${configMap}: Cilium does not run here, or under another name.`;

/** The ConfigMap that a finding is about, and which release wrote it. */
export interface Configured {
  config: ConfigMap;
  /** Version of the chart that is installed; undefined where the agents’ image does not tell. */
  version: string | undefined;
}

/** The version of the chart is that of the agents’ image. */
export function installedVersion(daemonSets: readonly DaemonSet[]): string | undefined {
  const agents = daemonSets.find((one) => isNamed(one, { namespace, name: daemonSet }));
  const image = agents?.spec?.template.spec?.containers.find(({ name }) => name === 'cilium-agent')?.image;
  const [, version] = /^v?(\d+\.\d+\.\d+(?:-(?:pre|rc)\.\d+)?)$/.exec(parseImage(image ?? '').tag ?? '') ?? [];
  return version;
}

/** Whether Cilium translates Services in place of kube-proxy. */
export const replacesKubeProxy = (data: Data): boolean =>
  ['true', 'strict', 'partial', 'probe'].includes(data[replacementKey] ?? '');

export const evidenceOf = (config: ConfigMap, key: string, expected: string): Evidence => ({
  object: refOf(config),
  path: `data.${key}`,
  observed: config.data?.[key] ?? 'absent, which means false',
  expected,
});

const disturbs = 'Established connections go on; new ones may stall for seconds on a node while its agent restarts.';

const restart: readonly Shell[] = [
  sh`kubectl rollout restart daemonset -n ${namespace} ${daemonSet}`,
  sh`kubectl rollout status daemonset -n ${namespace} ${daemonSet}`,
];

/** A change that agents take up only when they start. */
export const withRestart = (title: string, ...commands: readonly Shell[]): Remedy => ({
  title,
  commands: [...commands, ...restart],
  disturbs,
});

/** Sets Helm values, at the version that is installed where it is known. */
const upgrade = (version: string | undefined, values: readonly string[]): Shell =>
  joined([
    sh`helm upgrade cilium cilium/cilium -n ${namespace}`,
    ...(version === undefined ? [] : [sh`--version ${version}`]),
    sh`--reuse-values`,
    ...values.map((value) => sh`--set ${value}`),
  ]);

/** The two ways to write a setting: by Helm, and as its chart would write it. */
export const waysToSet = (
  { version }: Configured,
  { title, values, data }: { title: string; values: readonly string[]; data: Data },
): readonly [Remedy, Remedy] => [
  withRestart(
    `${title}, then restart the agents: they read the ConfigMap only when they start.`,
    upgrade(version, values),
  ),
  withRestart(
    'Where Helm is not at hand, patch the ConfigMap until Helm’s values say so too, then restart the agents.',
    mergePatch('configmap', { namespace, name: configMap }, { data }),
  ),
];
