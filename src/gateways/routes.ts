/** Routes of all kinds: what each Gateway that a route names makes of it [internal/gatewayapi/route.go]. */
import { list, number, text } from '../formats/fields.ts';
import type { TlsPolicies } from './backend-tls.ts';
import type { JudgedGateway } from './gateway.ts';
import { hostsAt } from './hosts.ts';
import { takesKind, takesNamespace, type Listener } from './listener.ts';
import { byType, judgeBackend, judgeRule, type JudgedRule, type Judging } from './rules.ts';
import { joined, say, sentence, type Path, type Problem, type Verdicts } from './verdicts.ts';
import { gatewayApi, namespaceOf, placeOf, type Resource, type World } from './world.ts';

export const routeKinds = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;

/** What becomes of a route at one of its parents. */
export interface JudgedParent {
  reference: unknown;
  /** Where the reference stands among the route's. */
  index: number;
  gateway: JudgedGateway;
  verdicts: Verdicts;
  /** The listeners that let it in. */
  listeners: readonly Listener[];
  /** For which names it is, at each listener that takes any of its names. */
  hosts: ReadonlyMap<Listener, readonly string[]>;
  /** Its rules, of a route by requests; none of one by connections. */
  rules: readonly JudgedRule[];
}

export interface JudgedRoute {
  route: Resource;
  parents: readonly JudgedParent[];
}

const hostnamesOf = (route: Resource): readonly string[] =>
  list(route, 'spec', 'hostnames').map((hostname) => text(hostname).toLowerCase());

interface Known {
  world: World;
  gateways: readonly JudgedGateway[];
  tlsPolicies: TlsPolicies;
}

/** The routes that name any of the Gateways. */
export const judgeRoutes = (known: Known): readonly JudgedRoute[] =>
  routeKinds
    .flatMap((kind) => known.world.list(kind))
    .map((route) => ({
      route,
      parents: list(route, 'spec', 'parentRefs').flatMap((reference, index) =>
        judgeParent(known, route, reference, index),
      ),
    }))
    .filter(({ parents }) => parents.length > 0);

interface Meant {
  gateway: JudgedGateway;
  listeners: readonly Listener[];
}

/** What a parentRef means: a Gateway's own listeners, or those of a ListenerSet, all or those of a name and port. */
function meantBy(gateways: readonly JudgedGateway[], route: Resource, reference: unknown): Meant | undefined {
  const place = `${text(reference, 'namespace') || namespaceOf(route)}/${text(reference, 'name')}`;
  const [group, kind] = [text(reference, 'group'), text(reference, 'kind')];
  const [section, port] = [text(reference, 'sectionName'), number(reference, 'port')];
  const chosen = (listeners: readonly Listener[]): readonly Listener[] =>
    listeners.filter((one) => (section === '' || one.name === section) && (port === 0 || one.port === port));
  if (kind === 'ListenerSet' && group === gatewayApi) {
    const isOfSet = ({ set }: Listener): boolean => set !== undefined && placeOf(set) === place;
    const gateway = gateways.find(({ listeners }) => listeners.some(isOfSet));
    return gateway && { gateway, listeners: chosen(gateway.listeners.filter(isOfSet)) };
  }
  if (!['', gatewayApi].includes(group) || !['', 'Gateway'].includes(kind)) return undefined;
  const gateway = gateways.find((one) => one.isTaken && placeOf(one.gateway) === place);
  return gateway && { gateway, listeners: chosen(gateway.listeners.filter(({ set }) => set === undefined)) };
}

function judgeParent(
  { world, gateways, tlsPolicies }: Known,
  route: Resource,
  reference: unknown,
  index: number,
): readonly JudgedParent[] {
  const meant = meantBy(gateways, route, reference);
  if (meant === undefined) return [];
  const { gateway } = meant;
  const verdicts: Verdicts = new Map();
  const path: Path = ['spec', 'parentRefs', index];
  const open = meant.listeners.filter(
    (listener) => takesKind(listener, route.kind) && takesNamespace(listener, namespaceOf(route), world),
  );
  if (meant.listeners.length === 0) refuse(verdicts, 'NoMatchingParent', 'No listeners match this parent ref', path);
  else if (open.length === 0) {
    const message = 'No listeners included by this parent ref allowed this attachment.';
    refuse(verdicts, 'NotAllowedByListeners', message, path);
  } else accept(verdicts);
  const by: Judging = {
    ...{ object: route, kind: route.kind, parent: reference, tlsPolicies },
    routesToServices: gateway.routesToServices,
    own: gateway.ownTls,
  };
  const judged = { reference, index, gateway, verdicts, listeners: open };
  return [isByRequests(route) ? byRequests(world, by, judged) : byConnections(world, by, judged)];
}

