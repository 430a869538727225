/**
 * How pods are led to the Gateway: which hostnames are routed, which Services stand in front of Envoy inside the cluster, and
 * what CoreDNS answers for each name. Pure.
 */
import { answerOf, type DnsAnswer } from '../../src/formats/corefile/answer.ts';
import { blockFor, rootPort, type Corefile, type ServerBlock } from '../../src/formats/corefile/corefile.ts';
import { follow, leadsTo, relationAt } from '../../src/kinds/references.ts';
import { selectedOf, selectionsOf } from '../../src/kinds/selections.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { allOf } from '../../src/runbook/open-list.ts';
import { once } from '../../src/runbook/told.ts';
import { hostnameTakes } from '../../src/formats/hostname.ts';
import { stack } from '#stack';
import { partNames } from '../parts.ts';
import { hangsOn, isManagedFor, isNamed, tailnetGateways, type Topology } from './topology.ts';

type Service = KubeObject<'Service'>;
type Pod = KubeObject<'Pod'>;
type EndpointSlice = KubeObject<'EndpointSlice'>;

/** The part of a name behind its first label. */
export const parentDomain = (name: string): string => name.slice(name.indexOf('.') + 1);

/**
 * The routed hostnames that a listener takes, each once. Left out are wildcards, names deeper than the listener's wildcard
 * (no certificate covers them) and domains themselves, which a rule for names below them need not take.
 */
export function routedHostnames(values: Topology & { routes: readonly KubeObject<'HTTPRoute'>[] }): readonly string[] {
  const names = tailnetGateways(values).flatMap(({ gateway }) =>
    values.routes
      .filter((route) => hangsOn(route, gateway))
      .flatMap((route) => route.spec.hostnames ?? [])
      .map((name) => name.toLowerCase())
      .filter((name) =>
        gateway.spec.listeners.some(
          ({ hostname }) =>
            hostnameTakes(hostname, name) &&
            (hostname?.startsWith('*.') === true
              ? parentDomain(name) === hostname.slice(2).toLowerCase()
              : parentDomain(name).includes('.')),
        ),
      ),
  );
  return once(names.filter((name) => !name.startsWith('*') && name !== stack.domain));
}

/** The pods of the Envoys behind the tailnet's Gateways. */
export const envoyPods = (values: Topology & { pods: readonly Pod[] }): readonly Pod[] => {
  const found = tailnetGateways(values);
  return values.pods.filter(
    (pod) => pod.status?.phase !== 'Succeeded' && found.some(({ gateway }) => isManagedFor(pod, gateway)),
  );
};

/** The pods that a Service selects; none for one without selector, whose endpoints are written by hand. */
export const selectedPods = (service: Service, pods: readonly Pod[]): readonly Pod[] =>
  allOf(
    ...selectionsOf(service).map((selected) =>
      selectedOf(selected, pods).filter(({ status }) => status?.phase !== 'Succeeded'),
    ),
  );

const serviceOf = relationAt('EndpointSlice', 'metadata.labels');

/** The EndpointSlices of a Service. */
export const slicesOf = (service: Service, slices: readonly EndpointSlice[]): readonly EndpointSlice[] =>
  slices.filter((slice) => follow(slice, serviceOf).some((reference) => leadsTo(reference, service)));

/** The endpoints that answer: one that does not say counts as ready [EndpointSlice API]. */
export const readyEndpoints = (slices: readonly EndpointSlice[]) =>
  slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);

/** The Service that is meant for pods: the stack's, else another one that somebody wrote to select Envoy. */
export function internalService(values: Topology & { pods: readonly Pod[] }): Service | undefined {
  const own = values.services.find((service) => isNamed(service, partNames.internalService));
  if (own !== undefined) return own;
  const envoys = envoyPods(values);
  const managed = new Set(tailnetGateways(values).flatMap(({ services }) => services));
  // One for metrics selects Envoy too, and is not meant for requests.
  const ports = tailnetGateways(values).flatMap(({ gateway }) =>
    gateway.spec.listeners.filter(({ protocol }) => protocol === 'HTTPS').map(({ port }) => port),
  );
  return values.services.find(
    (service) =>
      !managed.has(service) &&
      service.spec?.ports?.some(({ port }) => ports.includes(port)) === true &&
      selectedPods(service, envoys).length > 0,
  );
}

export interface NamedAnswer {
  hostname: string;
  block: ServerBlock | undefined;
  answer: DnsAnswer | undefined;
}

/** What each hostname is answered with, by the server that also has the root zone, or else on port 53. */
export function answersFor(
  corefile: Corefile,
  hostnames: readonly string[],
  files: Readonly<Record<string, string>>,
): readonly NamedAnswer[] {
  const port = rootPort(corefile);
  return hostnames.map((hostname) => {
    const block = blockFor(corefile, hostname, port);
    return { hostname, block, answer: block === undefined ? undefined : answerOf(block, hostname, 'A', files) };
  });
}

/** The Services that CoreDNS gives out for some of these names, as `namespace/name`. */
export const namedServices = (answers: readonly NamedAnswer[]): readonly { namespace: string; name: string }[] => [
  ...new Map(
    answers.flatMap(({ answer }) =>
      answer?.result.kind === 'service'
        ? [
            [
              `${answer.result.namespace}/${answer.result.name}`,
              { namespace: answer.result.namespace, name: answer.result.name },
            ] as const,
          ]
        : [],
    ),
  ).values(),
];
