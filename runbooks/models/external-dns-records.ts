/**
 * Which records ExternalDNS would make of an HTTPRoute, and what keeps it from making one: its own rules, as a pure function of
 * its options, the route and the Gateways. [ExternalDNS 0.19 to 0.22, source gateway-httproute]
 */
import { isRefused } from '../../src/formats/go-regexp.ts';
import { addressVersion } from '../../src/formats/cidr.ts';
import { textSelects } from '../../src/formats/label-selector-text.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { condition, isStale } from './conditions.ts';
import { domainsAllow, type ExternalDns } from './external-dns-options.ts';
import { hostnameTakes } from '../../src/formats/hostname.ts';

type Route = KubeObject<'HTTPRoute'>;
type Gateway = KubeObject<'Gateway'>;

export interface DnsRecord {
  hostname: string;
  type: 'A' | 'AAAA' | 'CNAME';
  target: string;
}

/** What keeps a route from getting a record, and which side of it could be wrong. */
export interface Obstacle {
  kind: 'source' | 'namespace' | 'annotation' | 'label' | 'controller' | 'gateway' | 'attachment' | 'domain' | 'target';
  /** Completes a sentence about the route: "it …". */
  text: string;
  /** The flag that decides, where one does. */
  flag?: string;
}

export interface Yield {
  records: readonly DnsRecord[];
  obstacle: Obstacle | undefined;
}

const blocked = (obstacle: Obstacle): Yield => ({ records: [], obstacle });

/** What is asked of one route. */
interface Asked {
  options: ExternalDns;
  route: Route;
  gateways: readonly Gateway[];
  /** The prefixes to believe in when the options do not tell. */
  prefixes: readonly string[];
}

type RouteParent = NonNullable<NonNullable<Route['status']>['parents']>[number];

/** A parent of a route that is a Gateway, with what its controller says. */
interface Parent {
  parentRef: RouteParent['parentRef'];
  conditions: RouteParent['conditions'];
  gateway: Gateway;
}

interface Served {
  hostname: string;
  gateway: Gateway;
}

/** @param prefixes The prefixes to believe in when the options do not tell. */
export function recordsOf(
  options: ExternalDns,
  route: Route,
  gateways: readonly Gateway[],
  prefixes: readonly string[],
): Yield {
  const asked = { options, route, gateways, prefixes };
  const left = leftOut(asked);
  if (left !== undefined) return blocked(left);
  const parents = parentsOf(asked);
  const watched = parents.filter(({ gateway }) => isWatched(gateway, options));
  if (parents.length > 0 && watched.length === 0) {
    return blocked({ kind: 'gateway', text: 'hangs on a Gateway that is not watched', flag: gatewayFlags(options) });
  }
  const accepting = watched.filter(({ conditions }) => isAccepted(conditions, route));
  if (accepting.length === 0) {
    return blocked({
      kind: 'attachment',
      text: 'is not accepted by any Gateway in its present generation (status.parents)',
    });
  }
  const served = accepting.flatMap((parent) => servedBy(parent, hostnamesOf(asked)));
  if (served.length === 0) {
    return blocked({ kind: 'attachment', text: 'has no hostname that a listener of its Gateway takes' });
  }
  return withinDomains(served, asked);
}

/** Why ExternalDNS does not look at the route at all. */
function leftOut({ options, route: { metadata }, prefixes }: Asked): Obstacle | undefined {
  const annotations = metadata.annotations ?? {};
  if (!options.sources.includes('gateway-httproute')) {
    return { kind: 'source', text: 'is of a kind that is not watched', flag: '--source=gateway-httproute' };
  }
  if (options.namespace !== '' && options.namespace !== metadata.namespace) {
    return { kind: 'namespace', text: 'is in another namespace', flag: `--namespace=${options.namespace}` };
  }
  if (options.labelFilter !== '' && !textSelects(options.labelFilter, metadata.labels)) {
    return {
      kind: 'label',
      text: 'does not carry the labels that are asked for',
      flag: `--label-filter=${options.labelFilter}`,
    };
  }
  if (options.annotationFilter !== '' && !textSelects(options.annotationFilter, annotations)) {
    return {
      kind: 'annotation',
      text: 'does not carry the annotation that is asked for',
      flag: `--annotation-filter=${options.annotationFilter}`,
    };
  }
  const controller = prefixes.map((prefix) => annotations[`${prefix}controller`]).find((found) => found !== undefined);
  return controller === undefined || controller === 'dns-controller'
    ? undefined
    : { kind: 'controller', text: `is left to the controller “${controller}” by its annotation` };
}

function parentsOf({ route: { metadata, spec, status }, gateways }: Asked): readonly Parent[] {
  return (status?.parents ?? []).flatMap(({ parentRef, conditions }) => {
    const namespace = parentRef.namespace ?? metadata.namespace;
    const gateway = gateways.find(
      (candidate) => candidate.metadata.name === parentRef.name && candidate.metadata.namespace === namespace,
    );
    const isNamed = (spec.parentRefs ?? []).some(
      (parent) => parent.name === parentRef.name && (parent.namespace ?? metadata.namespace) === namespace,
    );
    return gateway === undefined || !isNamed || (parentRef.kind ?? 'Gateway') !== 'Gateway'
      ? []
      : [{ parentRef, conditions, gateway }];
  });
}

