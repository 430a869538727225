/**
 * Where routes send requests: from a rule's backendRefs to Services, their EndpointSlices, their pods and what runs these. Pure.
 * Absence of detail is no news: a cluster that keeps no slice or pod of a Service says nothing about it.
 */
import { follow, leadsTo, relationAt, type Reference } from '../../src/kinds/references.ts';
import { selectedOf, selectionsOf } from '../../src/kinds/selections.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { anyOf, isNone } from '../../src/runbook/told.ts';
import { slicesOf } from './in-cluster-names.ts';
import { onDemand } from './on-demand.ts';
import { isOf } from './references.ts';
import type { Route } from './routes.ts';
import { isReady } from './pods.ts';
import { replicas, type Workload } from './workloads.ts';

export type Service = KubeObject<'Service'>;
export type EndpointSlice = KubeObject<'EndpointSlice'>;
export type Pod = KubeObject<'Pod'>;

/** One reference of a rule to a Service; references to other kinds, and those of weight 0, lead nowhere that matters. */
export interface Backend {
  route: Route;
  reference: Reference;
  namespace: string;
  name: string;
  port: number | undefined;
  /** The share of the rule's requests that it gets, in percent. */
  share: number;
  readonly service: Service | undefined;
}

const backendRefs = relationAt('HTTPRoute', 'spec.rules[].backendRefs[]');

export const backendsOf = (routes: readonly Route[], services: readonly Service[]): readonly Backend[] =>
  routes.flatMap((route) =>
    follow(route, backendRefs).flatMap((reference): readonly Backend[] => {
      const share = shareOf(route, reference);
      if (!isOf(reference, ['Service']) || share === undefined) return [];
      const { namespace, name, port } = reference;
      const service = onDemand(() => services.find((one) => leadsTo(reference, one)));
      return [
        {
          ...{ route, reference, namespace, name, port, share },
          get service() {
            return service();
          },
        },
      ];
    }),
  );

/** Which share of a rule's requests one of its backends gets, in percent; undefined for one that gets none. */
function shareOf(route: Route, { path: [, , rule, , index] }: Reference): number | undefined {
  const refs = route.spec.rules?.[Number(rule)]?.backendRefs ?? [];
  const total = refs.reduce((sum, ref) => sum + (ref.weight ?? 1), 0);
  const weight = refs[Number(index)]?.weight ?? 1;
  return weight === 0 ? undefined : Math.round((100 * weight) / total);
}

export interface RoutedService {
  service: Service;
  backends: readonly Backend[];
}

/** The Services that exist behind routes, each once. */
export function routedServices(backends: readonly Backend[]): readonly RoutedService[] {
  const found = new Map<Service, Backend[]>();
  for (const backend of backends) {
    if (backend.service !== undefined) found.set(backend.service, [...(found.get(backend.service) ?? []), backend]);
  }
  return [...found].map(([service, own]) => ({ service, backends: own }));
}

/** What fails while a Service does not answer: its hostnames, and how many of their requests. */
export function whatFails({ service, backends }: RoutedService): string {
  const hostnames = [...new Set(backends.flatMap(({ route }) => route.spec.hostnames ?? []))];
  const share = Math.max(...backends.map((backend) => backend.share));
  const names = hostnames.length === 0 ? `what is routed to ${service.metadata.name}` : hostnames.join(', ');
  return share === 100 ? `requests for ${names} fail` : `about ${share} % of the requests for ${names} fail`;
}

/** The selector of a Service that has one; ExternalName and Services whose slices are written by hand have none. */
export function selectorOf(service: Service): Readonly<Record<string, string>> | undefined {
  const { type, selector } = service.spec ?? {};
  return type === 'ExternalName' || selector === undefined || Object.keys(selector).length === 0 ? undefined : selector;
}

export interface Cluster {
  pods: readonly Pod[];
  slices: readonly EndpointSlice[];
  workloads: readonly Workload[];
}

export interface Serving {
  readonly slices: readonly EndpointSlice[];
  /** How many endpoints are ready; a slice that does not say counts as ready [EndpointSlice API]. */
  readonly ready: number;
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  /** Whether something answers, as far as the objects tell. */
  readonly answers: boolean;
}

/** What stands behind a Service. */
export function servingOf(service: Service, { pods, slices, workloads }: Cluster): Serving {
  const own = slicesOf(service, slices);
  const [selected] = selectorOf(service) === undefined ? [] : selectionsOf(service);
  // Each is looked at by itself: where the pods are not known, the slices may be.
  const chosen = onDemand(() => (selected === undefined ? [] : selectedOf(selected, pods).filter(isLeft)));
  const behind = onDemand(() => (selected === undefined ? [] : selectedOf(selected, workloads)));
  const ready = onDemand(
    () => own.flatMap((slice) => slice.endpoints ?? []).filter((one) => one.conditions?.ready !== false).length,
  );
  const isDown = onDemand(() =>
    anyOf(
      () => behind().every((workload) => replicas(workload).desired === 0 && saysSo(workload)) && !isNone(behind()),
      () => chosen().every(isUnwell) && !isNone(chosen()) && service.spec?.publishNotReadyAddresses !== true,
      () => ready() === 0 && !isNone(own),
      () => behind().every(isDownByItsStatus) && !isNone(behind()) && isNone(own) && isNone(chosen()),
    ),
  );
  return {
    slices: own,
    get ready() {
      return ready();
    },
    get pods() {
      return chosen();
    },
    get workloads() {
      return behind();
    },
    get answers() {
      return !isDown();
    },
  };
}

/** Neither ended nor on its way out. */
const isLeft = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** A DaemonSet's number of nodes comes from its status, which may be missing. */
const saysSo = (workload: Workload): boolean =>
  workload.kind === 'DaemonSet' ? workload.status?.desiredNumberScheduled === 0 : workload.spec?.replicas === 0;

/** A pod that says so itself: one without status says nothing. */
export function isUnwell(pod: Pod): boolean {
  if (isReady(pod)) return false;
  const says = (pod.status?.conditions ?? []).some(
    ({ type, status }) =>
      (type === 'Ready' || type === 'ContainersReady' || type === 'PodScheduled') && status === 'False',
  );
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return says || statuses.some(({ state }) => state?.waiting?.reason !== undefined);
}

function isDownByItsStatus(workload: Workload): boolean {
  if (workload.kind === 'DaemonSet')
    return (workload.status?.numberUnavailable ?? 0) > 0 && replicas(workload).available === 0;
  if (workload.kind === 'StatefulSet')
    return (workload.status?.replicas ?? 0) > 0 && replicas(workload).available === 0;
  const unavailable = workload.status?.unavailableReplicas ?? 0;
  const available = workload.status?.conditions?.find(({ type }) => type === 'Available');
  return replicas(workload).available === 0 && (unavailable > 0 || available?.status === 'False');
}
