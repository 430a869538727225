/**
 * What a pod's question to the cluster's DNS is answered with: CoreDNS as its Corefile says, the Services that it knows, and public
 * DNS behind it. [CoreDNS 1.13]
 */
import { addressVersion } from '../../formats/cidr.ts';
import { blockFor, rootPort } from '../../formats/corefile/corefile.ts';
import { parseCorefile } from '../../formats/corefile/parse.ts';
import { clusterDnsFiles, clusterDnsService } from '../controllers/cluster-dns.ts';
import { kinds } from '../controllers/cluster.ts';
import { ask, refused, type Behind } from '../network/coredns.ts';
import { at, list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { NameAnswer, View } from '../network/name-answer.ts';
import { views } from '../network/names.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { State } from '../../../packages/apiserver/state/state.ts';
import type { World } from '../world.ts';

export interface ClusterAnswer extends NameAnswer {
  authoritative: boolean;
}

const noError = 0;
const noSuchName = 3;

export const findService = (state: State, namespace: string, name: string): StoredObject | undefined =>
  state.get(kinds.Service, namespace, name);

/** Undefined when nobody answers. */
export function lookUpFromPods(state: State, world: World, name: string, type: string): ClusterAnswer | undefined {
  const dns = clusterDnsService(state);
  if (dns === undefined || readyAddresses(state, dns.metadata.namespace ?? '', dns.metadata.name).length === 0) {
    return undefined;
  }
  const files = clusterDnsFiles(state);
  const corefile = parseCorefile(files['Corefile'] ?? '');
  const block = blockFor(corefile, name, rootPort(corefile));
  if (block === undefined) return { ...refused, authoritative: false };
  const services: Behind['services'] = (service, asked, asking) => ofService(state, service, asked, asking);
  const upstream: View = (asked, asking) => views(state.objects, world.facts).public(asked, asking);
  const { rcode, records, forwarded } = ask(block, name, type, { files, services, upstream });
  return { rcode, records, authoritative: !forwarded };
}

/** A Service's ClusterIP, or the addresses of its endpoints when it has none. */
function ofService(state: State, service: { namespace: string; name: string }, name: string, type: string): NameAnswer {
  const found = findService(state, service.namespace, service.name);
  if (found === undefined) return { rcode: noSuchName, records: [] };
  const external = text(found, 'spec', 'externalName');
  if (external !== '') return { rcode: noError, records: [{ name, type: 'CNAME', data: external }] };
  const addresses =
    text(found, 'spec', 'clusterIP') === 'None'
      ? readyAddresses(state, service.namespace, service.name)
      : list(found, 'spec', 'clusterIPs').map((address) => text(address));
  return {
    rcode: noError,
    records: addresses
      .filter((address) => addressVersion(address) === (type === 'AAAA' ? 6 : 4) && ['A', 'AAAA'].includes(type))
      .map((data) => ({ name, type, data })),
  };
}

const readyAddresses = (state: State, namespace: string, service: string): readonly string[] =>
  state
    .list(kinds.EndpointSlice, namespace)
    .filter((slice) => text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === service)
    .flatMap((slice) => list(slice, 'endpoints'))
    .filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false)
    .flatMap((endpoint) => list(endpoint, 'addresses').map((address) => text(address)));
