/** ExternalDNS: whether each route that asks for a record gets one. */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { externalDnsOf, type ExternalDns } from '../../models/external-dns-options.ts';
import { type Obstacle } from '../../models/external-dns-records.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as httproute from '../httproute/httproute.ts';
import * as managedService from '../managed-service/managed-service.ts';

import {
  argumentsOf,
  editArguments,
  exposeAnnotations,
  reads,
  showArguments,
  showRoutes,
  untold,
  type Route,
} from './exposed.ts';
import { obstacles, watchesRoutes } from './selection.ts';

/** A route that gets no record, and what keeps it. */
interface Left {
  route: Route;
  options: ExternalDns | undefined;
  obstacle: Obstacle;
}

const aboutLeft = {
  message: ({ route, obstacle }: Left): string =>
    `HTTPRoute ${nameOf(route)} asks for a record and gets none: it ${obstacle.text}${obstacle.flag === undefined ? '' : ` by ${obstacle.flag}`}.`,
  evidence: ({ route, options, obstacle }: Left): readonly [Evidence, ...Evidence[]] => [
    { object: refOf(route), ...routeEvidence(route, obstacle) },
    ...(options === undefined || obstacle.flag === undefined
      ? []
      : [argumentsOf(options, obstacle.flag, 'an argument that this route satisfies')]),
  ],
  explainedBy: (): readonly string[] => [envoyGateway.kindsInstalled.id, watchesRoutes.id],
};

const made = 'Nothing: the record is made within an interval, mostly a minute.';

const widen = (options: ExternalDns | undefined): readonly Remedy[] =>
  options === undefined
    ? []
    : [
        {
          title: 'Widen the argument so that it takes this route, too.',
          commands: [editArguments(options)],
          disturbs: made,
        },
      ];

export const routesYieldRecords = defineCheck({
  id: 'external-dns/routes-yield-records',
  title: 'Every route that asks for a record gets one',
  why: 'A route is published only if ExternalDNS selects it, its Gateway accepts it, and a listener takes its hostname.',
  needs: [envoyGateway.kindsInstalled, watchesRoutes, httproute.hostnamesAreServed, managedService.hasAddress],
  reads,
  commands: [showRoutes, showArguments],
  findings: {
    annotationDiffers: finding<Left>({
      headline: 'HTTPRoute {route} lacks the annotation that is asked for',
      means: 'ExternalDNS takes routes by an annotation, and this route has another, or misspells it.',
      ...aboutLeft,
      remedies: ({ route, options, obstacle }) => [
        {
          title: 'Let the route carry what the arguments ask for, as the other routes do.',
          commands: [carry(route, obstacle) ?? sh`kubectl edit httproute ${place(route.metadata)}`],
          disturbs: made,
        },
        ...widen(options),
      ],
    }),
    leftOut: finding<Left>({
      headline: 'HTTPRoute {route} is left out by ExternalDNS’s arguments',
      means: 'A filter by namespace, label, Gateway or domain takes other routes, and not this one.',
      ...aboutLeft,
      remedies: ({ route, options }) => [
        {
          title: 'Change the route so that the arguments take it, as the other routes are.',
          commands: [sh`kubectl edit httproute ${place(route.metadata)}`],
          disturbs: made,
        },
        ...widen(options),
      ],
    }),
    leftToOthers: finding<Left>({
      headline: 'HTTPRoute {route} is left to another DNS controller',
      means: 'The annotation controller names another controller, so ExternalDNS passes the route over.',
      ...aboutLeft,
      remedies: ({ route }) => [
        {
          title: 'Take the annotation out of the route.',
          commands: [sh`kubectl edit httproute ${place(route.metadata)}`],
          disturbs: made,
        },
      ],
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    if (!all.some(({ isTold }) => isTold)) return skip(untold);
    const routes = obstacles(values, all);
    if (isNone(routes)) return skip('No route on the tailnet’s Gateways asks for a record.');
    return eachOf(routes, ({ route, served, tried }): Judgement => {
      if (served !== undefined) {
        const records = served.records.map(({ hostname, type, target }) => `${hostname} ${type} ${target}`).join(', ');
        return pass(`HTTPRoute ${nameOf(route)} yields ${records}.`);
      }
      const obstacle = tried?.obstacle;
      if (obstacle === undefined || obstacle.kind === 'attachment' || obstacle.kind === 'target') {
        // Why a route is not accepted is for the checks of HTTPRoute and Gateway to say.
        return skip(`HTTPRoute ${nameOf(route)} yields no record: it ${obstacle?.text ?? 'is not watched'}.`);
      }
      const left = { route, obstacle, options: tried?.options };
      if (obstacle.kind === 'controller') return find.leftToOthers(left);
      return obstacle.kind === 'annotation' ? find.annotationDiffers(left) : find.leftOut(left);
    });
  },
});

/** How a route comes to carry the annotation that the arguments ask for; undefined where they ask for something else. */
function carry({ metadata }: Route, { kind, flag = '' }: Obstacle): Shell | undefined {
  const [, key, value] = /^--annotation-filter=([^=!,\s]+)=([\w.-]+)$/.exec(flag) ?? [];
  return kind === 'annotation' && key !== undefined && value !== undefined
    ? sh`kubectl annotate httproute ${place(metadata)} ${key}=${value} --overwrite`
    : undefined;
}

function routeEvidence(route: Route, obstacle: Obstacle): { path: string; observed: unknown; expected: unknown } {
  switch (obstacle.kind) {
    case 'domain':
      return { path: 'spec.hostnames', observed: route.spec.hostnames ?? [], expected: obstacle.flag };
    case 'label':
      return { path: 'metadata.labels', observed: route.metadata.labels ?? {}, expected: obstacle.flag };
    case 'namespace':
      return { path: 'metadata.namespace', observed: route.metadata.namespace, expected: obstacle.flag };
    case 'gateway':
      return { path: 'spec.parentRefs', observed: route.spec.parentRefs ?? [], expected: obstacle.flag };
    case 'controller':
      return { path: 'metadata.annotations', observed: exposeAnnotations(route), expected: 'no controller annotation' };
    default:
      return { path: 'metadata.annotations', observed: exposeAnnotations(route), expected: obstacle.flag };
  }
}
