/**
 * What a CiliumNetworkPolicy or a CiliumClusterwideNetworkPolicy says of traffic [cilium.io/v2, Cilium 1.14 to 1.18]. A rule whose peers and
 * ports are both left out allows nothing, and closes; denials come before whatever allows. Policies for nodes (`nodeSelector`) are left out.
 */
import { matchesGlob } from '../../formats/glob.ts';
import { takesNode, takesOutside, type Block } from './addresses.ts';
import { allOf, anyOf, doubt, type Answer } from './answer.ts';
import { takesEntity, type Near } from './cilium-entities.ts';
import { selectsEndpoint, selectsParty } from './cilium-selector.ts';
import type { Enforcement } from './enforcement.ts';
import { takesPort } from './ports.ts';
import { endsOf, type Direction, type OutsideParty, type Party, type Protocol, type Traffic } from './traffic.ts';
import type { Ruling, Stance } from './verdict.ts';

interface CidrRule {
  cidr?: string;
  except?: readonly string[];
}

interface Fqdn {
  matchName?: string;
  matchPattern?: string;
}

interface PortRule {
  ports?: readonly { port?: string; endPort?: number; protocol?: string }[];
  rules?: { dns?: readonly Fqdn[]; http?: readonly unknown[]; kafka?: readonly unknown[]; l7?: readonly unknown[] };
  serverNames?: readonly unknown[];
  listener?: unknown;
  terminatingTLS?: unknown;
  originatingTLS?: unknown;
}

/** One rule of either direction: `from…` in ingress, `to…` in egress. */
export interface CiliumRule {
  toPorts?: readonly PortRule[];
  icmps?: readonly unknown[];
  fromEndpoints?: readonly unknown[];
  toEndpoints?: readonly unknown[];
  fromEntities?: readonly string[];
  toEntities?: readonly string[];
  fromCIDR?: readonly string[];
  toCIDR?: readonly string[];
  fromCIDRSet?: readonly CidrRule[];
  toCIDRSet?: readonly CidrRule[];
  fromRequires?: readonly unknown[];
  toRequires?: readonly unknown[];
  fromGroups?: readonly unknown[];
  toGroups?: readonly unknown[];
  fromNodes?: readonly unknown[];
  toNodes?: readonly unknown[];
  toServices?: readonly unknown[];
  toFQDNs?: readonly Fqdn[];
  authentication?: unknown;
}

interface CiliumSpec {
  endpointSelector?: unknown;
  nodeSelector?: unknown;
  enableDefaultDeny?: { ingress?: boolean; egress?: boolean };
  ingress?: readonly CiliumRule[];
  ingressDeny?: readonly CiliumRule[];
  egress?: readonly CiliumRule[];
  egressDeny?: readonly CiliumRule[];
}

export interface CiliumPolicy {
  metadata: { namespace?: string; name: string };
  spec?: CiliumSpec;
  specs?: readonly CiliumSpec[];
}

/** What a rule is asked about. */
interface Asked {
  traffic: Traffic;
  direction: Direction;
  peer: Party;
  /** The policy’s own namespace; undefined for one of the whole cluster. */
  namespace: string | undefined;
  near: Near;
  enforcement: Enforcement;
}

/** What a policy says of one direction of some traffic, once for each of its specs that selects who is let in or out. */
export function stancesOf<P extends CiliumPolicy>(
  policy: P,
  traffic: Traffic,
  direction: Direction,
  about: { enforcement: Enforcement; near: Near },
): readonly Stance<P>[] {
  const { own, peer } = endsOf(traffic, direction);
  if (own.is !== 'pod') return [];
  const { namespace } = policy.metadata;
  const specs = [
    ...(policy.spec === undefined ? [] : [{ path: 'spec', spec: policy.spec }]),
    ...(policy.specs ?? []).map((spec, index) => ({ path: `specs[${index}]`, spec })),
  ];
  return specs.flatMap(({ path, spec }): readonly Stance<P>[] => {
    const selects =
      spec.endpointSelector === undefined ? false : selectsEndpoint(spec.endpointSelector, own, namespace);
    if (selects === false) return [];
    const asked = { traffic, direction, peer, namespace, ...about };
    return [{ policy, path: `${path}.endpointSelector`, selects, ...rulingsOf(spec, path, asked) }];
  });
}

function rulingsOf(spec: CiliumSpec, path: string, asked: Asked): Pick<Stance, 'closes' | 'allows' | 'denies'> {
  const { direction } = asked;
  const rulings = (field: Direction | `${Direction}Deny`): readonly Ruling[] =>
    (spec[field] ?? []).map((rule, index) => ({ path: `${path}.${field}[${index}]`, takes: takesRule(rule, asked) }));
  const allows = rulings(direction);
  const denies = rulings(`${direction}Deny`);
  return { allows, denies, closes: spec.enableDefaultDeny?.[direction] ?? allows.length + denies.length > 0 };
}

