/** CoreDNS's Corefile: where it stands, how it is judged, how it is mended. */
import type { Judgement, Remedy } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import * as rules from '../../models/corefile-rules.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';

export type ConfigMap = KubeObject<'ConfigMap'>;

const { namespace, configMap, deployment } = stack.coredns;
const { internalService } = partNames;

export const showCorefile = sh`kubectl get configmap -n ${namespace} ${configMap} -o jsonpath='{.data.Corefile}'`;

/** The rule that leads every hostname of the domain to the internal Service. */
export const rewriteLine = `rewrite name regex ^[a-z0-9-]+\\.${stack.domain.replaceAll('.', '\\.')}\\.$ ${internalService.name}.${internalService.namespace}.svc.cluster.local answer auto`;

/** Judges CoreDNS's Corefile, if there is one. */
export const ofCorefile = (
  { corefile }: { corefile: ConfigMap | undefined },
  judge: (configured: rules.Configured) => Judgement | readonly Judgement[],
): Judgement | readonly Judgement[] =>
  rules.ofCorefile(corefile, `There is no ConfigMap ${namespace}/${configMap} that could be judged.`, judge);

/** What is alike is said of the first. */
export const firstOfEach = <T>(all: readonly T[], kind: (one: T) => string): readonly T[] =>
  [...Map.groupBy(all, kind).values()].flatMap((alike) => alike.slice(0, 1));

const restart = sh`kubectl rollout restart deployment -n ${namespace} ${deployment}`;
const disturbs =
  'Nothing: CoreDNS keeps its old configuration until it has the new one. It needs the restart, which goes pod by pod, only without the plugin reload.';

/** A change of the Corefile by hand. */
export const edit = (title: string): Remedy => ({
  title,
  commands: [sh`kubectl edit configmap -n ${namespace} ${configMap}`, restart],
  disturbs,
});

export const fromGit: Remedy = {
  title: 'If the Corefile in Git is right, apply it again.',
  commands: [sh`kubectl apply -f infrastructure/coredns/configmap.yaml`, restart],
  disturbs,
};

export const restoreFromGit: Remedy = { ...fromGit, title: 'Apply the Corefile from Git again.' };
