/**
 * Hops: who talks to whom on which port, for one hop of a request’s path or for what a controller needs. Each check declares its hops; here is
 * what all of them share: the policies, who enforces them, and what policies make of a hop.
 */
import { ciliumEnforcement, anyPlugin, type Enforcement } from '../../src/kinds/network/enforcement.ts';
import { isOfIdentity } from '../../src/kinds/network/identity-labels.ts';
import { judgeTraffic, passes, type TrafficVerdict } from '../../src/kinds/network/judge.ts';
import { partyOf } from '../../src/kinds/network/parties.ts';
import type { Direction, Party, Protocol } from '../../src/kinds/network/traffic.ts';
import type { Side } from '../../src/kinds/network/verdict.ts';
import { selectedOf, selectionsOf } from '../../src/kinds/selections.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { optional, plain, raw } from '../../src/runbook/read.ts';
import {
  ciliumClusterwidePolicies,
  ciliumConfig,
  ciliumNetworkPolicies,
  daemonSets,
  namespaces,
  networkPolicies,
  pods,
} from './reads.ts';

type Pod = KubeObject<'Pod'>;
type Service = KubeObject<'Service'>;

export type Policy = KubeObject<'NetworkPolicy' | 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy'>;

/** What it takes to judge a hop. */
export const policyReads = {
  networkPolicies: plain(networkPolicies),
  ciliumPolicies: optional(ciliumNetworkPolicies),
  clusterwidePolicies: optional(ciliumClusterwidePolicies),
  ciliumConfig: plain(ciliumConfig),
  daemonSets: plain(daemonSets),
  namespaces: raw(namespaces),
  pods: plain(pods),
};

export interface PolicyValues {
  networkPolicies: readonly KubeObject<'NetworkPolicy'>[];
  ciliumPolicies: readonly KubeObject<'CiliumNetworkPolicy'>[];
  clusterwidePolicies: readonly KubeObject<'CiliumClusterwideNetworkPolicy'>[];
  ciliumConfig: KubeObject<'ConfigMap'> | undefined;
  daemonSets: readonly KubeObject<'DaemonSet'>[];
  namespaces: Fact<KubeObject<'Namespace'>[]>;
  pods: readonly Pod[];
}

/** One end of a hop: a pod, with the object that it is, or whatever else is there. */
export interface End {
  /** As sentences call it: `Envoy`. */
  called: string;
  party: Party;
  pod: Pod | undefined;
}

/** A connection that has to come about. */
export interface Hop {
  from: End;
  to: End;
  protocol: Protocol;
  port: number;
  /** What does not work without it, as a clause. */
  breaks: string;
}

/** A hop that policies stop at one end. */
export interface Stopped {
  hop: Hop;
  direction: Direction;
  side: Side<Policy>;
  enforcement: Enforcement;
  /** What enforces the policies; undefined where nothing says that anything does. */
  enforcedBy: string | undefined;
}

/** Plug-ins that enforce NetworkPolicies, by the names of their DaemonSets. */
const enforcers = /^(calico-node|canal|antrea-agent|kube-router|weave-net|kube-network-policies|cilium)$/;

const enforcementOf = ({ ciliumConfig: config }: PolicyValues): Enforcement =>
  config === undefined ? anyPlugin : ciliumEnforcement(config.data ?? {});

function enforcedBy({ ciliumConfig: config, daemonSets }: PolicyValues): string | undefined {
  if (config !== undefined) return 'Cilium';
  return daemonSets.find(({ metadata }) => enforcers.test(metadata.name))?.metadata.name;
}

/** A pod as one end of a hop. */
export const endOf = (called: string, pod: Pod, { namespaces }: PolicyValues): End => ({
  called,
  pod,
  party: partyOf(pod, namespaces.ok ? namespaces.value : []),
});

/** Those of some pods that are alike to policies, once; those that have ended talk to nobody. */
export function unlike(pods: readonly Pod[]): readonly Pod[] {
  const alive = pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  );
  return [...new Map(alive.toReversed().map((pod) => [likeness(pod), pod])).values()].toReversed();
}

const likeness = ({ metadata, spec }: Pod): string =>
  JSON.stringify([
    metadata.namespace,
    Object.entries(identityOf(metadata.labels ?? {})).toSorted(),
    spec?.hostNetwork,
    spec?.serviceAccountName,
    spec?.containers.map(({ ports }) => ports),
  ]);

/** The labels that stay the same from pod to pod. */
export const identityOf = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => isOfIdentity(key)));

/** The pods that a Service or a workload selects. */
export const podsBehind = (
  object: Service | KubeObject<'Deployment' | 'StatefulSet'>,
  pods: readonly Pod[],
): readonly Pod[] => unlike(selectionsOf(object).flatMap((selected) => selectedOf(selected, pods)));

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** Where a pod gets what is sent to a port of a Service; undefined where it has no port of the name. */
export function targetPort({ port, targetPort, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  const target = targetPort ?? port;
  if (typeof target === 'number') return target;
  return (pod.spec?.containers ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .find((one) => one.name === target && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}

export interface Judged {
  /** Hops that policies stop, each with the end where they do. */
  stopped: readonly Stopped[];
  /** Why it is not known whether one passes. */
  doubts: readonly string[];
}

/** What the policies make of hops. */
export function judgeHops(hops: readonly Hop[], values: PolicyValues): Judged {
  const enforcement = enforcementOf(values);
  const policies = {
    network: values.networkPolicies,
    cilium: [...values.ciliumPolicies, ...values.clusterwidePolicies],
  };
  const stopped: Stopped[] = [];
  const doubts = new Set<string>();
  for (const hop of hops) {
    const traffic = { from: hop.from.party, to: hop.to.party, protocol: hop.protocol, port: hop.port };
    const verdict: TrafficVerdict<Policy> = judgeTraffic(traffic, policies, enforcement);
    const answer = passes(verdict);
    if (typeof answer === 'string') doubts.add(`whether ${hop.from.called} reaches ${hop.to.called}: ${answer}`);
    if (answer !== false) continue;
    for (const direction of ['egress', 'ingress'] as const) {
      const side = verdict[direction];
      if (side.outcome === 'shut' || side.outcome === 'denied' || side.outcome === 'closed') {
        stopped.push({ hop, direction, side, enforcement, enforcedBy: enforcedBy(values) });
      }
    }
  }
  return { stopped, doubts: [...doubts] };
}