function takesRule(rule: CiliumRule, asked: Asked): Answer {
  const peers = peersOf(rule, asked);
  const { toPorts, icmps } = rule;
  if (peers.length === 0 && (toPorts ?? []).length === 0) return false;
  // ICMP alone; a rule cannot be about ports, too.
  if ((icmps ?? []).length > 0 && (toPorts ?? []).length === 0) return false;
  // What selects nobody makes the whole rule select nobody.
  if (peers.some(({ isEmpty }) => isEmpty)) return false;
  return allOf(
    () => (toPorts ?? []).length === 0 || anyOf(toPorts ?? [], (one) => takesPorts(one, asked.traffic)),
    () => peers.length === 0 || anyOf(peers, ({ takes }) => takes()),
    () => rule.authentication === undefined || doubt('a rule asks for mutual authentication'),
  );
}

interface Peers {
  isEmpty: boolean;
  takes: () => Answer;
}

/** Each way in which a rule names peers, of those that are there. */
function peersOf(rule: CiliumRule, { direction, peer, namespace, near, enforcement }: Asked): readonly Peers[] {
  const isIngress = direction === 'ingress';
  const each = <T>(items: readonly T[] | undefined, takes: (item: T) => Answer): readonly Peers[] =>
    items === undefined ? [] : [{ isEmpty: items.length === 0, takes: () => anyOf(items, takes) }];
  const byAddress = (block: Block): Answer => takesBlock(block, peer, enforcement);
  const untold = (what: string) => (): Answer => doubt(what);
  return [
    ...each(isIngress ? rule.fromEndpoints : rule.toEndpoints, (one) => selectsParty(one, peer, namespace)),
    ...each(isIngress ? rule.fromEntities : rule.toEntities, (one) => takesEntity(one, peer, near)),
    ...each(isIngress ? rule.fromCIDR : rule.toCIDR, (cidr) => byAddress({ cidr })),
    ...each(isIngress ? rule.fromCIDRSet : rule.toCIDRSet, ({ cidr, except }) =>
      cidr === undefined
        ? peer.is !== 'pod' && doubt('a rule names a group of addresses')
        : byAddress({ cidr, ...(except && { except }) }),
    ),
    ...each(isIngress ? undefined : rule.toFQDNs, (fqdn) => takesName(fqdn, peer)),
    ...each(isIngress ? undefined : rule.toServices, untold('a rule names Services')),
    ...each(
      isIngress ? rule.fromNodes : rule.toNodes,
      () => peer.is === 'node' && doubt('a rule names nodes by labels'),
    ),
    ...each(isIngress ? rule.fromGroups : rule.toGroups, untold('a rule names groups of a cloud')),
    ...each(isIngress ? rule.fromRequires : rule.toRequires, untold('a rule has requirements of an old Cilium')),
  ];
}

/** Pods have identities, and are never taken by their addresses. */
function takesBlock(block: Block, peer: Party, { blocksTakeNodes }: Enforcement): Answer {
  if (peer.is === 'outside') return takesOutside(block, peer);
  return peer.is === 'node' && blocksTakeNodes && takesNode(block, peer);
}

/** Addresses that a name resolved to, as Cilium’s DNS proxy saw it: objects do not tell. A pod has no such name. */
function takesName({ matchName, matchPattern }: Fqdn, peer: Party): Answer {
  if (peer.is === 'pod') return false;
  if (peer.is === 'node') return doubt('a name of a rule may be that of a node');
  const pattern = matchPattern ?? matchName ?? '';
  return fitsName(pattern, peer) && doubt(`it depends on what ${peer.name ?? pattern} resolves to`);
}

/** [Cilium 1.14 to 1.18, pkg/fqdn/matchpattern] */
const fitsName = (pattern: string, { name }: OutsideParty): boolean =>
  name === undefined || matchesGlob(name.toLowerCase(), pattern.toLowerCase().replace(/\.$/, ''));

function takesPorts({ ports, ...rest }: PortRule, traffic: Traffic): Answer {
  const takes = (ports ?? []).length === 0 || (ports ?? []).some((port) => takesPort(portOf(port), traffic));
  return takes && takesContent(rest);
}

function portOf({ port, endPort, protocol }: { port?: string; endPort?: number; protocol?: string }) {
  const isNumber = /^\d+$/.test(port ?? '');
  return {
    protocol: (protocol ?? 'ANY').toUpperCase() as Protocol | 'ANY',
    port: port === undefined || port === '' || port === '0' ? undefined : isNumber ? Number(port) : port,
    endPort,
  };
}

/** What goes through the connection is no matter of objects; a rule for every name lets every name through. */
function takesContent({ rules, serverNames, listener, terminatingTLS, originatingTLS }: PortRule): Answer {
  if ([listener, terminatingTLS, originatingTLS].some((one) => one !== undefined) || (serverNames ?? []).length > 0) {
    return doubt('a rule looks into the connection');
  }
  const { dns = [], http = [], kafka = [], l7 = [] } = rules ?? {};
  if (http.length + kafka.length + l7.length > 0) return doubt('a rule looks into the requests');
  const isAnyName = dns.length === 0 || dns.some(({ matchPattern }) => matchPattern === '*');
  return isAnyName || doubt('a rule lets some DNS names through');
}