const isByRequests = ({ kind }: Resource): boolean => kind === 'HTTPRoute' || kind === 'GRPCRoute';

const refuse = (verdicts: Verdicts, reason: string, message: string, path: Path): void =>
  say(verdicts, { type: 'Accepted', status: 'False', reason, message, at: path });

const accept = (verdicts: Verdicts): void =>
  say(verdicts, { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Route is accepted' });

const resolve = (verdicts: Verdicts): void =>
  say(verdicts, {
    ...{ type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs' },
    message: 'Resolved all the Object references for the Route',
  });

type Parent = Omit<JudgedParent, 'hosts' | 'rules'>;

function byRequests(world: World, by: Judging, parent: Parent): JudgedParent {
  const { verdicts } = parent;
  const rules = list(by.object, 'spec', 'rules').map((rule, index) => judgeRule(world, by, rule, index));
  for (const problem of byType(rules.flatMap(({ problems }) => problems))) tell(verdicts, problem, rules);
  if (verdicts.get('ResolvedRefs')?.status !== 'False') resolve(verdicts);
  return { ...parent, rules, hosts: attach(by.object, parent) };
}

/** One bad rule of several is dropped, and the route stays [GEP-1364]. */
function tell(verdicts: Verdicts, problem: Problem, rules: readonly JudgedRule[]): void {
  const { type, reason, at: path } = problem;
  const message = sentence(problem.message);
  if (type !== 'Accepted') {
    say(verdicts, { type, status: 'False', reason, message, at: path });
    return;
  }
  const dropped = rules.filter(({ problems }) => problems.some((one) => one.type === 'Accepted'));
  if (dropped.length === rules.length) {
    say(verdicts, { type, status: 'False', reason, message, at: path });
    return;
  }
  const which = dropped.map(({ index }) => index).join(' ');
  const told = `Dropped Rule(s) [${which}]: ${message}`;
  say(verdicts, { type: 'PartiallyInvalid', status: 'True', reason, message: told, at: path });
  accept(verdicts);
}

/** At which listeners a route is, for which names; a listener counts it, whether it works or not. */
function attach(route: Resource, { verdicts, listeners, gateway }: Parent): ReadonlyMap<Listener, readonly string[]> {
  const hostnames = hostnamesOf(route);
  const hosts = new Map<Listener, readonly string[]>();
  for (const listener of listeners) {
    const names = hostsAt(listener, hostnames, gateway.listeners);
    if (names.length === 0) continue;
    hosts.set(listener, names);
    listener.attachedRoutes += 1;
  }
  if (hosts.size === 0 && listeners.length > 0) {
    const message = `There were no hostname intersections between the ${route.kind} and this parent ref's Listener(s).`;
    refuse(verdicts, 'NoMatchingListenerHostname', message, ['spec', 'hostnames']);
  }
  return hosts;
}

function byConnections(world: World, by: Judging, parent: Parent): JudgedParent {
  const { object: route, kind } = by;
  const { verdicts, listeners } = parent;
  const rules = list(route, 'spec', 'rules');
  const bare = { ...parent, rules: [], hosts: new Map() };
  if (kind !== 'TLSRoute' && rules.length !== 1) {
    refuse(verdicts, 'InvalidRule', 'One and only one rule is supported', ['spec', 'rules']);
    return bare;
  }
  const backends = rules.flatMap((rule, index) =>
    list(rule, 'backendRefs').map((reference, inner) =>
      judgeBackend(world, by, reference, ['spec', 'rules', index, 'backendRefs', inner]),
    ),
  );
  const problems: Problem[] = backends.flatMap(({ problem }) => problem ?? []);
  const used = backends.filter(({ problem, weight }) => problem === undefined && weight > 0);
  if (kind === 'TLSRoute' && used.length > 1 && used.some(({ isDynamic }) => isDynamic)) {
    const message = 'dynamic resolver is not supported for multiple backendRefs';
    problems.push({ type: 'ResolvedRefs', reason: 'InvalidBackendRef', message, at: ['spec', 'rules'] });
  }
  const [first, ...others] = problems;
  if (first === undefined) resolve(verdicts);
  else {
    const { reason, message, at: path } = joined([first, ...others]);
    say(verdicts, { type: 'ResolvedRefs', status: 'False', reason, message, at: path });
  }
  if (kind === 'TLSRoute') return { ...bare, hosts: attach(route, parent) };
  if (verdicts.get('Accepted')?.status !== 'False') for (const listener of listeners) listener.attachedRoutes += 1;
  return bare;
}
