/** HTTPRoutes: what each Gateway that a route names makes of it. One entry for each parentRef, in the route's own status. */
import { at, fieldsOf, list, number, text, type Fields } from '../../fields.ts';
import type { StoredObject } from '../../objects.ts';
import { kinds, type Cluster, type Condition } from '../cluster.ts';
import type { JudgedGateway } from './gateways.ts';
import { isGranted } from './grants.ts';
import { controllerName } from './classes.ts';
import type { JudgedListener } from './listeners.ts';

const group = 'gateway.networking.k8s.io';

/** Judges every route, and counts at each listener those that attach to it. */
export function judgeRoutes(cluster: Cluster, judged: readonly JudgedGateway[]): void {
  const gateways = new Map(judged.map((one) => [one.key, one]));
  for (const route of cluster.list(kinds.HTTPRoute)) {
    const present = list(route, 'status', 'parents');
    const isOurs = (entry: unknown): boolean => text(entry, 'controllerName') === controllerName;
    const entries = list(route, 'spec', 'parentRefs').flatMap((reference): readonly unknown[] => {
      const parent = parentOf(route, reference);
      const key = `${parent.namespace}/${parent.name}`;
      const gateway = gateways.get(key);
      const old = present.find((entry) => isOurs(entry) && isSame(at(entry, 'parentRef'), reference));
      if (parent.isGateway && gateway !== undefined) return [entryOf(cluster, route, reference, gateway, old)];
      // A Gateway whose class is not accepted is not looked at: what was said of it stands.
      const isLeft = parent.isGateway && cluster.get(kinds.Gateway, parent.namespace, parent.name) !== undefined;
      return isLeft && old !== undefined ? [old] : [];
    });
    const others = present.filter((entry) => !isOurs(entry));
    if (entries.length > 0 || present.length > others.length) {
      cluster.setStatus(route, { parents: [...others, ...entries] });
    }
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
  const verdicts = [...acceptance(route, reference, gateway.listeners), resolution(cluster, route)];
  return {
    controllerName,
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

/** In the order in which Envoy Gateway looks: the listener, its permission, whether it works, and its hostname last. */
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
  allowed.forEach(({ attached }) => (attached.count += 1));
  if (!selected.some(({ isValid }) => isValid)) {
    return refused('NoReadyListeners', 'There are no ready listeners for this parent ref');
  }
  const hostnames = list(route, 'spec', 'hostnames').map((hostname) => text(hostname).toLowerCase());
  const isServed =
    hostnames.length === 0 ||
    allowed.some((listener) => hostnames.some((hostname) => intersects(listener.hostname, hostname)));
  if (!isServed) {
    return refused(
      'NoMatchingListenerHostname',
      "There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s).",
    );
  }
  return [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Route is accepted' }];
}

/** Whether a listener's hostname and a route's have a name in common; either may be a wildcard. */
export function intersects(listener: string, hostname: string): boolean {
  if (listener === '' || listener === hostname) return true;
  const covers = (pattern: string, name: string): boolean =>
    pattern.startsWith('*.') && name.endsWith(pattern.slice(1));
  return covers(listener, hostname) || covers(hostname, listener);
}

function resolution(cluster: Cluster, route: StoredObject): Verdict {
  for (const [ruleIndex, rule] of list(route, 'spec', 'rules').entries()) {
    for (const [index, backend] of list(rule, 'backendRefs').entries()) {
      const problem = backendProblem(cluster, route, backend);
      if (problem === undefined) continue;
      const [reason, words] = problem;
      const message = `Failed to process route rule ${ruleIndex} backendRef ${index}: ${words}.`;
      return { type: 'ResolvedRefs', status: 'False', reason, message };
    }
  }
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'ResolvedRefs',
    message: 'Resolved all the Object references for the Route',
  };
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
