/**
 * What the demo's names resolve to, and for whom: pure, from the objects. There are three views: public DNS, the tailnet
 * resolver in the cluster, and MagicDNS, which is what a device on the tailnet asks.
 */
import { addressVersion } from '../../formats/cidr.ts';
import { blockOnAnyPort } from '../../formats/corefile/corefile.ts';
import { parseCorefile } from '../../formats/corefile/parse.ts';
import type { DnsRecord } from '../../formats/corefile/record.ts';
import { ask, refused } from './coredns.ts';
import { strings, text } from '../../../packages/apiserver/objects/fields.ts';
import { gatewayState, isResolver, type Entrance } from './gateway-state.ts';
import type { NameAnswer, View } from './name-answer.ts';
import { ofKind, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { WorldFacts } from '../world.ts';

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
  const files = filesOf(objects);
  const corefile = parseCorefile(files['Corefile'] ?? '');
  const zones = corefile.blocks.flatMap((block) => block.zones.map((zone) => zone.name));

  const inPublic: View = (name, type) => lookUp(records, name, type);
  const inCluster: View = (name, type) => {
    const block = blockOnAnyPort(corefile, name);
    return block === undefined ? refused : ask(block, name, type, { files, services: noServices, upstream: inPublic });
  };
  const resolverAnswers = entrances.some(({ reach }) => reach === 'resolver');
  const onTailnet: View = (name, type) => {
    if (devices.some((record) => record.name === name)) return lookUp(devices, name, type);
    const isSplit = world.splitDns && zones.some((zone) => name.endsWith(`.${zone}`));
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
    const isAddress = (host: string): boolean => addressVersion(host) !== undefined;
    return hosts
      .filter((host) => !isAddress(host))
      .flatMap((name) =>
        hosts.filter(isAddress).map((data) => ({ name, type: addressVersion(data) === 6 ? 'AAAA' : 'A', data })),
      );
  });

/** The resolver on the tailnet stands outside of the cluster's names: its plugin kubernetes knows no Service. */
const noServices = (): NameAnswer => ({ rcode: noSuchName, records: [] });

/** The Corefile of the tailnet resolver, and the files beside it: those in the namespace of the Service that is DNS on the tailnet. */
function filesOf(objects: readonly StoredObject[]): Readonly<Record<string, string>> {
  const homes = ofKind(objects, '', 'Service')
    .filter((service) => isResolver(service) && text(service, 'spec', 'loadBalancerClass') !== '')
    .map(({ metadata }) => metadata.namespace);
  const configs = ofKind(objects, '', 'ConfigMap').filter(
    (config) => homes.includes(config.metadata.namespace) && text(config, 'data', 'Corefile') !== '',
  );
  const entries = configs.flatMap((config) => Object.entries(strings(config, 'data')));
  const corefile = configs.map((config) => text(config, 'data', 'Corefile')).join('\n');
  return { ...Object.fromEntries(entries), Corefile: corefile };
}
