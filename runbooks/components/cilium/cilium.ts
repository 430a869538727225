/**
 * Cilium: replaces kube-proxy, and with it decides where a Service's ClusterIP is translated. [Cilium 1.14 to 1.18]
 *
 * The Tailscale proxy forwards packets; nobody in its pod calls connect(). Only per-packet load balancing at the pod's veth can
 * translate their ClusterIP, and Cilium compiles that out while its socket load balancer covers pods.
 */
import {
  defineCheck,
  fail,
  pass,
  refOf,
  refTo,
  skip,
  warn,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { ciliumConfig, ciliumNodeConfigs, daemonSets, pods as allPods } from '../../models/reads.ts';
import { jsonPatch, mergePatch } from '../../models/patches.ts';
import { stack } from '../../stack.ts';

type ConfigMap = KubeObject<'ConfigMap'>;
type Pod = KubeObject<'Pod'>;

const replacementKey = 'kube-proxy-replacement';
const hostNamespaceKey = 'bpf-lb-sock-hostns-only';
/** Features that compile per-packet load balancing back in, so that the fault is possible and not certain. */
const perPacketKeys = [
  'enable-envoy-config',
  'enable-gateway-api',
  'enable-ingress-controller',
  'enable-sctp',
] as const;

const { namespace, configMap, daemonSet } = stack.cilium;
const showConfig = sh`kubectl get configmap -n ${namespace} ${configMap} -o yaml | grep -E 'kube-proxy-replacement|bpf-lb-sock'`;
const notCilium = `There is no ConfigMap ${namespace}/${configMap}: Cilium does not run here, or under another name.`;

const restartAgents = {
  title: 'Restart the agents: they read the ConfigMap only when they start.',
  commands: [
    sh`kubectl rollout restart daemonset -n ${namespace} ${daemonSet}`,
    sh`kubectl rollout status daemonset -n ${namespace} ${daemonSet}`,
  ],
  disturbs: 'Established connections go on; new ones may stall for seconds on a node while its agent restarts.',
};

/** The same without Helm: what the chart would write. */
const patchConfig = (data: Readonly<Record<string, string>>): Shell =>
  mergePatch('configmap', { namespace, name: configMap }, { data });
const orPatch = 'Where Helm is not at hand, patch the ConfigMap, until Helm’s values say so too.';

/** Whether Cilium translates Services in place of kube-proxy. */
const replacesKubeProxy = (data: Readonly<Record<string, string>>): boolean =>
  ['true', 'strict', 'partial', 'probe'].includes(data[replacementKey] ?? '');

/** Whether the socket load balancer covers pods if nothing confines it: implied by the replacement, or turned on by itself. */
const socketLbIsOn = (data: Readonly<Record<string, string>>): boolean =>
  replacesKubeProxy(data) || data['bpf-lb-sock'] === 'true';

const evidenceOf = (config: ConfigMap, key: string, expected: string): Evidence => ({
  object: refOf(config),
  path: `data.${key}`,
  observed: config.data?.[key] ?? 'absent, which means false',
  expected,
});

export const replacementIsKnown = defineCheck({
  id: 'cilium/kube-proxy-replacement-is-complete',
  title: 'Cilium replaces kube-proxy, by a value that this version understands',
  why: 'Old values are still accepted and no longer mean what they did.',
  reads: { config: plain(ciliumConfig) },
  commands: [showConfig],
  judge({ config }) {
    if (config === undefined) return skip(notCilium);
    const value = config.data?.[replacementKey] ?? 'false';
    if (value === 'true') return pass('kube-proxy-replacement is "true".');
    if (value === 'false' || value === 'disabled') {
      return pass(
        `kube-proxy-replacement is "${value}": kube-proxy translates Services, and Cilium’s socket load balancer is off unless bpf-lb-sock turns it on.`,
      );
    }
    return warn({
      message: `kube-proxy-replacement is "${value}", a value from before Cilium 1.14: later versions accept it and do not turn everything on.`,
      evidence: [evidenceOf(config, replacementKey, 'true')],
      remedy: {
        title: `Set the Helm value kubeProxyReplacement to true. ${orPatch}`,
        commands: [
          sh`helm upgrade cilium cilium/cilium -n ${namespace} --reuse-values --set kubeProxyReplacement=true`,
          patchConfig({ [replacementKey]: 'true' }),
          ...restartAgents.commands,
        ],
        disturbs: restartAgents.disturbs,
      },
    });
  },
});

/** Agents that do not find the value that they expect leave Services to kube-proxy; where that is gone, nobody translates them. */
export const replacesIt = defineCheck({
  id: 'cilium/replaces-kube-proxy',
  title: 'Somebody translates Services: Cilium replaces kube-proxy, or kube-proxy runs',
  why: 'Without either, no ClusterIP leads anywhere, and the Tailscale proxy forwards to one.',
  reads: { config: plain(ciliumConfig), daemonSets: plain(daemonSets) },
  commands: [showConfig, sh`kubectl get daemonset -A | grep kube-proxy`],
  judge({ config, daemonSets }) {
    if (config === undefined) return skip(notCilium);
    if (replacesKubeProxy(config.data ?? {}))
      return pass(`kube-proxy-replacement is "${config.data?.[replacementKey]}".`);
    const kubeProxy = daemonSets.find(({ metadata }) => metadata.name.includes('kube-proxy'));
    if (kubeProxy !== undefined) {
      return pass(
        `Cilium leaves Services to kube-proxy, which runs as DaemonSet ${kubeProxy.metadata.namespace}/${kubeProxy.metadata.name}.`,
      );
    }
    return fail({
      message:
        'Cilium does not replace kube-proxy, and no kube-proxy runs: nobody translates the ClusterIPs of Services.',
      evidence: [evidenceOf(config, replacementKey, 'true')],
      commands: [showConfig],
      remedy: {
        title: `Set the Helm value kubeProxyReplacement to true, with socketLB.hostNamespaceOnly, then restart the agents: they read the ConfigMap only when they start. ${orPatch}`,
        commands: [
          sh`helm upgrade cilium cilium/cilium -n ${namespace} --reuse-values --set kubeProxyReplacement=true --set socketLB.hostNamespaceOnly=true`,
          patchConfig({ [replacementKey]: 'true', [hostNamespaceKey]: 'true' }),
          ...restartAgents.commands,
        ],
        disturbs: restartAgents.disturbs,
      },
    });
  },
});

export const hostNamespaceOnly = defineCheck({
  id: 'cilium/socket-lb-is-confined-to-the-host',
  title: 'Cilium’s socket load balancer is confined to the host’s namespace',
  why: 'While it covers pods, packets that the Tailscale proxy forwards to a ClusterIP are translated by nobody and get lost.',
  reads: { config: plain(ciliumConfig), nodeConfigs: optional(ciliumNodeConfigs) },
  commands: [showConfig, sh`kubectl get ciliumnodeconfig -A`],
  judge({ config, nodeConfigs }) {
    if (config === undefined) return skip(notCilium);
    const data = config.data ?? {};
    if (!socketLbIsOn(data)) {
      return pass('The socket load balancer is off: kube-proxy replacement is not on, and bpf-lb-sock is not "true".');
    }
    // Agents read the overrides of their own namespace only.
    const overrides = nodeConfigs.filter(
      ({ metadata, spec }) => metadata.namespace === namespace && spec.defaults[hostNamespaceKey] !== undefined,
    );
    const findings = overrides
      .filter((nodeConfig) => nodeConfig.spec.defaults[hostNamespaceKey] !== 'true')
      .map((nodeConfig) => judgeOverride(nodeConfig, data));
    if (data[hostNamespaceKey] !== 'true')
      return [judgeConfig(config, overrides.length > findings.length), ...findings];
    return findings.length > 0 ? findings : pass('bpf-lb-sock-hostns-only is "true".');
  },
});

const confine = {
  title: `Confine the socket load balancer to the host’s namespace with the Helm value socketLB.hostNamespaceOnly, then restart the agents: they read the ConfigMap only when they start. ${orPatch}`,
  commands: [
    sh`helm upgrade cilium cilium/cilium -n ${namespace} --reuse-values --set socketLB.hostNamespaceOnly=true`,
    patchConfig({ [hostNamespaceKey]: 'true' }),
    ...restartAgents.commands,
  ],
  disturbs: restartAgents.disturbs,
};

function judgeConfig(config: ConfigMap, someNodesDiffer: boolean): Judgement {
  const data = config.data ?? {};
  const perPacket = perPacketKeys.filter((key) => data[key] === 'true');
  const some = someNodesDiffer ? ' on the nodes that no CiliumNodeConfig says otherwise for' : '';
  const evidence = [evidenceOf(config, hostNamespaceKey, 'true')] as const;
  if (perPacket.length > 0) {
    return warn({
      message: `Suspected, not proven: Cilium’s socket load balancer covers pods${some}; ${perPacket.join(', ')} may keep the Tailscale proxy’s packets translated all the same.`,
      evidence: [
        ...evidence,
        ...perPacket.map((key) => ({
          ...evidenceOf(config, key, 'anything'),
          expected: 'does not matter once the load balancer is confined',
        })),
      ],
      remedy: confine,
    });
  }
  return fail({
    message: `Cilium’s socket load balancer, which ${replacesKubeProxy(data) ? `${replacementKey} "${data[replacementKey]}"` : 'bpf-lb-sock "true"'} turns on, covers pods${some}: packets that the Tailscale proxy forwards to a ClusterIP are lost.`,
    evidence,
    commands: [showConfig],
    remedy: confine,
  });
}

function judgeOverride(nodeConfig: KubeObject<'CiliumNodeConfig'>, data: Readonly<Record<string, string>>): Judgement {
  const where = `${nodeConfig.metadata.namespace}/${nodeConfig.metadata.name}`;
  const isSuspected = perPacketKeys.some((key) => data[key] === 'true');
  const finding = {
    message: `${isSuspected ? 'Suspected, not proven: ' : ''}CiliumNodeConfig ${where} lets the socket load balancer cover pods on the nodes that it selects.`,
    evidence: [
      {
        object: refOf(nodeConfig),
        path: `spec.defaults.${hostNamespaceKey}`,
        observed: nodeConfig.spec.defaults[hostNamespaceKey],
        expected: 'true',
      },
    ],
    remedy: {
      title: 'Remove the override, then restart the agents of those nodes.',
      commands: [
        jsonPatch('ciliumnodeconfig', nodeConfig.metadata, {
          op: 'remove',
          path: `/spec/defaults/${hostNamespaceKey}`,
        }),
        ...restartAgents.commands,
      ],
      disturbs: restartAgents.disturbs,
    },
  } as const;
  return isSuspected ? warn(finding) : fail(finding);
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
  judge({ config, pods }) {
    if (config === undefined) return skip(notCilium);
    if (config.data?.[hostNamespaceKey] !== 'true')
      return skip('The setting is not on, so it does not matter when the agents started.', []);
    const written = writtenAt(config, hostNamespaceKey);
    if (written === undefined) return skip('The ConfigMap does not tell when the setting was written.');
    const created = config.metadata.creationTimestamp;
    if (created !== undefined && written.getTime() - Date.parse(created) < 5000) {
      return pass('The setting is as old as the ConfigMap.');
    }
    // An agent that does not run has a start of its own to come.
    const starts = pods
      .filter(isAgent)
      .map((pod) => ({ pod, started: agentStart(pod) }))
      .filter(({ started }) => started !== undefined);
    const old = starts.filter(({ started }) => started !== undefined && started < written);
    const [first, ...others] = old.map(({ pod, started }): Evidence => ({
      object: refOf(pod),
      path: 'status.containerStatuses[?(@.name=="cilium-agent")].state.running.startedAt',
      observed: started?.toISOString(),
      expected: `after ${written.toISOString()}`,
    }));
    if (first === undefined) {
      return starts.length === 0
        ? skip(`No pod in ${namespace} that is labelled k8s-app=cilium runs.`)
        : pass(
            `All ${starts.length} agents started after ${written.toISOString()}, when the ConfigMap was last written.`,
          );
    }
    const nodes = old.map(({ pod }) => pod.spec?.nodeName ?? pod.metadata.name).join(', ');
    return fail({
      message: `The ConfigMap was written on ${written.toISOString()}, after the Cilium agent${old.length > 1 ? 's' : ''} on ${nodes} had started: what runs there is an older configuration.`,
      evidence: [
        first,
        ...others,
        {
          object: refOf(config),
          path: 'metadata.managedFields[*].time',
          observed: written.toISOString(),
          expected: 'before the agents started',
        },
      ],
      remedy: restartAgents,
    });
  },
});

