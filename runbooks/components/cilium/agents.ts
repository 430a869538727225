/** Cilium: whether its agents have read the ConfigMap since it was written. */
import { defineCheck, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { ciliumConfig, pods as allPods } from '../../models/reads.ts';
import { configMap, hostNamespaceKey, namespace, notCilium, withRestart, type ConfigMap } from './config.ts';
import { hostNamespaceOnly } from './socket-lb.ts';

type Pod = KubeObject<'Pod'>;

/** A pod, and when its agent started. */
interface Agent {
  pod: Pod;
  started: Date;
}

/** When the key was last written, from the managed fields of whoever owns it; undefined when nobody says. */
function writtenAt(config: ConfigMap, key: string): Date | undefined {
  const times = (config.metadata.managedFields ?? [])
    .filter((entry) => {
      const fields: Readonly<Record<string, unknown>> = { ...entry.fieldsV1 };
      const data = fields['f:data'];
      return typeof data === 'object' && data !== null && `f:${key}` in data;
    })
    .map((entry) => (entry.time === undefined ? Number.NaN : Date.parse(entry.time)))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** Whether the ConfigMap has said so from the beginning: one that was made anew tells nothing of before. */
function isOriginal({ metadata: { creationTimestamp } }: ConfigMap, written: Date): boolean {
  return creationTimestamp !== undefined && written.getTime() - Date.parse(creationTimestamp) < 5000;
}

const isAgent = ({ metadata }: Pod): boolean =>
  metadata.namespace === namespace && metadata.labels?.['k8s-app'] === 'cilium';

/** When the pod's agent, not the pod, started. */
function agentStart(pod: Pod): Date | undefined {
  const status =
    pod.status?.containerStatuses?.find(({ name }) => name === 'cilium-agent') ?? pod.status?.containerStatuses?.[0];
  const started = status?.state?.running?.startedAt;
  // A time that nobody wrote is null in JSON, whatever the type says.
  return typeof started === 'string' ? new Date(started) : undefined;
}

/** An agent that does not run has a start of its own to come. */
const runningAgents = (pods: readonly Pod[]): readonly Agent[] =>
  pods.filter(isAgent).flatMap((pod) => {
    const started = agentStart(pod);
    return started === undefined ? [] : [{ pod, started }];
  });

const nodeOf = ({ pod }: Agent): string => pod.spec?.nodeName ?? pod.metadata.name;

const startedTooEarly = ({ pod, started }: Agent, written: Date) => ({
  object: refOf(pod),
  path: 'status.containerStatuses[?(@.name=="cilium-agent")].state.running.startedAt',
  observed: started.toISOString(),
  expected: `after ${written.toISOString()}`,
});

export const agentsRestarted = defineCheck({
  id: 'cilium/agents-run-with-the-setting',
  title: 'Every Cilium agent started after the setting was written',
  why: 'A changed ConfigMap does nothing until the agents restart.',
  needs: [hostNamespaceOnly],
  reads: { config: plain(ciliumConfig), pods: plain(allPods) },
  commands: [
    sh`kubectl get configmap -n ${namespace} ${configMap} --show-managed-fields -o yaml`,
    sh`kubectl get pods -n ${namespace} -l k8s-app=cilium -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,STARTED:.status.containerStatuses[0].state.running.startedAt`,
  ],
  findings: {
    // One for all agents: one rollout was missed, and one mends them.
    notRestarted: finding<{ config: ConfigMap; written: Date; first: Agent; others: readonly Agent[] }>({
      headline: 'Cilium’s agents run with an older configuration',
      means: 'The ConfigMap says what it should, and the agents have not read it since: they have to be restarted.',
      message: ({ written, first, others }) =>
        `The ConfigMap was written on ${written.toISOString()}, after the Cilium agent${others.length > 0 ? 's' : ''} on ${[first, ...others].map(nodeOf).join(', ')} had started: what runs there is an older configuration.`,
      evidence: ({ config, written, first, others }) => [
        startedTooEarly(first, written),
        ...others.map((agent) => startedTooEarly(agent, written)),
        {
          object: refOf(config),
          path: 'metadata.managedFields[*].time',
          observed: written.toISOString(),
          expected: 'before the agents started',
        },
      ],
      remedies: () => [withRestart('Restart the agents: they read the ConfigMap only when they start.')],
    }),
  },
  judge({ config, pods }, { find }) {
    if (config === undefined) return skip(notCilium);
    if (config.data?.[hostNamespaceKey] !== 'true')
      return skip('The setting is not on, so it does not matter when the agents started.', []);
    const written = writtenAt(config, hostNamespaceKey);
    if (written === undefined) return skip('The ConfigMap does not tell when the setting was written.');
    if (isOriginal(config, written)) return pass('The setting is as old as the ConfigMap.');
    const agents = runningAgents(pods);
    if (agents.length === 0) return skip(`No pod in ${namespace} that is labelled k8s-app=cilium runs.`);
    const [first, ...others] = agents.filter(({ started }) => started < written);
    return first === undefined
      ? pass(`All ${agents.length} agents started after ${written.toISOString()}, when the ConfigMap was last written.`)
      : find.notRestarted({ config, written, first, others });
  },
});
