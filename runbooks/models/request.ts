/**
 * One request, from its hostname to the addresses at which it enters: pure. A hostname that somebody asks about is looked up
 * among the routes of the cluster; whatever is not there is never probed.
 */
import { addressVersion, isInRange } from '../../src/formats/cidr.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { plain, type Answer, type DnsRead, type Inputs } from '../../src/runbook/read.ts';
import type { RunbookInput } from '../../src/runbook/runbook.ts';
import { hostnameTakes, pastedHostname } from '../../src/formats/hostname.ts';
import { onDemand } from './on-demand.ts';
import { httpRoutes, topologyReads } from './reads.ts';
import { attachmentsOf, type Attachment, type Gateway, type Route } from './routes.ts';
import { stack } from '#stack';
import { ingressHosts, tailnetGateways, topologyOf, type Topology } from './topology.ts';

export const hostnameInput: RunbookInput = {
  name: 'hostname',
  title: 'Hostname',
  absent: `The request is one to ${stack.app.hostname}, or to the first hostname that is routed.`,
  read: pastedHostname,
  pattern: /([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]/,
  takes: 'a name of at least two labels, of letters, digits and hyphens with dots between, or the address of a page',
  example: stack.app.hostname,
};

/** What it takes to know where a request goes. */
export const requestReads = {
  ...topologyReads,
  routes: plain(httpRoutes),
};

export type Service = KubeObject<'Service'>;
export type RequestValues = Topology & { routes: readonly Route[] };

export interface Request {
  hostname: string;
  route: Route;
  gateway: Gateway;
  /** Port of the HTTPS listener that takes the hostname; undefined when none does. */
  port: number | undefined;
  /** The Gateway's addresses on the tailnet. */
  readonly addresses: readonly string[];
  /** The Gateway's names on the tailnet. */
  readonly devices: readonly string[];
}

/** The request that a run is about; nothing when no route on a Gateway of the tailnet takes the hostname. */
export function requestOf(values: RequestValues, inputs: Inputs): Request | undefined {
  const asked = (inputs['hostname'] ?? '').toLowerCase();
  const attached = (routes: readonly Route[]): readonly Attachment[] =>
    attachmentsOf({ ...topologyOf(values), routes }, {});
  const hostname = asked === '' ? firstOf(attached(values.routes)) : asked;
  if (hostname === undefined) return undefined;
  // What takes no such name may hang on whatever it likes.
  const [attachment] = attached(values.routes.filter((route) => mayTake(route, hostname)))
    .filter((candidate) => specificity(candidate, hostname) >= 0)
    .sort((one, other) => specificity(other, hostname) - specificity(one, hostname));
  if (attachment === undefined) return undefined;
  const { route, gateway, listeners } = attachment;
  // Looked up where they are asked for: a name's way through public DNS needs none.
  const hosts = onDemand(() =>
    tailnetGateways({ ...topologyOf(values), gateways: [gateway] }).flatMap(({ services }) =>
      services.flatMap(ingressHosts),
    ),
  );
  return {
    hostname,
    route,
    gateway,
    port: listeners.find(({ protocol, hostname: pattern }) => protocol === 'HTTPS' && hostnameTakes(pattern, hostname))
      ?.port,
    get addresses() {
      return hosts().filter(isAddress);
    },
    get devices() {
      return hosts()
        .filter((host) => !isAddress(host))
        .map((host) => host.toLowerCase().replace(/\.$/, ''));
    },
  };
}

/** The stack's own, else the first that is routed. */
function firstOf(all: readonly Attachment[]): string | undefined {
  const routed = all
    .flatMap(({ route }) => route.spec.hostnames ?? [])
    .filter((name) => !name.startsWith('*'))
    .map((name) => name.toLowerCase());
  return routed.find((name) => name === stack.app.hostname) ?? routed[0];
}

const mayTake = ({ spec }: Route, hostname: string): boolean =>
  (spec.hostnames ?? []).length === 0 || spec.hostnames?.some((pattern) => hostnameTakes(pattern, hostname)) === true;

/** How closely a route's hostnames fit: a name of its own, the longest wildcard, the listener's for want of any; -1 for not at all. */
function specificity({ route, listeners }: Attachment, hostname: string): number {
  const patterns = route.spec.hostnames ?? [];
  if (patterns.length === 0) return listeners.some((listener) => hostnameTakes(listener.hostname, hostname)) ? 0 : -1;
  return Math.max(
    ...patterns.map((pattern) =>
      !hostnameTakes(pattern, hostname) ? -1 : pattern.startsWith('*') ? pattern.length : 1000,
    ),
  );
}

export const isAddress = (host: string): boolean => addressVersion(host) !== undefined;

/** Whether an address is one of a tailnet's: 100.64.0.0/10, or Tailscale's range of IPv6. */
export const isTailnetAddress = (address: string): boolean =>
  isInRange(address, '100.64.0.0/10') || isInRange(address, 'fd7a:115c:a1e0::/48');

/** Every device of a tailnet finds Tailscale's own resolver here. */
export const magicDns = { host: '100.100.100.100', port: 53 };

/** What only this tailnet's MagicDNS knows: asked, it proves that this machine is on the tailnet. */
export const proofOfTailnet = ({ devices }: Request): readonly DnsRead[] =>
  devices.slice(0, 1).map((name) => ({
    type: 'dns',
    name,
    record: 'A',
    server: magicDns,
    why: 'whether this machine is on the tailnet',
  }));

/** Whether the proof failed. Some networks answer every DNS question themselves, whatever address it is sent to. */
export const isOffTailnet = (answers: readonly Answer<DnsRead>[], { devices, addresses }: Request): boolean =>
  answers.some(
    ({ read, fact }) =>
      read.name === devices[0] &&
      fact.ok &&
      !(fact.value.outcome === 'answered' && fact.value.records.some((record) => addresses.includes(record))),
  );

export const offTailnet = ({ devices }: Request): string =>
  `This machine is not on the tailnet: MagicDNS (${magicDns.host}) does not know ${devices[0] ?? 'its devices'} here, so what it sees is not what a tailnet client sees.`;

/** Why a run has no request to follow. */
export const noRequest = (inputs: Inputs): string =>
  inputs['hostname']
    ? `No route on the Gateway takes ${inputs['hostname']}, so it is not asked for.`
    : 'No route on the Gateway names a hostname that could be asked for.';
