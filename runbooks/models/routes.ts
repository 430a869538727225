/**
 * How HTTPRoutes hang on Gateways, resolved by following their references: pure. Parents that are no Gateways are nobody's business here.
 */
import { requirementsOf, selects } from '../../src/formats/label-selector.ts';
import { kindsFor } from '../../src/gateways/listener.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import type { Inputs } from '../../src/runbook/read.ts';
import { knownOr, once } from '../../src/runbook/told.ts';
import type { Condition } from './conditions.ts';
import { hostnameTakes } from '../../src/formats/hostname.ts';
import { stack } from '#stack';
import { envoyGateways, isNamed, tailnetGateways, type ResolvedGateway, type Topology } from './topology.ts';

export type Route = KubeObject<'HTTPRoute'>;
export type Gateway = KubeObject<'Gateway'>;
export type Listener = Gateway['spec']['listeners'][number];
export type ParentRef = NonNullable<Route['spec']['parentRefs']>[number];
export type Rule = NonNullable<Route['spec']['rules']>[number];

export type Match = NonNullable<Rule['matches']>[number];

export const gatewayGroup = 'gateway.networking.k8s.io';

interface Placed {
  metadata: { namespace?: string; name: string };
}

export const namespaceOf = ({ metadata }: Placed): string => metadata.namespace ?? 'default';
export const nameOf = (object: Placed): string => `${namespaceOf(object)}/${object.metadata.name}`;

/** What a rule takes: Gateway API gives a rule without matches the prefix `/`. */
export const matchesOf = (rule: Rule): readonly Match[] => (rule.matches?.length ? rule.matches : [{}]);

/** One of a route's parents, resolved to a Gateway. */
export interface Attachment {
  route: Route;
  parent: ParentRef;
  /** Where the reference stands, e.g. `spec.parentRefs[0]`. */
  path: string;
  gateway: Gateway;
  /** The Gateway with what belongs to it. */
  resolved: ResolvedGateway;
  /** The listeners that the reference means: all of the Gateway's, or those of its section and port. */
  listeners: readonly Listener[];
}

const isGatewayRef = (parent: ParentRef): boolean =>
  (parent.kind ?? 'Gateway') === 'Gateway' && (parent.group ?? gatewayGroup) === gatewayGroup;

/** What a parent reference names; without a namespace it means the route's own. */
export const parentName = (route: Route, parent: ParentRef): { namespace: string; name: string } => ({
  namespace: parent.namespace ?? namespaceOf(route),
  name: parent.name,
});

/** Whether a run that was narrowed down to a hostname is about this route. A route without hostnames takes every name. */
function concerns(route: Route, inputs: Inputs): boolean {
  const asked = inputs['hostname'] ?? '';
  const hostnames = route.spec.hostnames ?? [];
  return asked === '' || hostnames.length === 0 || hostnames.some((pattern) => hostnameTakes(pattern, asked));
}

/** The routes that a run is about: those that are on their way out are left alone. */
export const routesInQuestion = (routes: readonly Route[], inputs: Inputs): readonly Route[] =>
  routes.filter((route) => route.metadata.deletionTimestamp === undefined && concerns(route, inputs));

type Values = Topology & { routes: readonly Route[] };

/** How routes hang on the Gateways of Envoy Gateway. */
export const attachmentsOf = (values: Values, inputs: Inputs): readonly Attachment[] =>
  attachedTo(envoyGateways(values), values, inputs);

/** How routes hang on the Gateways of the tailnet. */
export const tailnetAttachments = (values: Values, inputs: Inputs): readonly Attachment[] =>
  attachedTo(tailnetGateways(values), values, inputs);

function attachedTo(found: readonly ResolvedGateway[], values: Values, inputs: Inputs): readonly Attachment[] {
  return routesInQuestion(values.routes, inputs).flatMap((route) =>
    (route.spec.parentRefs ?? []).flatMap((parent, index) => {
      const target = isGatewayRef(parent)
        ? found.find(({ gateway }) => isNamed(gateway, parentName(route, parent)))
        : undefined;
      if (target === undefined) return [];
      return [
        {
          route,
          parent,
          path: `spec.parentRefs[${index}]`,
          gateway: target.gateway,
          resolved: target,
          listeners: target.gateway.spec.listeners.filter(
            (listener) =>
              (parent.sectionName === undefined || parent.sectionName === listener.name) &&
              (parent.port === undefined || parent.port === listener.port),
          ),
        },
      ];
    }),
  );
}

