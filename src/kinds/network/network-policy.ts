/**
 * What a NetworkPolicy says of traffic, by the API's own text [networking.k8s.io/v1, Kubernetes 1.36]: a pod that one selects for a direction is
 * closed in that direction but for what the rules of all that select it allow; a missing or empty `from`, `to` or `ports` takes everything.
 */
import { meets, requirementsOf, selects } from '../../formats/label-selector.ts';
import { holdsAny, takesNode, takesOutside, type Block } from './addresses.ts';
import { allOf, anyOf, doubt, type Answer } from './answer.ts';
import type { Enforcement } from './enforcement.ts';
import { identityHolds } from './identity-labels.ts';
import { takesPort } from './ports.ts';
import { endsOf, type Direction, type Party, type PodParty, type Protocol, type Traffic } from './traffic.ts';
import type { Ruling, Stance } from './verdict.ts';

export interface NetworkPolicyPeer {
  podSelector?: unknown;
  namespaceSelector?: unknown;
  ipBlock?: Block;
}

export interface NetworkPolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

export interface NetworkPolicyRule {
  from?: readonly NetworkPolicyPeer[];
  to?: readonly NetworkPolicyPeer[];
  ports?: readonly NetworkPolicyPort[];
}

export interface NetworkPolicy {
  metadata: { namespace?: string; name: string };
  spec?: {
    podSelector?: unknown;
    policyTypes?: readonly string[];
    ingress?: readonly NetworkPolicyRule[];
    egress?: readonly NetworkPolicyRule[];
  };
}

const namespaceOf = ({ metadata }: NetworkPolicy): string => metadata.namespace ?? 'default';

/** The directions that a policy is about: Ingress always, and Egress where it has rules for it, unless it says which. */
function directionsOf({ policyTypes, egress }: NonNullable<NetworkPolicy['spec']>): readonly Direction[] {
  if (policyTypes !== undefined && policyTypes.length > 0) {
    return (['ingress', 'egress'] as const).filter((direction) =>
      policyTypes.some((type) => type.toLowerCase() === direction),
    );
  }
  return (egress ?? []).length > 0 ? ['ingress', 'egress'] : ['ingress'];
}

/** What a policy says of one direction of some traffic; undefined where it does not select who is let in or out. */
export function stanceOf<P extends NetworkPolicy>(
  policy: P,
  traffic: Traffic,
  direction: Direction,
  enforcement: Enforcement,
): Stance<P> | undefined {
  const { own, peer } = endsOf(traffic, direction);
  const spec = policy.spec ?? {};
  if (own.is !== 'pod' || own.namespace !== namespaceOf(policy) || !directionsOf(spec).includes(direction)) {
    return undefined;
  }
  const selector = spec.podSelector ?? {};
  if (!selects(selector, own.labels)) return undefined;
  const rules = spec[direction] ?? [];
  return {
    policy,
    path: 'spec.podSelector',
    closes: true,
    selects: identityHolds(selector, enforcement),
    allows: rules.map((rule, index): Ruling => {
      const peers = (direction === 'ingress' ? rule.from : rule.to) ?? [];
      const takes = allOf(
        () => (rule.ports ?? []).length === 0 || (rule.ports ?? []).some((port) => takesPort(portOf(port), traffic)),
        () => peers.length === 0 || anyOf(peers, (one) => takesPeer(one, peer, namespaceOf(policy), enforcement)),
      );
      return { path: `spec.${direction}[${index}]`, takes };
    }),
    denies: [],
  };
}

const portOf = ({ protocol, port, endPort }: NetworkPolicyPort) => ({
  protocol: (protocol ?? 'TCP') as Protocol,
  port,
  endPort,
});

function takesPeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  party: Party,
  namespace: string,
  enforcement: Enforcement,
): Answer {
  if (ipBlock !== undefined) return takesBlock(ipBlock, party, enforcement);
  if (party.is !== 'pod' || (podSelector === undefined && namespaceSelector === undefined)) return false;
  return allOf(
    () => (namespaceSelector === undefined ? party.namespace === namespace : takesNamespace(namespaceSelector, party)),
    () => podSelector === undefined || selects(podSelector, party.labels),
    () => podSelector === undefined || identityHolds(podSelector, enforcement),
  );
}

/** A namespace that was not read has the label with its own name all the same, which the API server writes. */
function takesNamespace(selector: unknown, { namespace, namespaceLabels }: PodParty): Answer {
  const own = { [nameLabel]: namespace };
  if (namespaceLabels !== undefined) return selects(selector, { ...namespaceLabels, ...own });
  const requirements = requirementsOf(selector);
  if (requirements === undefined) return false;
  return allOf(
    ...requirements.map((one) => (): Answer => {
      if (one.key === nameLabel) return meets(one, own);
      return doubt(`the labels of namespace ${namespace} are not known`);
    }),
  );
}

const nameLabel = 'kubernetes.io/metadata.name';

/** Blocks are of addresses outside: whether one takes pods, whose addresses change, is left to the plug-in. */
function takesBlock(block: Block, party: Party, { plugin, blocksTakeNodes }: Enforcement): Answer {
  if (party.is === 'outside') return takesOutside(block, party);
  if (party.is === 'node') return plugin === 'cilium' && !blocksTakeNodes ? false : takesNode(block, party);
  if (plugin === 'cilium' || !holdsAny(block, party.addresses)) return false;
  return doubt(`network plug-ins differ in whether ipBlock ${block.cidr} takes pod ${party.namespace}/${party.name}`);
}