export const noKubeProxy = defineCheck({
  id: 'cilium/is-alone-with-services',
  title: 'No left-over kube-proxy handles Services beside Cilium',
  why: 'With both, packets are translated twice, and which one comes first changes from node to node.',
  reads: { config: plain(ciliumConfig), daemonSets: plain(daemonSets) },
  commands: [sh`kubectl get daemonset -n kube-system kube-proxy`],
  judge({ config, daemonSets }) {
    if (config === undefined) return skip(notCilium);
    if (!replacesKubeProxy(config.data ?? {}))
      return skip('Cilium does not replace kube-proxy here, so kube-proxy belongs here.');
    const left = daemonSets.find(
      ({ metadata }) => metadata.name === 'kube-proxy' && metadata.namespace === 'kube-system',
    );
    if (left === undefined) return pass('There is no DaemonSet kube-system/kube-proxy.');
    if (left.status?.desiredNumberScheduled === 0)
      return pass('DaemonSet kube-system/kube-proxy is scheduled on no node.');
    return fail({
      message: 'DaemonSet kube-system/kube-proxy still runs although Cilium replaces it: Services are handled twice.',
      evidence: [
        {
          object: refTo('DaemonSet', { namespace: 'kube-system', name: 'kube-proxy' }),
          path: 'status.desiredNumberScheduled',
          observed: left.status?.desiredNumberScheduled,
          expected: 'no such DaemonSet',
        },
      ],
      remedy: {
        title:
          'Delete kube-proxy and its ConfigMap, then clear its left-over iptables rules on each node, or restart the nodes.',
        commands: [
          sh`kubectl delete daemonset -n kube-system kube-proxy`,
          sh`kubectl delete configmap -n kube-system kube-proxy`,
        ],
        disturbs: 'Connections through NodePorts and ClusterIPs that kube-proxy translated may break once.',
      },
    });
  },
});
