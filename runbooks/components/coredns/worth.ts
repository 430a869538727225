/** What CoreDNS's answer to a hostname is worth to a pod: whether it leads to the Gateway without leaving the cluster. Pure. */
import { addressVersion, isInRange } from '../../../src/formats/cidr.ts';
import type { DnsAnswer } from '../../../src/formats/corefile/answer.ts';
import type { ServerBlock } from '../../../src/formats/corefile/corefile.ts';
import { nameOf } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { line } from '../../models/corefile-rules.ts';
import {
  envoyPods,
  internalService,
  readyEndpoints,
  selectedPods,
  slicesOf,
  type NamedAnswer,
} from '../../models/in-cluster-names.ts';
import { isTailnetAddress } from '../../models/request.ts';
import { ingressHosts, isNamed, type Topology } from '../../models/topology.ts';
import { rewriteLine } from './corefile.ts';

type Service = KubeObject<'Service'>;

export type Values = Topology & {
  pods: readonly KubeObject<'Pod'>[];
  slices: readonly KubeObject<'EndpointSlice'>[];
};

export type Worth = { kind: 'inside' } | { kind: 'outside' } | ({ kind: 'broken' } & Broken);

/** An answer that leads nowhere. */
export interface Broken {
  what: BrokenKind;
  /** Where it leads: a Service, an address, a name, by the kind. */
  to: string;
  /** What stands in the Corefile, and what should. */
  written: string;
  wanted: string;
}

export type BrokenKind =
  | 'serviceMissing'
  | 'misspelt'
  | 'notEnvoy'
  | 'staleAddress'
  | 'noAddress'
  | 'resolverNotReady'
  | 'resolverGone'
  | 'forwardedAfterRewrite'
  | 'unansweredAfterRewrite'
  | 'noServiceName'
  | 'takenByAnotherPlugin';

const inside: Worth = { kind: 'inside' };
const outside: Worth = { kind: 'outside' };
const broken = (what: BrokenKind, rest: Omit<Broken, 'what'>): Worth => ({ kind: 'broken', what, ...rest });

export function worthOf({ answer, block }: NamedAnswer, values: Values): Worth {
  if (answer === undefined || block === undefined) return outside;
  const { result, plugin } = answer;
  switch (result.kind) {
    case 'elsewhere':
      return inside;
    case 'service':
      return serviceWorth(result, answer, values);
    case 'records':
      return recordsWorth(result.values, values);
    case 'forwarded':
      return forwardedWorth(result.to, answer, values);
    case 'empty':
      return broken('noAddress', { to: plugin, written: plugin, wanted: wantedIn(values) });
    default:
      return errorWorth(answer, block, values);
  }
}

/** Where the Corefile should lead pods. */
function wantedIn(values: Values): string {
  const meant = internalService(values);
  return meant === undefined ? rewriteLine : fqdn(meant);
}

const fqdn = ({ metadata }: Service): string => `${metadata.name}.${metadata.namespace ?? ''}.svc.cluster.local`;

function serviceWorth(named: { namespace: string; name: string }, { rewritten }: DnsAnswer, values: Values): Worth {
  const to = `${named.namespace}/${named.name}`;
  const written = rewritten === undefined ? to : line(rewritten.by);
  const meant = internalService(values);
  const service = values.services.find((candidate) => isNamed(candidate, named));
  if (service === undefined) {
    return meant === undefined
      ? broken('serviceMissing', { to, written, wanted: 'a Service that exists' })
      : broken('misspelt', { to, written, wanted: fqdn(meant) });
  }
  return meant !== undefined && service !== meant && isOfOthers(service, values)
    ? broken('notEnvoy', { to, written, wanted: fqdn(meant) })
    : inside;
}

/** Whether a Service leads to pods, and to no Envoy among those that there are. */
function isOfOthers(service: Service, values: Values): boolean {
  const envoys = envoyPods(values);
  return (
    envoys.length > 0 && selectedPods(service, values.pods).length > 0 && selectedPods(service, envoys).length === 0
  );
}

