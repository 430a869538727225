/** Cilium: whether its socket load balancer stays out of pods, on every node. */
import { defineCheck, nameOf, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { jsonPatch } from '../../models/patches.ts';
import { ciliumConfig, ciliumNodeConfigs, daemonSets } from '../../models/reads.ts';
import {
  evidenceOf,
  hostNamespaceKey,
  installedVersion,
  namespace,
  notCilium,
  replacementKey,
  replacesKubeProxy,
  showConfig,
  waysToSet,
  withRestart,
  type Configured,
  type Data,
} from './config.ts';

type NodeConfig = KubeObject<'CiliumNodeConfig'>;

/** Features that compile per-packet load balancing back in, so that the fault is possible and not certain. */
const perPacketKeys = [
  'enable-envoy-config',
  'enable-gateway-api',
  'enable-ingress-controller',
  'enable-sctp',
] as const;

const perPacketOf = (data: Data): readonly string[] => perPacketKeys.filter((key) => data[key] === 'true');

/** Whether the socket load balancer covers pods if nothing confines it: implied by the replacement, or turned on by itself. */
const socketLbIsOn = (data: Data): boolean => replacesKubeProxy(data) || data['bpf-lb-sock'] === 'true';

/** What turns it on, as the ConfigMap says it. */
const turnedOnBy = (data: Data): string =>
  replacesKubeProxy(data) ? `${replacementKey} "${data[replacementKey]}"` : 'bpf-lb-sock "true"';

/** A ConfigMap that does not confine the socket load balancer. */
interface Unconfined extends Configured {
  /** Overrides confine some of the nodes all the same. */
  someNodesDiffer: boolean;
}

const where = ({ someNodesDiffer }: Unconfined): string =>
  someNodesDiffer ? ' on the nodes that no CiliumNodeConfig says otherwise for' : '';

const confine = (subject: Unconfined): ReturnType<typeof waysToSet> =>
  waysToSet(subject, {
    title: 'Set socketLB.hostNamespaceOnly to true in Helm’s values',
    values: ['socketLB.hostNamespaceOnly=true'],
    data: { [hostNamespaceKey]: 'true' },
  });

/** What is alike in all overrides that lift the setting. */
const aboutOverride = {
  evidence: ({ nodeConfig }: { nodeConfig: NodeConfig }) =>
    [
      {
        object: refOf(nodeConfig),
        path: `spec.defaults.${hostNamespaceKey}`,
        observed: nodeConfig.spec.defaults[hostNamespaceKey],
        expected: 'true',
      },
    ] as const,
  remedies: ({ nodeConfig }: { nodeConfig: NodeConfig }) =>
    [
      {
        ...withRestart(
          'Remove the override, then restart the agents of those nodes.',
          jsonPatch('ciliumnodeconfig', nodeConfig.metadata, {
            op: 'remove',
            path: `/spec/defaults/${hostNamespaceKey}`,
          }),
        ),
        change: { object: refOf(nodeConfig), path: `spec.defaults.${hostNamespaceKey}`, to: null },
      },
    ] as const,
};

const findings = {
  coversPods: finding<Unconfined>({
    headline: 'Cilium’s socket load balancer covers pods',
    means:
      'Cilium translates ClusterIPs where a process connects, in pods too, and no longer packet by packet. Whoever forwards packets connects nowhere.',
    message: (subject) =>
      `Cilium’s socket load balancer, which ${turnedOnBy(subject.config.data ?? {})} turns on, covers pods${where(subject)}: packets that the Tailscale proxy forwards to a ClusterIP are lost.`,
    evidence: ({ config }) => [evidenceOf(config, hostNamespaceKey, 'true')],
    commands: () => [showConfig],
    remedies: confine,
  }),
  mayLosePackets: finding<Unconfined>({
    headline: 'Cilium’s socket load balancer may lose packets',
    means:
      'It covers pods, and a feature that is on may have Cilium translate packet by packet all the same: suspected, not proven.',
    outcome: 'warned',
    message: (subject) =>
      `Suspected, not proven: Cilium’s socket load balancer covers pods${where(subject)}; ${perPacketOf(subject.config.data ?? {}).join(', ')} may keep the Tailscale proxy’s packets translated all the same.`,
    evidence: ({ config }) => [
      evidenceOf(config, hostNamespaceKey, 'true'),
      ...perPacketOf(config.data ?? {}).map((key) =>
        evidenceOf(config, key, 'does not matter once the load balancer is confined'),
      ),
    ],
    remedies: confine,
  }),
  lifted: finding<{ nodeConfig: NodeConfig }>({
    headline: 'CiliumNodeConfig {nodeConfig} lets socket LB cover pods',
    means: 'An override takes the setting back on the nodes that it selects: what is forwarded there is lost.',
    message: ({ nodeConfig }) =>
      `CiliumNodeConfig ${nameOf(nodeConfig)} lets the socket load balancer cover pods on the nodes that it selects.`,
    ...aboutOverride,
  }),
  mayBeLifted: finding<{ nodeConfig: NodeConfig }>({
    headline: 'CiliumNodeConfig {nodeConfig} may let socket LB lose packets',
    means:
      'An override takes the setting back on some nodes, where a feature that is on may keep packets translated: suspected, not proven.',
    outcome: 'warned',
    message: ({ nodeConfig }) =>
      `Suspected, not proven: CiliumNodeConfig ${nameOf(nodeConfig)} lets the socket load balancer cover pods on the nodes that it selects.`,
    ...aboutOverride,
  }),
};

export const hostNamespaceOnly = defineCheck({
  id: 'cilium/socket-lb-is-confined-to-the-host',
  title: 'Cilium’s socket load balancer is confined to the host’s namespace',
  why: 'While it covers pods, packets that the Tailscale proxy forwards to a ClusterIP are translated by nobody and get lost.',
  reads: { config: plain(ciliumConfig), nodeConfigs: optional(ciliumNodeConfigs), daemonSets: raw(daemonSets) },
  commands: [showConfig, sh`kubectl get ciliumnodeconfig -A`],
  findings,
  judge({ config, nodeConfigs, daemonSets }, { find }) {
    if (config === undefined) return skip(notCilium);
    if (!socketLbIsOn(config.data ?? {})) {
      return pass('The socket load balancer is off: kube-proxy replacement is not on, and bpf-lb-sock is not "true".');
    }
    const { lifting, confining } = overridesIn(nodeConfigs);
    const version = daemonSets.ok ? installedVersion(daemonSets.value) : undefined;
    const found = [
      ...judgeConfig({ config, version, someNodesDiffer: confining.length > 0 }, find),
      ...judgeOverrides(lifting, config.data ?? {}, find),
    ];
    return found.length > 0 ? found : pass('bpf-lb-sock-hostns-only is "true".');
  },
});

/** Who overrides the setting, and how. Agents read the overrides of their own namespace only. */
function overridesIn(all: readonly NodeConfig[]): {
  lifting: readonly NodeConfig[];
  confining: readonly NodeConfig[];
} {
  const own = all.filter(({ metadata }) => metadata.namespace === namespace);
  const said = ({ spec }: NodeConfig): string | undefined => spec.defaults[hostNamespaceKey];
  return {
    lifting: own.filter((one) => said(one) !== undefined && said(one) !== 'true'),
    confining: own.filter((one) => said(one) === 'true'),
  };
}

function judgeConfig(subject: Unconfined, find: Find<typeof findings>): readonly Judgement[] {
  const data = subject.config.data ?? {};
  if (data[hostNamespaceKey] === 'true') return [];
  return [perPacketOf(data).length > 0 ? find.mayLosePackets(subject) : find.coversPods(subject)];
}

const judgeOverrides = (
  lifting: readonly NodeConfig[],
  data: Data,
  find: Find<typeof findings>,
): readonly Judgement[] => {
  const isSuspected = perPacketOf(data).length > 0;
  return lifting.map((nodeConfig) => (isSuspected ? find.mayBeLifted({ nodeConfig }) : find.lifted({ nodeConfig })));
};
