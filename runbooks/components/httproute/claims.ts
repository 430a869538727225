/** HTTPRoute: routes that an older one leaves no requests for. */
import { hostnamesIntersect } from '../../../src/formats/hostname.ts';
import { defineCheck, refOf, skip, type Evidence, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { foundOr, isNone } from '../../../src/runbook/told.ts';
import { namespaces } from '../../models/reads.ts';
import {
  admittingListeners,
  attachmentsOf,
  matchesOf,
  nameOf,
  namespaceOf,
  type Attachment,
  type Listener,
  type Match,
  type Route,
} from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { redirectsElsewhere } from './redirects.ts';
import { editRoute, noRoutes, reads, showRoutes } from './routes.ts';

/** The same text for matches that take the same requests. */
function matchKey({ path, method, headers = [], queryParams = [] }: Match): string {
  const byName = (one: { name: string }, other: { name: string }): number => one.name.localeCompare(other.name);
  const value = path?.value ?? '/';
  return JSON.stringify([
    path?.type ?? 'PathPrefix',
    path?.type === 'Exact' || value === '/' ? value : value.replace(/\/$/, ''),
    method ?? 'any',
    headers
      .map(({ name, type, value }) => ({ name: name.toLowerCase(), type: type ?? 'Exact', value }))
      .toSorted(byName),
    queryParams.map(({ name, type, value }) => ({ name, type: type ?? 'Exact', value })).toSorted(byName),
  ]);
}

/** What a route claims: each of its matches, for each of its hostnames, on each listener that it attaches to. */
interface Claim {
  hostname: string;
  /** The same text for the same claim. */
  key: string;
}

function claimsOf({ route, gateway }: Attachment, listeners: readonly Listener[]): readonly Claim[] {
  return listeners.flatMap((listener) => {
    const hostnames = route.spec.hostnames?.length ? route.spec.hostnames : [listener.hostname ?? '*'];
    return hostnames
      .filter((hostname) => hostname === '*' || hostnamesIntersect(listener.hostname, hostname))
      .flatMap((hostname) =>
        (route.spec.rules ?? []).flatMap(matchesOf).map((match) => ({
          hostname: hostname.toLowerCase(),
          key: `${nameOf(gateway)} ${listener.name} ${hostname.toLowerCase()} ${matchKey(match)}`,
        })),
      );
  });
}

/** Gateway API: among routes that claim the same, the oldest wins, then the first by namespace and name. */
function precedes(one: Route, other: Route): boolean {
  const [a, b] = [one, other].map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''));
  if (a !== undefined && b !== undefined && a !== b && !Number.isNaN(a) && !Number.isNaN(b)) return a < b;
  return nameOf(one) < nameOf(other);
}

/** A route of which an older one takes the requests. */
interface Overtaken {
  route: Route;
  winner: Route;
  /** Of what both claim. */
  hostnames: readonly string[];
}

const claimed = ({ winner, hostnames }: Overtaken): string =>
  `the older HTTPRoute ${nameOf(winner)} claims the same hostname and path (${hostnames.join(', ')})`;

/** What is alike in routes that are overtaken, wholly or in part. */
const aboutOvertaken = {
  evidence: ({ route, winner }: Overtaken): readonly [Evidence, Evidence] => [
    {
      object: refOf(route),
      path: 'spec.hostnames',
      observed: route.spec.hostnames ?? 'absent, which means any',
      expected: 'a hostname or path of its own',
    },
    {
      object: refOf(winner),
      path: 'spec.hostnames',
      observed: winner.spec.hostnames ?? 'absent, which means any',
      expected: 'the only claim',
    },
  ],
  remedies: ({ route, winner }: Overtaken): readonly [Remedy, Remedy] => [
    editRoute('Give one of the two routes another hostname or path.', route),
    {
      title: 'Delete the route that is not meant to be.',
      commands: [show(route), show(winner)],
      disturbs: 'Whatever the route that you delete serves.',
    },
  ],
};

const show = (route: Route): Shell => sh`kubectl get httproute -n ${namespaceOf(route)} ${route.metadata.name} -o yaml`;

export const isAlone = defineCheck({
  id: 'httproute/is-alone-with-its-matches',
  title: 'No two routes claim the same hostname and path',
  why: 'The older route wins, and the younger one looks accepted while no request ever reaches it.',
  // A redirect that hangs on the wrong listener claims what an app claims: that it does not belong there says more.
  needs: [envoyGateway.kindsInstalled, redirectsElsewhere],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [sh`${showRoutes} --sort-by=.metadata.creationTimestamp`],
  findings: {
    neverReached: finding<Overtaken>({
      headline: 'HTTPRoute {route} is never reached',
      means: 'Older routes claim every hostname and path that it has, so no request is left for it.',
      message: (subject) => `HTTPRoute ${nameOf(subject.route)} is never reached: ${claimed(subject)}.`,
      ...aboutOvertaken,
    }),
    partlyReached: finding<Overtaken>({
      headline: 'A part of HTTPRoute {route} is never reached',
      means: 'Older routes claim some of the hostnames and paths that it has; requests for the rest do reach it.',
      outcome: 'warned',
      message: (subject) => `A part of HTTPRoute ${nameOf(subject.route)} is never reached: ${claimed(subject)}.`,
      ...aboutOvertaken,
    }),
  },
  judge(values, { inputs, find }) {
    const all = attachmentsOf(values, {});
    if (isNone(all)) return skip(noRoutes);
    const asked = new Set(attachmentsOf(values, inputs).map(({ route }) => route));
    const claims = claimsByRoute(all, values.namespaces);
    const found = [...claims].flatMap(([route, own]): readonly Judgement[] => {
      const lost = asked.has(route) ? lostOf(route, own, claims) : [];
      const [first] = lost;
      if (first === undefined) return [];
      const subject = { route, winner: first.winner, hostnames: [...new Set(lost.map(({ hostname }) => hostname))] };
      return [lost.length === own.length ? find.neverReached(subject) : find.partlyReached(subject)];
    });
    return foundOr('No two routes on a listener claim the same hostname and path.', found);
  },
});

type Claims = ReadonlyMap<Route, readonly Claim[]>;

const claimsByRoute = (all: readonly Attachment[], namespaces: Parameters<typeof admittingListeners>[1]): Claims => {
  const byAttachment = all.map((one) => [one.route, claimsOf(one, admittingListeners(one, namespaces))] as const);
  const routes = Map.groupBy(byAttachment, ([route]) => route);
  return new Map([...routes].map(([route, own]) => [route, own.flatMap(([, claims]) => claims)]));
};

/** What an older route claims too, of what a route claims. */
const lostOf = (route: Route, own: readonly Claim[], claims: Claims): readonly { hostname: string; winner: Route }[] =>
  own.flatMap(({ hostname, key }) => {
    const winner = [...claims].find(
      // Which of them is older is asked last: only a cluster knows.
      ([other, theirs]) => other !== route && theirs.some((claim) => claim.key === key) && precedes(other, route),
    )?.[0];
    return winner === undefined ? [] : [{ hostname, winner }];
  });
