/**
 * ExternalDNS: writes the records that the HTTPRoutes ask for into public DNS, and takes back those that it wrote.
 * [ExternalDNS 0.22: source/gateway.go, plan/plan.go and registry/txt]
 */
import { flagsOf, type Flags } from '../../formats/container-flags.ts';
import { goRegExp, isRefused } from '../../formats/go-regexp.ts';
import { imageBase, imageVersion } from '../../formats/image-version.ts';
import { textSelects } from '../../formats/label-selector-text.ts';
import { externalDnsRules } from '../../formats/program-flags.ts';
import { addressVersion } from '../../formats/cidr.ts';
import { hostnamesIntersect } from '../../formats/hostname.ts';
import { list, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { PublicRecord, WorldFacts } from '../world.ts';
import { kinds, type Cluster } from './cluster.ts';
import { runs } from './process.ts';

export function externalDns(cluster: Cluster): void {
  for (const deployment of cluster.list(kinds.Deployment)) {
    const container = list(deployment, 'spec', 'template', 'spec', 'containers').find(
      (one) => imageBase(text(one, 'image')) === 'external-dns',
    );
    const { namespace = '', name } = deployment.metadata;
    if (container !== undefined && runs(cluster, namespace, name)) synchronize(cluster, optionsOf(container));
  }
}

interface Options {
  flags: Flags;
  prefix: string;
  owner: string;
}

function optionsOf(container: unknown): Options {
  const flags = flagsOf(container, externalDnsRules);
  return {
    flags,
    prefix: flags.last('annotation-prefix') || defaultPrefix(text(container, 'image')),
    owner: flags.last('txt-owner-id') || 'default',
  };
}

/** 0.22 changed the default. */
function defaultPrefix(image: string): string {
  const version = imageVersion(image);
  return version?.major === 0 && version.minor < 22
    ? 'external-dns.alpha.kubernetes.io/'
    : 'external-dns.kubernetes.io/';
}

type Records = WorldFacts['publicRecords'];

/** Brings the zone's records in line with what the routes ask for, as far as they are its own. */
function synchronize(cluster: Cluster, options: Options): void {
  const policy = options.flags.last('policy') || 'sync';
  const wanted = wantedRecords(cluster, options);
  const zone = cluster.world.publicRecords;
  const change = new Map<string, readonly PublicRecord[] | null>();
  const owned = ownedNames(zone, options.owner);
  for (const [name, { records, resource }] of wanted) {
    const present = zone[name];
    // What somebody else made is left alone, whatever the routes ask for.
    if (present !== undefined && !owned.has(name)) continue;
    if (present !== undefined && policy === 'create-only') continue;
    if (JSON.stringify(present) === JSON.stringify(records) && owned.get(name)?.length === records.length) continue;
    owned.get(name)?.forEach((mark) => change.set(mark, null));
    change.set(name, records);
    for (const { type } of records) {
      const mark = `"heritage=external-dns,external-dns/owner=${options.owner},external-dns/resource=${resource}"`;
      change.set(`${type.toLowerCase()}-${name}`, [{ type: 'TXT', data: mark }]);
    }
  }
  if (policy === 'sync') {
    for (const [name, marks] of owned) {
      if (wanted.has(name) || !isOfDomain(options, name)) continue;
      [name, ...marks].forEach((gone) => change.set(gone, null));
    }
  }
  if (change.size > 0) cluster.changeWorld({ publicRecords: Object.fromEntries(change) });
}

/** The names that this owner has marked with a TXT record beside them, and those marks. */
function ownedNames(zone: Records, owner: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const [mark, records] of Object.entries(zone)) {
    const isOurs = records.some(({ type, data }) => type === 'TXT' && data.includes(`external-dns/owner=${owner},`));
    const [, name] = /^(?:a|aaaa|cname)-(.+)$/.exec(mark) ?? [];
    if (isOurs && name !== undefined) names.set(name, [...(names.get(name) ?? []), mark]);
  }
  return names;
}

interface Wanted {
  records: readonly PublicRecord[];
  resource: string;
}

function wantedRecords(cluster: Cluster, options: Options): ReadonlyMap<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  if (!options.flags.all('source').includes('gateway-httproute')) return wanted;
  for (const route of cluster.list(kinds.HTTPRoute)) {
    if (!isSelected(options, route)) continue;
    const resource = `httproute/${route.metadata.namespace ?? ''}/${route.metadata.name}`;
    for (const [name, targets] of publishedNames(cluster, options, route)) {
      if (!isOfDomain(options, name) || targets.length === 0) continue;
      const records = targets.map((data) => ({ type: recordType(data), data }));
      wanted.set(name, { records, resource });
    }
  }
  return wanted;
}

