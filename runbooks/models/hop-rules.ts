/** The rule that lets a hop through, for a policy of each kind: pure. */
import type { Party, PodParty } from '../../src/kinds/network/traffic.ts';
import type { Direction } from '../../src/kinds/network/traffic.ts';
import { identityOf, type Hop, type Policy } from './hops.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels that say what a pod is, the most telling first; a rule is to outlive releases and replicas. */
const telling: readonly (readonly string[])[] = [
  ['gateway.envoyproxy.io/owning-gateway-namespace', 'gateway.envoyproxy.io/owning-gateway-name'],
  ['tailscale.com/parent-resource-ns', 'tailscale.com/parent-resource'],
  ['app.kubernetes.io/name'],
  ['control-plane'],
  ['k8s-app'],
  ['app'],
];

/** The labels by which a rule is to know a pod. */
function tellingLabels({ labels }: PodParty): Labels {
  const own = labels as Labels;
  const keys = telling.find((some) => some.every((key) => own[key] !== undefined));
  return keys === undefined ? identityOf(own) : Object.fromEntries(keys.map((key) => [key, own[key] ?? '']));
}

const isCilium = (kind: string): boolean => kind !== 'NetworkPolicy';

/** The peers of a rule, as the kind of policy writes them. */
function peersOf(kind: Policy['kind'], direction: Direction, party: Party): object {
  const way = direction === 'ingress' ? 'from' : 'to';
  if (party.is === 'pod') {
    const matchLabels = tellingLabels(party);
    if (!isCilium(kind)) {
      const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': party.namespace } };
      return { [way]: [{ namespaceSelector, podSelector: { matchLabels } }] };
    }
    const namespace = { 'k8s:io.kubernetes.pod.namespace': party.namespace };
    return { [`${way}Endpoints`]: [{ matchLabels: { ...namespace, ...matchLabels } }] };
  }
  if (!isCilium(kind)) {
    const address = party.is === 'node' ? party.addresses[0] : party.address;
    const cidr = address === undefined ? '0.0.0.0/0' : `${address}/${address.includes(':') ? 128 : 32}`;
    return { [way]: [{ ipBlock: { cidr } }] };
  }
  const entities =
    party.isApiServer === true ? ['kube-apiserver'] : party.is === 'node' ? ['host', 'remote-node'] : ['world'];
  return { [`${way}Entities`]: entities };
}

/** The rule that lets a hop through. */
export const ruleFor = (kind: Policy['kind'], direction: Direction, { from, to, protocol, port }: Hop): object => ({
  ...peersOf(kind, direction, direction === 'ingress' ? from.party : to.party),
  ...(isCilium(kind) ? { toPorts: [{ ports: [{ port: String(port), protocol }] }] } : { ports: [{ protocol, port }] }),
});

/** A policy that lets a hop through and does nothing else. It stands beside those that close, for what one allows no other takes back. */
export function policyFor(kind: 'NetworkPolicy' | 'CiliumNetworkPolicy', direction: Direction, hop: Hop): object {
  const party = direction === 'ingress' ? hop.to.party : hop.from.party;
  if (party.is !== 'pod') throw new TypeError('Only pods have policies.');
  const other = direction === 'ingress' ? hop.from.called : hop.to.called;
  const name = `${direction === 'ingress' ? 'from' : 'to'}-${other}-${hop.port}`
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-');
  const selector = { matchLabels: tellingLabels(party) };
  const rule = ruleFor(kind, direction, hop);
  return {
    apiVersion: isCilium(kind) ? 'cilium.io/v2' : 'networking.k8s.io/v1',
    kind,
    metadata: { namespace: party.namespace, name },
    spec: isCilium(kind)
      ? { endpointSelector: selector, [direction]: [rule] }
      : { podSelector: selector, policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'], [direction]: [rule] },
  };
}
