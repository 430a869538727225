/**
 * What a pod's question to the cluster's DNS is answered with: CoreDNS as its Corefile says, the Services that it knows, and public
 * DNS behind it. [CoreDNS 1.13]
 */
import { kinds } from '../controllers/cluster.ts';
import { blockFor, isUnder, pluginsOf, react, rewritten } from '../network/corefile.ts';
import { at, list, text } from '../fields.ts';
import { views, type DnsRecord, type NameAnswer } from '../network/names.ts';
import type { StoredObject } from '../objects.ts';
import type { State } from '../state.ts';
import type { World } from '../world.ts';

export interface ClusterAnswer extends NameAnswer {
  authoritative: boolean;
}

const noError = 0;
const refused = 5;
const noSuchName = 3;

export const findService = (state: State, namespace: string, name: string): StoredObject | undefined =>
  state.get(kinds.Service, namespace, name);

/** Undefined when nobody answers. */
export function lookUpFromPods(state: State, world: World, name: string, type: string): ClusterAnswer | undefined {
  if (readyAddresses(state, 'kube-system', 'kube-dns').length === 0) return undefined;
  const corefile = text(state.get(kinds.ConfigMap, 'kube-system', 'coredns'), 'data', 'Corefile');
  const block = blockFor(corefile, name);
  if (block === undefined) return { rcode: refused, records: [], authoritative: false };

  // CoreDNS runs rewrite before all that answers, and what follows sees the other name only.
  const rewrite = pluginsOf(block, 'rewrite')
    .map(({ words }) => rewritten(words, name))
    .find((result) => result !== undefined);
  const asked = rewrite?.name ?? name;
  const shown = (record: DnsRecord): DnsRecord =>
    rewrite?.putsBack === true && record.name === asked ? { ...record, name } : record;

  const zones = pluginsOf(block, 'kubernetes').flatMap(({ words }) => words.slice(1));
  if (zones.some((zone) => isUnder(asked, zone))) {
    const { rcode, records } = ofServices(state, asked, type);
    return { rcode, records: records.map(shown), authoritative: true };
  }
  const reaction = rewrite === undefined ? react(corefile, asked, type) : { kind: 'forward' as const };
  if (reaction.kind === 'answer') {
    return {
      rcode: reaction.rcode,
      records: reaction.records.map((record) => ({ name, ...record })),
      authoritative: true,
    };
  }
  const { rcode, records } = views(state.objects, world.facts).public(asked, type);
  return { rcode, records: records.map(shown), authoritative: false };
}

/** SERVICE.NAMESPACE.svc.cluster.local: its ClusterIP, or the addresses of its endpoints when it has none. */
function ofServices(state: State, name: string, type: string): NameAnswer {
  const [service = '', namespace = '', kind = '', ...zone] = name.split('.');
  const found = kind === 'svc' && zone.length > 0 ? findService(state, namespace, service) : undefined;
  if (found === undefined) return { rcode: noSuchName, records: [] };
  const external = text(found, 'spec', 'externalName');
  if (external !== '') return { rcode: noError, records: [{ name, type: 'CNAME', data: external }] };
  const addresses =
    text(found, 'spec', 'clusterIP') === 'None'
      ? readyAddresses(state, namespace, service)
      : list(found, 'spec', 'clusterIPs').map((address) => text(address));
  return {
    rcode: noError,
    records: addresses
      .filter((address) => address.includes(':') === (type === 'AAAA') && ['A', 'AAAA'].includes(type))
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
