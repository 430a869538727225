/**
 * Cilium: replaces kube-proxy, and with it decides where a Service's ClusterIP is translated. [Cilium 1.14 to 1.18]
 *
 * The Tailscale proxy forwards packets; nobody in its pod calls connect(). Only per-packet load balancing at the pod's veth can
 * translate their ClusterIP, and Cilium compiles that out while its socket load balancer covers pods (`socket-lb.ts`).
 */
import { defineCheck, nameOf, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { ciliumConfig, daemonSets } from '../../models/reads.ts';
import { isNamed } from '../../models/topology.ts';
import { agentsRestarted } from './agents.ts';
import {
  evidenceOf,
  hostNamespaceKey,
  installedVersion,
  notCilium,
  replacementKey,
  replacesKubeProxy,
  showConfig,
  waysToSet,
  type Configured,
} from './config.ts';
import { hostNamespaceOnly } from './socket-lb.ts';

export { agentsRestarted, hostNamespaceOnly };

type DaemonSet = KubeObject<'DaemonSet'>;

interface Valued extends Configured {
  value: string;
}

/** What is alike whatever is wrong with the value. */
const aboutValue = {
  outcome: 'warned',
  evidence: ({ config }: Valued) => [evidenceOf(config, replacementKey, 'true')] as const,
  remedies: (subject: Valued) =>
    waysToSet(subject, {
      title: 'Set kubeProxyReplacement to true in Helm’s values',
      values: ['kubeProxyReplacement=true'],
      data: { [replacementKey]: 'true' },
    }),
} as const;

export const replacementIsKnown = defineCheck({
  id: 'cilium/kube-proxy-replacement-is-complete',
  title: 'Cilium replaces kube-proxy, by a value that this version understands',
  why: 'Old values are still accepted and no longer mean what they did.',
  reads: { config: plain(ciliumConfig), daemonSets: raw(daemonSets) },
  commands: [showConfig],
  findings: {
    oldValue: finding<Valued>({
      headline: 'kube-proxy-replacement has the old value {value}',
      means: 'Cilium 1.14 replaced the words strict, partial and probe by true and false.',
      message: ({ value }) =>
        `kube-proxy-replacement is "${value}", a value from before Cilium 1.14: later versions do not turn everything on with it, or do not start.`,
      ...aboutValue,
    }),
    // [Cilium 1.7 to 1.18: “Invalid value for --kube-proxy-replacement”, and the agent ends]
    unknownValue: finding<Valued>({
      headline: 'kube-proxy-replacement has a value that no Cilium knows',
      means: 'The value is none of those that Cilium has ever taken. Agents that run go on, and none can start.',
      message: ({ value }) =>
        `kube-proxy-replacement is "${value}", which no version of Cilium knows: agents do not start with it.`,
      ...aboutValue,
    }),
  },
  judge({ config, daemonSets }, { find }) {
    if (config === undefined) return skip(notCilium);
    const value = config.data?.[replacementKey] ?? 'false';
    if (value === 'true') return pass('kube-proxy-replacement is "true".');
    if (value === 'false' || value === 'disabled') {
      return pass(
        `kube-proxy-replacement is "${value}": kube-proxy translates Services, and Cilium’s socket load balancer is off unless bpf-lb-sock turns it on.`,
      );
    }
    const version = daemonSets.ok ? installedVersion(daemonSets.value) : undefined;
    return replacesKubeProxy({ [replacementKey]: value })
      ? find.oldValue({ config, value, version })
      : find.unknownValue({ config, value, version });
  },
});

/** Agents that do not find the value that they expect leave Services to kube-proxy; where that is gone, nobody translates them. */
export const replacesIt = defineCheck({
  id: 'cilium/replaces-kube-proxy',
  title: 'Somebody translates Services: Cilium replaces kube-proxy, or kube-proxy runs',
  why: 'Without either, no ClusterIP leads anywhere, and the Tailscale proxy forwards to one.',
  reads: { config: plain(ciliumConfig), daemonSets: plain(daemonSets) },
  commands: [showConfig, sh`kubectl get daemonset -A | grep kube-proxy`],
  findings: {
    nobody: finding<Configured>({
      headline: 'Nobody translates the ClusterIPs of Services',
      means: 'Cilium is told to leave Services to kube-proxy, and the cluster runs none.',
      message: () =>
        'Cilium does not replace kube-proxy, and no kube-proxy runs: nobody translates the ClusterIPs of Services.',
      evidence: ({ config }) => [evidenceOf(config, replacementKey, 'true')],
      commands: () => [showConfig],
      remedies: (subject) =>
        waysToSet(subject, {
          title: 'Set kubeProxyReplacement and socketLB.hostNamespaceOnly to true in Helm’s values',
          values: ['kubeProxyReplacement=true', 'socketLB.hostNamespaceOnly=true'],
          data: { [replacementKey]: 'true', [hostNamespaceKey]: 'true' },
        }),
    }),
  },
  judge({ config, daemonSets }, { find }) {
    if (config === undefined) return skip(notCilium);
    if (replacesKubeProxy(config.data ?? {}))
      return pass(`kube-proxy-replacement is "${config.data?.[replacementKey]}".`);
    const kubeProxy = daemonSets.find(({ metadata }) => metadata.name.includes('kube-proxy'));
    return kubeProxy === undefined
      ? find.nobody({ config, version: installedVersion(daemonSets) })
      : pass(`Cilium leaves Services to kube-proxy, which runs as DaemonSet ${nameOf(kubeProxy)}.`);
  },
});

const kubeProxyName = { namespace: 'kube-system', name: 'kube-proxy' };

export const noKubeProxy = defineCheck({
  id: 'cilium/is-alone-with-services',
  title: 'No left-over kube-proxy handles Services beside Cilium',
  why: 'With both, packets are translated twice, and which one comes first changes from node to node.',
  reads: { config: plain(ciliumConfig), daemonSets: plain(daemonSets) },
  commands: [sh`kubectl get daemonset -n kube-system kube-proxy`],
  findings: {
    leftOver: finding<{ left: DaemonSet }>({
      headline: 'kube-proxy still runs beside Cilium',
      means: 'Cilium was told to replace kube-proxy, and kube-proxy was never taken away, or came back.',
      message: () =>
        'DaemonSet kube-system/kube-proxy still runs although Cilium replaces it: Services are handled twice.',
      evidence: ({ left }) => [
        {
          object: refOf(left),
          path: 'status.desiredNumberScheduled',
          observed: left.status?.desiredNumberScheduled,
          expected: 'no such DaemonSet',
        },
      ],
      remedies: () => [
        {
          title:
            'Delete kube-proxy and its ConfigMap, then clear its left-over iptables rules on each node, or restart the nodes.',
          commands: [
            sh`kubectl delete daemonset -n kube-system kube-proxy`,
            sh`kubectl delete configmap -n kube-system kube-proxy`,
          ],
          disturbs: 'Connections through NodePorts and ClusterIPs that kube-proxy translated may break once.',
        },
      ],
    }),
  },
  judge({ config, daemonSets }, { find }) {
    if (config === undefined) return skip(notCilium);
    if (!replacesKubeProxy(config.data ?? {}))
      return skip('Cilium does not replace kube-proxy here, so kube-proxy belongs here.');
    const left = daemonSets.find((one) => isNamed(one, kubeProxyName));
    if (left === undefined) return pass('There is no DaemonSet kube-system/kube-proxy.');
    return left.status?.desiredNumberScheduled === 0
      ? pass('DaemonSet kube-system/kube-proxy is scheduled on no node.')
      : find.leftOver({ left });
  },
});