const isWatched = ({ metadata }: Gateway, options: ExternalDns): boolean =>
  (options.gatewayName === '' || options.gatewayName === metadata.name) &&
  (options.gatewayNamespace === '' || options.gatewayNamespace === metadata.namespace) &&
  (options.gatewayLabelFilter === '' || textSelects(options.gatewayLabelFilter, metadata.labels));

const gatewayFlags = (options: ExternalDns): string =>
  [
    options.gatewayName && `--gateway-name=${options.gatewayName}`,
    options.gatewayNamespace && `--gateway-namespace=${options.gatewayNamespace}`,
    options.gatewayLabelFilter && `--gateway-label-filter=${options.gatewayLabelFilter}`,
  ]
    .filter((one) => one !== '')
    .join(' ');

function isAccepted(conditions: Parent['conditions'], { metadata }: Route): boolean {
  const accepted = condition(conditions, 'Accepted');
  return accepted?.status === 'True' && !isStale(accepted, metadata.generation);
}

/** The hostnames that a route asks for, in its spec and by annotation. */
const hostnamesOf = ({ options, route: { metadata, spec }, prefixes }: Asked): readonly string[] =>
  [
    ...(spec.hostnames ?? []),
    ...(options.ignoresHostnameAnnotation
      ? []
      : prefixes.flatMap((prefix) =>
          (metadata.annotations?.[`${prefix}hostname`] ?? '').split(',').map((name) => name.trim()),
        )),
  ].filter((name) => name !== '');

/** The hostnames that the listeners of a parent take. */
const servedBy = ({ parentRef, gateway }: Parent, hostnames: readonly string[]): readonly Served[] =>
  gateway.spec.listeners
    .filter(
      ({ name, port, protocol }) =>
        (parentRef.sectionName === undefined || parentRef.sectionName === name) &&
        (parentRef.port === undefined || parentRef.port === port) &&
        (protocol === 'HTTP' || protocol === 'HTTPS'),
    )
    .flatMap((listener) =>
      (hostnames.length === 0 ? [listener.hostname ?? ''] : hostnames)
        .map((name) => overlap(listener.hostname, name) ?? '')
        .filter((name) => name !== '')
        .map((hostname) => ({ hostname, gateway })),
    );

/** The records of what is served, as far as its domains are managed. */
function withinDomains(served: readonly Served[], { options, prefixes }: Asked): Yield {
  const refused = [options.domainPattern, options.excludedPattern].find(
    (pattern) => pattern !== undefined && isRefused(pattern) && pattern.byGo,
  );
  if (refused !== undefined && isRefused(refused)) {
    const text = `is published by nobody: ExternalDNS does not start with a pattern that Go refuses (${refused.refused})`;
    return blocked({ kind: 'domain', text, flag: domainFlags(options) });
  }
  const allowed = served.filter(({ hostname }) => domainsAllow(options, hostname));
  if (allowed.length === 0) {
    return blocked({
      kind: 'domain',
      text: `has no hostname within the domains that are managed (${[...new Set(served.map(({ hostname }) => hostname))].join(', ')})`,
      flag: domainFlags(options),
    });
  }
  const records = allowed.flatMap(({ hostname, gateway }) =>
    targetsOf(gateway, prefixes).map((target) => ({ hostname, type: recordType(target), target })),
  );
  return records.length === 0
    ? blocked({ kind: 'target', text: 'hangs on a Gateway that has neither a target annotation nor an address' })
    : { records: unique(records), obstacle: undefined };
}

/** The targets of a Gateway's annotation; its addresses where it has none. */
function targetsOf(gateway: Gateway, prefixes: readonly string[]): readonly string[] {
  const annotated = annotatedTargets(gateway, prefixes);
  return annotated.length > 0 ? annotated : (gateway.status?.addresses ?? []).map(({ value }) => value);
}

export const annotatedTargets = (gateway: Gateway, prefixes: readonly string[]): readonly string[] =>
  (
    prefixes.map((prefix) => gateway.metadata.annotations?.[`${prefix}target`]).find((found) => found !== undefined) ??
    ''
  )
    .split(',')
    .map((target) => target.trim().replace(/\.$/, '').toLowerCase())
    .filter((target) => target !== '');

/** The flags by which ExternalDNS keeps to its domains. */
const domainFlags = ({ domains, excludedDomains, domainPattern, excludedPattern }: ExternalDns): string =>
  (domainPattern === undefined && excludedPattern === undefined
    ? [
        ...domains.map((domain) => `--domain-filter=${domain}`),
        ...excludedDomains.map((domain) => `--exclude-domains=${domain}`),
      ]
    : [
        ...(domainPattern === undefined ? [] : [`--regex-domain-filter=${domainPattern.source}`]),
        ...(excludedPattern === undefined ? [] : [`--regex-domain-exclusion=${excludedPattern.source}`]),
      ]
  ).join(' ');

export const recordType = (target: string): DnsRecord['type'] =>
  addressVersion(target) === 4 ? 'A' : addressVersion(target) === 6 ? 'AAAA' : 'CNAME';

/** The more special of two hostnames that overlap. */
function overlap(listener: string | undefined, name: string): string | undefined {
  if (listener === undefined || listener === '') return name;
  if (name === '') return listener;
  if (hostnameTakes(listener, name)) return name;
  return hostnameTakes(name, listener) ? listener : undefined;
}

const unique = (records: readonly DnsRecord[]): readonly DnsRecord[] => [
  ...new Map(records.map((record) => [`${record.hostname} ${record.type} ${record.target}`, record])).values(),
];
