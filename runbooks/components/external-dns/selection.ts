/** ExternalDNS: whether its sources and filters take the routes that ask for a record. */
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { isNone } from '../../../src/runbook/told.ts';
import { externalDnsOf, type ExternalDns } from '../../models/external-dns-options.ts';
import { recordsOf, type Obstacle } from '../../models/external-dns-records.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

import {
  argumentsOf,
  editArguments,
  exposeAnnotations,
  exposedRoutes,
  knownPrefixes,
  prefixesOf,
  reads,
  setArgument,
  showArguments,
  showRoutes,
  untold,
  type Route,
  type Values,
} from './exposed.ts';

/** What keeps each exposed route from a record, by every ExternalDNS there is; a route that one of them serves is left out. */
export function obstacles(values: Values, all: readonly ExternalDns[]) {
  return exposedRoutes(values, all).map((route) => {
    const tried = all.map((options) => ({
      options,
      ...recordsOf(options, route, values.gateways, prefixesOf(options)),
    }));
    const served = tried.find(({ obstacle }) => obstacle === undefined);
    return {
      route,
      served,
      tried: tried.find(({ options }) => options.sources.includes('gateway-httproute')) ?? tried[0],
    };
  });
}

/** The obstacles that lie in what ExternalDNS was told rather than in a route's place in the cluster. */
const isToldSo = ({ kind }: Obstacle): boolean => !['attachment', 'target', 'controller'].includes(kind);

/** An ExternalDNS that takes none of the routes, with the first of them and what keeps it. */
interface Untaken {
  options: ExternalDns;
  obstacle: Obstacle;
  routes: readonly Route[];
  /** How many routes ask for a record. */
  count: number;
}

const observedFlag = ({ options, obstacle }: Untaken): string | undefined =>
  obstacle.kind === 'source'
    ? options.sources.map((source) => `--source=${source}`).join(' ') || 'no --source'
    : obstacle.flag;

const expected = ({ obstacle, routes: [first] }: Untaken): string => expectedFlag(obstacle, first);

const aboutUntaken = {
  message: (untaken: Untaken): string =>
    `ExternalDNS ${nameOf(untaken.options.deployment)} selects none of the ${untaken.count === 1 ? 'routes' : `${untaken.count} routes`} that ask for a record: with ${observedFlag(untaken) ?? ''}, ${untaken.routes[0] === undefined ? '' : nameOf(untaken.routes[0])} ${untaken.obstacle.text}.`,
  evidence: (untaken: Untaken): readonly [Evidence, ...Evidence[]] => [
    argumentsOf(untaken.options, observedFlag(untaken), expected(untaken)),
    ...untaken.routes.map((route) => ({
      object: refOf(route),
      path: 'metadata.annotations',
      observed: exposeAnnotations(route),
      expected: 'selected by that argument',
    })),
  ],
  remedies: (untaken: Untaken): readonly [Remedy] => [
    {
      title: `Correct the argument, to ${expected(untaken)}.`,
      commands: [setArgument(untaken.options, expected(untaken))],
      disturbs: 'Records that were missing are made. With --policy=sync others that are no longer wanted are deleted.',
    },
  ],
};

export const watchesRoutes = defineCheck({
  id: 'external-dns/watches-routes',
  title: 'ExternalDNS watches the routes that ask for a record',
  why: 'Sources and filters are arguments: a word that differs from the annotation selects nothing, and nobody complains.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [showArguments, showRoutes],
  findings: {
    dryRun: finding<{ options: ExternalDns }>({
      headline: 'ExternalDNS runs with --dry-run',
      means: 'It says in its log what it would change, and changes nothing.',
      message: ({ options }) =>
        `ExternalDNS ${nameOf(options.deployment)} runs with --dry-run: it says what it would change and changes nothing.`,
      evidence: ({ options }) => [argumentsOf(options, '--dry-run', 'no --dry-run')],
      remedies: ({ options }) => [
        {
          title: 'Take the argument out again.',
          commands: [editArguments(options)],
          disturbs: 'Records change as its log has announced: read it first.',
        },
      ],
    }),
    sourceMissing: finding<Untaken>({
      headline: 'ExternalDNS does not watch HTTPRoutes',
      means: 'None of its sources is gateway-httproute, so it never looks at a route.',
      ...aboutUntaken,
    }),
    filteredOut: finding<Untaken>({
      headline: 'ExternalDNS filters out every route that asks for a record',
      means: 'A filter among its arguments takes none of the routes: a word differs from what the routes carry.',
      ...aboutUntaken,
    }),
  },
  judge(values, { find }) {
    const all = externalDnsOf(values.deployments);
    if (all.length === 0) return skip('ExternalDNS is not installed.');
    if (!all.some(({ isTold }) => isTold)) return skip(untold);
    const [dry] = all;
    if (dry !== undefined && all.every(({ isDryRun }) => isDryRun)) return find.dryRun({ options: dry });
    const tried = obstacles(values, all);
    if (isNone(tried)) return skip('No route on the tailnet’s Gateways asks for a record.');
    const untaken = untakenBy(tried);
    if (untaken === undefined) {
      return pass(
        `ExternalDNS selects ${tried.length - keptOut(tried).length} of ${tried.length} routes that ask for a record.`,
      );
    }
    return untaken.obstacle.kind === 'source' ? find.sourceMissing(untaken) : find.filteredOut(untaken);
  },
});

type Tried = ReturnType<typeof obstacles>;

/** The routes that what ExternalDNS was told keeps from a record. */
const keptOut = (tried: Tried): Tried =>
  tried.filter(
    ({ served, tried: one }) => served === undefined && one?.obstacle !== undefined && isToldSo(one.obstacle),
  );

/** What takes no route at all is told wrong; what takes some leaves it to each of the others to fit. */
function untakenBy(all: Tried): Untaken | undefined {
  const kept = keptOut(all);
  const { options, obstacle } = kept[0]?.tried ?? {};
  if (options === undefined || obstacle === undefined) return undefined;
  const isCommon = all.every(({ served, tried }) => served === undefined && tried?.obstacle?.kind === obstacle.kind);
  return isCommon ? { options, obstacle, routes: kept.map(({ route }) => route), count: all.length } : undefined;
}

function expectedFlag(obstacle: Obstacle, route: Route | undefined): string {
  switch (obstacle.kind) {
    case 'source':
      return '--source=gateway-httproute';
    case 'annotation': {
      const key = knownPrefixes
        .map((prefix) => `${prefix}expose`)
        .find((name) => route?.metadata.annotations?.[name] !== undefined);
      return key === undefined
        ? 'one that the routes satisfy'
        : `--annotation-filter=${key}=${route?.metadata.annotations?.[key] ?? ''}`;
    }
    case 'domain':
      return `--domain-filter=${stack.domain}`;
    case 'namespace':
      return 'no --namespace';
    default:
      return 'one that the routes satisfy';
  }
}
