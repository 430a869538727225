/** What can be wrong where no route takes a hostname: findings. */
import { refOf, refTo, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { gatewayGroup, nameOf, namespaceOf, parentName, type Gateway, type Route } from '../../models/routes.ts';
import { changeRoute, editRoute, showRoutes } from './routes.ts';

/** An app of the stack. */
export interface App {
  hostname: string;
  namespace: string;
  service: string;
  manifest: string;
}

/** The hostname that was asked for, where no route on the Gateway takes it. */
export interface Asked {
  asked: string;
  gateway: Gateway;
}

const createRoute: Remedy = {
  title: 'Create a route for the hostname.',
  commands: [showRoutes],
  disturbs: 'Nothing: reading only.',
};

/** The route's parents, and the Gateway beside them. */
const withParent = ({ spec: { parentRefs = [] } }: Route, gateway: Gateway): readonly unknown[] => [
  ...parentRefs,
  { group: gatewayGroup, kind: 'Gateway', namespace: namespaceOf(gateway), name: gateway.metadata.name },
];

export const unrouted = {
  onOtherParents: finding<Asked & { route: Route }>({
    headline: 'HTTPRoute {route} takes {asked} on another Gateway',
    means: 'A route takes the hostname that was asked for, and it hangs on other parents than the tailnet’s Gateway.',
    message: ({ asked, route }) =>
      `No HTTPRoute on the Gateway takes ${asked}; HTTPRoute ${nameOf(route)} does and hangs elsewhere.`,
    evidence: ({ gateway, route }) => [
      {
        object: refOf(route),
        path: 'spec.parentRefs',
        observed: (route.spec.parentRefs ?? []).map((parent) => Object.values(parentName(route, parent)).join('/')),
        expected: nameOf(gateway),
      },
    ],
    remedies: ({ gateway, route }) => [
      changeRoute(
        `Let the route hang on Gateway ${nameOf(gateway)} too.`,
        route,
        'spec.parentRefs',
        withParent(route, gateway),
      ),
      createRoute,
    ],
  }),
  misspelt: finding<Asked & { route: Route; hostname: string }>({
    headline: 'No route takes {asked}; one takes {hostname}',
    means: 'No route takes the hostname that was asked for, and one on the Gateway takes a name much like it.',
    message: ({ asked, route, hostname }) =>
      `No HTTPRoute on the Gateway takes ${asked}; HTTPRoute ${nameOf(route)} takes ${hostname}.`,
    evidence: ({ asked, route }) => [
      { object: refOf(route), path: 'spec.hostnames', observed: route.spec.hostnames ?? [], expected: asked },
    ],
    remedies: ({ asked, route }) => [
      editRoute(`If HTTPRoute ${nameOf(route)} is meant for ${asked}, correct its hostname.`, route),
      createRoute,
    ],
  }),
  notRouted: finding<Asked & { hostnames: readonly string[] }>({
    headline: 'No route on the Gateway takes {asked}',
    means: 'No route takes the hostname that was asked for, nor a name that is much like it.',
    message: ({ asked }) => `No HTTPRoute on the Gateway takes ${asked}.`,
    evidence: ({ asked, gateway, hostnames }) => [
      { object: refOf(gateway), path: 'the HTTPRoutes that hang on it', observed: hostnames, expected: asked },
    ],
    remedies: () => [createRoute],
  }),
  appNotRouted: finding<{ app: App; hostname: string }>({
    headline: 'No route takes {hostname}',
    means: 'An app of the stack is there, and no route takes its hostname or leads to its Service.',
    message: ({ app: { hostname, namespace, service } }) =>
      `No HTTPRoute takes ${hostname}, and none leads to Service ${namespace}/${service}: Envoy answers 404.`,
    evidence: ({ app: { hostname, namespace, service, manifest } }) => [
      {
        object: refTo('HTTPRoute', { namespace, name: manifest.split('/')[1] ?? service }),
        path: 'metadata.name',
        observed: 'not found',
        expected: `a route for ${hostname}`,
      },
    ],
    remedies: ({ app: { manifest } }) => [
      {
        title: 'Create the route again from Git.',
        commands: [sh`kubectl apply -f ${manifest}`],
        disturbs: 'Nothing: Envoy takes the route up without closing connections.',
      },
    ],
  }),
};