function isSelected({ flags, prefix }: Options, route: StoredObject): boolean {
  const namespace = flags.last('namespace');
  if (namespace !== '' && namespace !== route.metadata.namespace) return false;
  const annotations = strings(route, 'metadata', 'annotations');
  if ((annotations[`${prefix}controller`] ?? 'dns-controller') !== 'dns-controller') return false;
  // A filter that it cannot parse ends ExternalDNS at start; nothing is selected.
  return (
    textSelects(flags.last('annotation-filter'), annotations) &&
    textSelects(flags.last('label-filter'), strings(route, 'metadata', 'labels'))
  );
}

/** Each hostname that an accepting listener takes, with the targets of its Gateway. */
function publishedNames(
  cluster: Cluster,
  { flags, prefix }: Options,
  route: StoredObject,
): readonly (readonly [string, readonly string[]])[] {
  const own = strings(route, 'metadata', 'annotations')[`${prefix}hostname`] ?? '';
  const hostnames = [
    ...list(route, 'spec', 'hostnames').map((hostname) => text(hostname)),
    ...own.split(',').map((hostname) => hostname.trim()),
  ]
    .filter((hostname) => hostname !== '')
    .map((hostname) => hostname.toLowerCase());
  return list(route, 'status', 'parents').flatMap((parent) => {
    const isAccepted = list(parent, 'conditions').some(
      (entry) => text(entry, 'type') === 'Accepted' && text(entry, 'status') === 'True',
    );
    const namespace = text(parent, 'parentRef', 'namespace') || (route.metadata.namespace ?? '');
    // A status may speak of a parent that the route no longer names [gwRouteHasParentRef].
    const isNamed = list(route, 'spec', 'parentRefs').some(
      (reference) =>
        text(reference, 'name') === text(parent, 'parentRef', 'name') &&
        (text(reference, 'namespace') || (route.metadata.namespace ?? '')) === namespace,
    );
    const gateway = cluster.get(kinds.Gateway, namespace, text(parent, 'parentRef', 'name'));
    const takes = (flag: string, value: string): boolean => ['', value].includes(flags.last(flag));
    if (!isAccepted || !isNamed || gateway === undefined) return [];
    if (!takes('gateway-name', gateway.metadata.name) || !takes('gateway-namespace', namespace)) return [];
    const targets = targetsOf(gateway, prefix);
    const section = text(parent, 'parentRef', 'sectionName');
    const listeners = list(gateway, 'spec', 'listeners').filter(
      (listener) => section === '' || text(listener, 'name') === section,
    );
    return listeners.flatMap((listener) => {
      const taken = text(listener, 'hostname').toLowerCase();
      const names = hostnames.length === 0 && taken !== '' ? [taken] : hostnames;
      return names.filter((name) => hostnamesIntersect(taken, name)).map((name) => [name, targets] as const);
    });
  });
}

/** What the Gateway's annotation names; without it, the Gateway's addresses. */
function targetsOf(gateway: StoredObject, prefix: string): readonly string[] {
  const named = (strings(gateway, 'metadata', 'annotations')[`${prefix}target`] ?? '')
    .split(',')
    .map((target) => target.trim().replace(/\.$/, ''))
    .filter((target) => target !== '');
  const all = named.length > 0 ? named : list(gateway, 'status', 'addresses').map((address) => text(address, 'value'));
  const isAddress = all.some((target) => recordType(target) !== 'CNAME');
  // Beside an address no alias may stand.
  return [...new Set(all)].filter((target) => !isAddress || recordType(target) !== 'CNAME');
}

const recordType = (target: string): PublicRecord['type'] =>
  addressVersion(target) === 4 ? 'A' : addressVersion(target) === 6 ? 'AAAA' : 'CNAME';

/** The domain filters; a regular expression is asked instead where there is one. A filter with a leading dot leaves the domain out. */
function isOfDomain({ flags }: Options, name: string): boolean {
  const [pattern, excluded] = [flags.last('regex-domain-filter'), flags.last('regex-domain-exclusion')];
  if (pattern !== '' || excluded !== '') {
    return !(excluded !== '' && matches(excluded, name)) && (pattern === '' || matches(pattern, name));
  }
  const under = (domains: readonly string[]): boolean =>
    domains.some((domain) =>
      domain.startsWith('.') ? name.endsWith(domain) : name === domain || name.endsWith(`.${domain}`),
    );
  const domainsOf = (flag: string): readonly string[] => flags.all(flag).filter((domain) => domain !== '');
  const included = domainsOf('domain-filter');
  return (included.length === 0 || under(included)) && !under(domainsOf('exclude-domains'));
}

function matches(source: string, name: string): boolean {
  const pattern = goRegExp(source);
  return !isRefused(pattern) && pattern.test(name);
}