/** The routes that hang on a Gateway of the tailnet, each once. */
export const tailnetRoutes = (values: Values, inputs: Inputs): readonly Route[] =>
  once(tailnetAttachments(values, inputs).map(({ route }) => route));

/** Why a listener lets a route in or not; `untold` where the namespace's labels could not be read. */
export type Admission = 'allowed' | 'protocol' | 'kinds' | 'namespaces' | 'untold';

type Namespaces = Fact<KubeObject<'Namespace'>[]>;

/** Whether a listener lets an HTTPRoute attach. Left out, `allowedRoutes.namespaces.from` means Same [Gateway API]. */
export function admits(listener: Listener, gateway: Gateway, route: Route, namespaces: Namespaces): Admission {
  if (!kindsFor(listener.protocol, listener.tls?.mode ?? '').includes('HTTPRoute')) return 'protocol';
  if (!takesHttpRoutes(listener)) return 'kinds';
  const { from = 'Same', selector } = listener.allowedRoutes?.namespaces ?? {};
  if (from === 'All') return 'allowed';
  if (from === 'Same') return namespaceOf(route) === namespaceOf(gateway) ? 'allowed' : 'namespaces';
  return from === 'Selector' ? selected(selector, route, namespaces) : 'namespaces';
}

/** A listener that names no kinds takes those of its protocol. */
const takesHttpRoutes = ({ allowedRoutes }: Listener): boolean => {
  const kinds = allowedRoutes?.kinds ?? [];
  return (
    kinds.length === 0 ||
    kinds.some(({ group, kind }) => kind === 'HTTPRoute' && (group ?? gatewayGroup) === gatewayGroup)
  );
};

function selected(selector: unknown, route: Route, namespaces: Namespaces): Admission {
  if (requirementsOf(selector) === undefined) return 'namespaces';
  const home = namespaces.ok && namespaces.value.find(({ metadata }) => metadata.name === namespaceOf(route));
  if (home === false || home === undefined) return 'untold';
  return selectorTakes(selector, home) ? 'allowed' : 'namespaces';
}

/** Whether a label selector takes a namespace: an empty one takes all, one that is missing or is none takes nothing. */
export const selectorTakes = (selector: unknown, namespace: KubeObject<'Namespace'>): boolean =>
  selects(selector, {
    // Every API server writes this label; an object that was written by hand may lack it.
    'kubernetes.io/metadata.name': namespace.metadata.name,
    ...namespace.metadata.labels,
  });

/** The listeners that let the route in; where none does, all that it means, so that other reasons can still be told. */
export function admittingListeners(
  { listeners, gateway, route }: Attachment,
  namespaces: Namespaces,
): readonly Listener[] {
  const open = listeners.filter((listener) =>
    ['allowed', 'untold'].includes(admits(listener, gateway, route, namespaces)),
  );
  return open.length > 0 ? open : listeners;
}

/** What Envoy Gateway wrote into the route's status about a parent; undefined when it wrote nothing about that Gateway. */
export function parentStatus({ route, parent, gateway, resolved }: Attachment):
  | {
      conditions: readonly Condition[];
      path: string;
    }
  | undefined {
  const entries = (route.status?.parents ?? []).map((entry, index) => ({ entry, path: `status.parents[${index}]` }));
  // What Envoy Gateway says of a Gateway it says of its own.
  const controllerName = knownOr(stack.envoyGateway.controllerName, () => resolved.gatewayClass?.spec.controllerName);
  const about = entries.filter(
    ({ entry }) =>
      isNamed(gateway, parentName(route, entry.parentRef)) &&
      (controllerName === undefined || entry.controllerName === controllerName),
  );
  const found =
    about.find(
      ({ entry }) => entry.parentRef.sectionName === parent.sectionName && entry.parentRef.port === parent.port,
    ) ?? about.find(({ entry }) => entry.parentRef.sectionName === undefined || parent.sectionName === undefined);
  return found === undefined ? undefined : { conditions: found.entry.conditions ?? [], path: found.path };
}
