/**
 * HTTPRoutes: what each Gateway that a route names makes of it. One entry for each parentRef, in the route's own status.
 * [Envoy Gateway 1.9: internal/gatewayapi/route.go; internal/provider/kubernetes/status.go mergeRouteParentStatus]
 */
import { hostnamesIntersect } from '../../../formats/hostname.ts';
import { at, fieldsOf, list, number, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import type { JudgedGateway } from './judged.ts';
import { isGranted } from './grants.ts';
import type { JudgedListener } from './listeners.ts';

const group = 'gateway.networking.k8s.io';

/** Judges every route, and counts at each listener those that attach to it. */
export function judgeRoutes(cluster: Cluster, controllerName: string, judged: readonly JudgedGateway[]): void {
  const gateways = new Map(judged.map((one) => [one.key, one]));
  for (const route of cluster.list(kinds.HTTPRoute)) {
    const present = list(route, 'status', 'parents');
    const isOurs = (entry: unknown): boolean => text(entry, 'controllerName') === controllerName;
    const entries = list(route, 'spec', 'parentRefs').flatMap((reference): readonly unknown[] => {
      const parent = parentOf(route, reference);
      const gateway = parent.isGateway ? gateways.get(`${parent.namespace}/${parent.name}`) : undefined;
      const old = present.find((entry) => isOurs(entry) && isSame(at(entry, 'parentRef'), reference));
      return gateway === undefined ? [] : [{ controllerName, ...entryOf(cluster, route, reference, gateway, old) }];
    });
    if (entries.length === 0) continue;
    // What was said of a parent that the route no longer names stands: only later versions take it back [envoyproxy/gateway#9023].
    const isFor = (one: unknown) => (other: unknown) => isSame(at(one, 'parentRef'), at(other, 'parentRef'));
    const kept = present.map((entry) => (isOurs(entry) && entries.find(isFor(entry))) || entry);
    const added = entries.filter((entry) => !kept.includes(entry));
    cluster.setStatus(route, { parents: [...kept, ...added] });
  }
}

interface Parent {
  isGateway: boolean;
  namespace: string;
  name: string;
}

const parentOf = (route: StoredObject, reference: unknown): Parent => ({
  isGateway: (text(reference, 'group') || group) === group && (text(reference, 'kind') || 'Gateway') === 'Gateway',
  namespace: text(reference, 'namespace') || (route.metadata.namespace ?? ''),
  name: text(reference, 'name'),
});

const parts = ['namespace', 'name', 'sectionName', 'port'] as const;

const isSame = (one: unknown, other: unknown): boolean => parts.every((part) => text(one, part) === text(other, part));

type Verdict = Omit<Condition, 'observedGeneration'>;

function entryOf(
  cluster: Cluster,
  route: StoredObject,
  reference: unknown,
  gateway: JudgedGateway,
  old: unknown,
): Fields {
  const { generation } = route.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const verdicts = [...acceptance(route, reference, gateway.listeners), ...resolution(cluster, route)];
  return {
    parentRef: { group, kind: 'Gateway', ...fieldsOf(reference) },
    conditions: cluster.conditions(
      list(old, 'conditions').filter((entry) => verdicts.some(({ type }) => type === text(entry, 'type'))),
      ...verdicts.map((verdict) => ({ ...verdict, ...observed })),
    ),
  };
}

const refused = (reason: string, message: string): readonly Verdict[] => [
  { type: 'Accepted', status: 'False', reason, message },
];

/**
 * In the order in which Envoy Gateway looks: the listener, its permission, and its hostname last. Whether the listener works is none of the
 * route's business [since 1.9, envoyproxy/gateway#9129]. A listener counts the routes whose hostname it takes.
 */
function acceptance(route: StoredObject, reference: unknown, listeners: readonly JudgedListener[]): readonly Verdict[] {
  const section = text(reference, 'sectionName');
  const port = number(reference, 'port');
  const selected = listeners.filter(
    (listener) => (section === '' || listener.name === section) && (port === 0 || listener.port === port),
  );
  if (selected.length === 0) return refused('NoMatchingParent', 'No listeners match this parent ref');
  const allowed = selected.filter(
    (listener) =>
      listener.supportedKinds.some(({ kind }) => kind === 'HTTPRoute') &&
      listener.allows(route.metadata.namespace ?? ''),
  );
  if (allowed.length === 0) {
    return refused('NotAllowedByListeners', 'No listeners included by this parent ref allowed this attachment.');
  }
  const hostnames = list(route, 'spec', 'hostnames').map((hostname) => text(hostname).toLowerCase());
  const serving = allowed.filter(
    (listener) =>
      hostnames.length === 0 || hostnames.some((hostname) => hostnamesIntersect(listener.hostname, hostname)),
  );
  serving.forEach(({ attached }) => (attached.count += 1));
  if (serving.length === 0) {
    return refused(
      'NoMatchingListenerHostname',
      "There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s).",
    );
  }
  return [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Route is accepted' }];
}

/** Whether each backend is there, and whether the Services have anybody behind them; pods that are not ready count [route.go]. */
function resolution(cluster: Cluster, route: StoredObject): readonly Verdict[] {
  const backends = list(route, 'spec', 'rules').flatMap((rule, ruleIndex) =>
    list(rule, 'backendRefs').map((backend, index) => ({
      backend,
      place: `route rule ${ruleIndex} backendRef ${index}`,
      problem: backendProblem(cluster, route, backend),
    })),
  );
  const broken = backends.find(({ problem }) => problem !== undefined);
  const [reason, words] = broken?.problem ?? [];
  const empty = backends.find(({ backend, problem }) => problem === undefined && isEmpty(cluster, route, backend));
  const service = `${text(empty?.backend, 'namespace') || (route.metadata.namespace ?? '')}/${text(empty?.backend, 'name')}`;
  return [
    ...(empty === undefined
      ? []
      : [
          {
            type: 'BackendsAvailable',
            status: 'False',
            reason: 'EndpointsNotFound',
            message: `Failed to find endpoints: no ready endpoints for the related Service ${service}.`,
          } as const,
        ]),
    reason === undefined
      ? {
          type: 'ResolvedRefs',
          status: 'True',
          reason: 'ResolvedRefs',
          message: 'Resolved all the Object references for the Route',
        }
      : {
          type: 'ResolvedRefs',
          status: 'False',
          reason,
          message: `Failed to process ${broken?.place ?? ''}: ${words ?? ''}.`,
        },
  ];
}

/** Whether a Service has no endpoint at its port. */
function isEmpty(cluster: Cluster, route: StoredObject, backend: unknown): boolean {
  if ((text(backend, 'kind') || 'Service') !== 'Service') return false;
  const namespace = text(backend, 'namespace') || (route.metadata.namespace ?? '');
  const name = text(backend, 'name');
  const wanted = list(cluster.get(kinds.Service, namespace, name), 'spec', 'ports').find(
    (port) => number(port, 'port') === number(backend, 'port'),
  );
  return !cluster
    .list(kinds.EndpointSlice, namespace)
    .filter((slice) => text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name)
    .some(
      (slice) =>
        list(slice, 'endpoints').length > 0 &&
        list(slice, 'ports').some((port) => text(port, 'name') === text(wanted, 'name')),
    );
}

/** Kinds of backend that are not of this demo are taken on trust. */
const otherBackends: readonly string[] = ['multicluster.x-k8s.io/ServiceImport', 'gateway.envoyproxy.io/Backend'];

function backendProblem(
  cluster: Cluster,
  route: StoredObject,
  backend: unknown,
): readonly [reason: string, words: string] | undefined {
  const own = route.metadata.namespace ?? '';
  const to = {
    group: text(backend, 'group'),
    kind: text(backend, 'kind') || 'Service',
    namespace: text(backend, 'namespace') || own,
    name: text(backend, 'name'),
  };
  if (!['', 'multicluster.x-k8s.io', 'gateway.envoyproxy.io'].includes(to.group)) {
    return [
      'InvalidKind',
      'Group is invalid, only the core API group (specified by omitting the group field or setting it to an empty string), multicluster.x-k8s.io and gateway.envoyproxy.io are supported',
    ];
  }
  const isOther = otherBackends.includes(`${to.group}/${to.kind}`);
  if (!isOther && (to.group !== '' || to.kind !== 'Service')) {
    return ['InvalidKind', 'Kind is invalid, only Service, MCS ServiceImport and Envoy Gateway Backend are supported'];
  }
  if (to.namespace !== own && !isGranted(cluster, { group, kind: 'HTTPRoute', namespace: own }, to)) {
    return [
      'RefNotPermitted',
      `Backend ref to ${to.kind} ${to.namespace}/${to.name} not permitted by any ReferenceGrant`,
    ];
  }
  if (isOther) return undefined;
  const port = number(backend, 'port');
  if (port === 0) {
    return ['PortNotSpecified', 'A valid port number corresponding to a port on the Service must be specified'];
  }
  const service = cluster.get(kinds.Service, to.namespace, to.name);
  if (service === undefined) return ['BackendNotFound', `service ${to.namespace}/${to.name} not found`];
  const hasPort = list(service, 'spec', 'ports').some(
    (entry) => number(entry, 'port') === port && (text(entry, 'protocol') || 'TCP') === 'TCP',
  );
  return hasPort ? undefined : ['PortNotFound', `TCP Port ${port} not found on Service ${to.namespace}/${to.name}`];
}
