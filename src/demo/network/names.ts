/**
 * What the demo's names resolve to, and for whom: pure, from the objects. There are three views: public DNS, the tailnet
 * resolver in the cluster, and MagicDNS, which is what a device on the tailnet asks.
 */
import { react, zonesOf } from './corefile.ts';
import { text } from '../fields.ts';
import { gatewayState, isResolver, type Entrance } from './gateway-state.ts';
import { ofKind, type StoredObject } from '../objects.ts';
import type { WorldFacts } from '../world.ts';

export interface DnsRecord {
  name: string;
  type: string;
  data: string;
}

export interface NameAnswer {
  rcode: number;
  records: readonly DnsRecord[];
}

export type View = (name: string, type: string) => NameAnswer;

export interface Views {
  public: View;
  tailnet: View;
  magic: View;
}

const noError = 0;
const serverFailure = 2;
const noSuchName = 3;

export function views(objects: readonly StoredObject[], world: WorldFacts): Views {
  const records = publicRecords(world);
  const { entrances } = gatewayState(objects);
  const devices = deviceRecords(entrances);
  const corefile = corefileOf(objects);

  const inPublic: View = (name, type) => lookUp(records, name, type);
  const inCluster: View = (name, type) => {
    const reaction = react(corefile, name, type);
    if (reaction.kind === 'forward') return inPublic(name, type);
    const given = reaction.records.map((record) => ({ name, ...record }));
    return { rcode: reaction.rcode, records: given };
  };
  const resolverAnswers = entrances.some(({ reach }) => reach === 'resolver');
  const onTailnet: View = (name, type) => {
    if (devices.some((record) => record.name === name)) return lookUp(devices, name, type);
    const isSplit = world.splitDns && zonesOf(corefile).some((zone) => name.endsWith(`.${zone}`));
    if (!isSplit) return inPublic(name, type);
    return resolverAnswers ? inCluster(name, type) : { rcode: serverFailure, records: [] };
  };
  return { public: inPublic, tailnet: inCluster, magic: onTailnet };
}

/** Follows aliases within the records; a name that has records of another type only exists, with none of this. */
function lookUp(records: readonly DnsRecord[], asked: string, type: string): NameAnswer {
  const found: DnsRecord[] = [];
  for (let name = asked; found.length < 8;) {
    const own = records.filter((record) => record.name === name);
    // A name above others exists, though it has no records [RFC 8020].
    const exists = records.some((record) => record.name === name || record.name.endsWith(`.${name}`));
    if (!exists) return { rcode: noSuchName, records: found };
    const wanted = own.filter((record) => record.type === type);
    const [alias] = own.filter((record) => record.type === 'CNAME');
    if (wanted.length > 0 || alias === undefined) return { rcode: noError, records: [...found, ...wanted] };
    found.push(alias);
    name = alias.data;
  }
  return { rcode: serverFailure, records: [] };
}

/** Public DNS of the domain. Nothing under `ts.net` is public. */
const publicRecords = ({ publicRecords: zone }: WorldFacts): readonly DnsRecord[] =>
  Object.entries(zone).flatMap(([name, records]) => records.map((record) => ({ name, ...record })));

/** The tailnet's devices, as MagicDNS knows them. */
const deviceRecords = (entrances: readonly Entrance[]): readonly DnsRecord[] =>
  entrances.flatMap(({ hosts }) => {
    const isAddress = (host: string): boolean => /^[\d.]+$|:/.test(host);
    return hosts
      .filter((host) => !isAddress(host))
      .flatMap((name) =>
        hosts.filter(isAddress).map((data) => ({ name, type: data.includes(':') ? 'AAAA' : 'A', data })),
      );
  });

/** The Corefile of the tailnet resolver: the one in the namespace of the Service that is DNS on the tailnet. */
function corefileOf(objects: readonly StoredObject[]): string {
  const homes = ofKind(objects, '', 'Service')
    .filter((service) => isResolver(service) && text(service, 'spec', 'loadBalancerClass') !== '')
    .map(({ metadata }) => metadata.namespace);
  return ofKind(objects, '', 'ConfigMap')
    .filter(({ metadata }) => homes.includes(metadata.namespace))
    .map((config) => text(config, 'data', 'Corefile'))
    .join('\n');
}