function recordsWorth(addresses: readonly string[], values: Values): Worth {
  const stale = addresses.filter((address) => isForeign(address, values));
  if (stale.length === 0 || stale.length < addresses.length) return inside;
  const to = stale.join(', ');
  const wanted = internalService(values)?.spec?.clusterIP ?? wantedIn(values);
  return broken('staleAddress', { to, written: to, wanted });
}

/** Whether an address that looks like the cluster's or the tailnet's belongs to nobody there. */
function isForeign(address: string, { services, gateways, pods }: Values): boolean {
  if (addressVersion(address) === undefined) return false;
  const clusterIps = services.flatMap(({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP ?? '']);
  const known = [
    ...clusterIps,
    ...services.flatMap(({ spec }) => spec?.externalIPs ?? []),
    ...services.flatMap(ingressHosts),
    ...gateways.flatMap(({ status }) => (status?.addresses ?? []).map(({ value }) => value)),
    ...pods.flatMap(({ status }) => [status?.podIP, status?.hostIP]),
  ];
  return !known.includes(address) && (isTailnetAddress(address) || isInServiceRange(address, services));
}

/** What installers give Services to have addresses from: kubeadm's range is wider than most. */
const widestRange = '10.96.0.0/12';

/** Near enough without the API server's own range: the addresses around one that a Service has. */
const isInServiceRange = (address: string, services: readonly Service[]): boolean =>
  services.some(({ spec: { clusterIP = '' } = {} }) =>
    addressVersion(clusterIP) === 6
      ? isInRange(address, `${clusterIP}/108`)
      : isInRange(address, `${clusterIP}/16`) || (isInRange(clusterIP, widestRange) && isInRange(address, widestRange)),
  );

/** A question that is asked of other servers: of CoreDNS itself, of a Service, or of somebody outside the cluster. */
function forwardedWorth(to: readonly string[], { rewritten }: DnsAnswer, values: Values): Worth {
  const addresses = to.map((upstream) => upstream.replace(/^[a-z]+:\/\//, '').replace(/^([\d.]+):\d+$/, '$1'));
  if (addresses.some((address) => ['127.0.0.1', '::1', 'localhost'].includes(address))) return inside;
  const written = `forward . ${to.join(' ')}`;
  const upstream = values.services.find(({ spec }) => addresses.some((address) => spec?.clusterIP === address));
  if (upstream !== undefined) {
    return isSilent(upstream, values)
      ? broken('resolverNotReady', { to: nameOf(upstream), written, wanted: 'a resolver that answers' })
      : inside;
  }
  const gone = addresses.find((address) => isInServiceRange(address, values.services));
  if (gone !== undefined) {
    const wanted = 'the ClusterIP of a resolver, or a rewrite to the internal Service';
    return broken('resolverGone', { to: gone, written, wanted });
  }
  return rewritten === undefined
    ? outside
    : broken('forwardedAfterRewrite', {
        to: rewritten.to,
        written,
        wanted: `kubernetes cluster.local, for ${wantedIn(values)}`,
      });
}

function isSilent(service: Service, { slices }: Values): boolean {
  const own = slicesOf(service, slices);
  return own.length > 0 && readyEndpoints(own).length === 0;
}

/** A question that no plugin answers, or one with an error: of a name that nobody rewrote, nothing was promised. */
function errorWorth({ result, plugin, rewritten }: DnsAnswer, block: ServerBlock, values: Values): Worth {
  if (rewritten === undefined) return outside;
  const { to, by } = rewritten;
  if (result.kind !== 'code') {
    const written = block.plugins.map(({ name }) => name).join(', ');
    return broken('unansweredAfterRewrite', { to, written, wanted: 'kubernetes cluster.local' });
  }
  // A rule's own error is that what it made is no domain name.
  return plugin === 'kubernetes' || plugin === 'rewrite'
    ? broken('noServiceName', { to, written: line(by), wanted: wantedIn(values) })
    : broken('takenByAnotherPlugin', { to, written: plugin, wanted: 'kubernetes' });
}
