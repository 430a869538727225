/**
 * Whether policies let traffic pass, and which rule of which policy decides, or the lack of one: pure. Traffic passes where the pod that sends it
 * is let out and the pod that gets it is let in; replies always pass.
 */
import { anyOf } from './answer.ts';
import { stancesOf, type CiliumPolicy } from './cilium-policy.ts';
import type { Enforcement } from './enforcement.ts';
import { stanceOf, type NetworkPolicy } from './network-policy.ts';
import { endsOf, runsOn, type Direction, type Traffic } from './traffic.ts';
import { sideOf, type Side, type Stance } from './verdict.ts';

/** The policies of a cluster, each of its kind. */
export interface Policies<N extends NetworkPolicy = NetworkPolicy, C extends CiliumPolicy = CiliumPolicy> {
  network: readonly N[];
  /** Of namespaces and of the whole cluster; of account only where Cilium enforces. */
  cilium: readonly (C & { kind?: string })[];
}

export interface TrafficVerdict<P> {
  /** What becomes of it where it is sent. */
  egress: Side<P>;
  /** What becomes of it where it arrives. */
  ingress: Side<P>;
}

/** Both directions; what is not a pod is closed by no policy that is looked at here. */
export const judgeTraffic = <N extends NetworkPolicy, C extends CiliumPolicy>(
  traffic: Traffic,
  policies: Policies<N, C>,
  enforcement: Enforcement,
): TrafficVerdict<N | C> => ({
  egress: judgeSide(traffic, 'egress', policies, enforcement),
  ingress: judgeSide(traffic, 'ingress', policies, enforcement),
});

function judgeSide<N extends NetworkPolicy, C extends CiliumPolicy>(
  traffic: Traffic,
  direction: Direction,
  { network, cilium }: Policies<N, C>,
  enforcement: Enforcement,
): Side<N | C> {
  const { own, peer } = endsOf(traffic, direction);
  if (own.is !== 'pod') return { outcome: 'open', because: 'policies for pods do not select it' };
  if (enforcement.mode === 'never') return { outcome: 'open', because: 'Cilium enforces no policies' };
  if (peer.is === 'node') {
    const isOwn = runsOn(own, peer);
    // Cilium lets a node reach its pods, and pods reach their node only as far as policies say [allow-localhost].
    const isLetThrough = enforcement.plugin === 'other' || direction === 'ingress';
    if (isOwn === true && isLetThrough) return { outcome: 'open', because: 'it is the pod’s own node' };
  }
  if (peer.is === 'pod' && peer.namespace === own.namespace && peer.name === own.name) {
    return { outcome: 'open', because: 'a pod always reaches itself' };
  }
  const counts = (kind: string): boolean => !enforcement.ignores.includes(kind);
  const stances: readonly Stance<N | C>[] = [
    ...(counts('NetworkPolicy') ? network : []).flatMap(
      (policy) => stanceOf(policy, traffic, direction, enforcement) ?? [],
    ),
    ...(enforcement.plugin === 'cilium' ? cilium : [])
      .filter(({ kind, metadata }) => counts(kind ?? (metadata.namespace === undefined ? clusterwide : namespaced)))
      .flatMap((policy) => stancesOf<C>(policy, traffic, direction, { enforcement, near: own })),
  ];
  return sideOf(stances, enforcement.mode === 'always');
}

const clusterwide = 'CiliumClusterwideNetworkPolicy';
const namespaced = 'CiliumNetworkPolicy';

/** Whether traffic passes both ends: yes, no, or why that is not known. */
export const passes = ({ egress, ingress }: TrafficVerdict<unknown>): boolean | string => {
  const sides = [egress, ingress];
  if (sides.some(({ outcome }) => outcome === 'shut' || outcome === 'denied' || outcome === 'closed')) return false;
  const answer = anyOf(sides, (side) => (side.outcome === 'unknown' ? side : false));
  return typeof answer === 'object' ? answer.because : true;
};
