/** HTTPRoute: rules that can never do what they say: taken by an older route, or leading back to themselves. */
import { defineCheck, fail, pass, refOf, skip, warn, type Judgement } from '../../../src/runbook/check.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { hostnamesIntersect } from '../../../src/formats/hostname.ts';
import { namespaces } from '../../models/reads.ts';
import {
  admittingListeners,
  attachmentsOf,
  nameOf,
  namespaceOf,
  type Attachment,
  type Listener,
  type Route,
  type Rule,
} from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { noRoutes, reads, showRoutes, takesOver } from './attachment.ts';

type Match = NonNullable<Rule['matches']>[number];

/** What a rule takes: Gateway API gives a rule without matches the prefix `/`. */
const matchesOf = (rule: Rule): readonly Match[] => (rule.matches?.length ? rule.matches : [{}]);

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

export const redirectsElsewhere = defineCheck({
  id: 'httproute/redirects-elsewhere',
  title: 'No route redirects to itself',
  why: 'A redirect to HTTPS that hangs on the HTTPS listener too sends the browser in circles.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [sh`kubectl get httproute -A -o yaml | grep -B3 -A6 'requestRedirect:'`],
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs);
    if (all.length === 0) return skip(noRoutes);
    const findings = all.flatMap((attachment) => {
      const { route, gateway, parent } = attachment;
      const listeners = admittingListeners(attachment, values.namespaces);
      return (route.spec.rules ?? []).flatMap((rule, index): readonly Judgement[] => {
        const found = loopOf(rule, route, listeners);
        if (found === undefined) return [];
        const { listener, hostname, filter } = found;
        const isForHttp = parent.sectionName === undefined && listeners.length > 1;
        return [
          fail({
            message: `HTTPRoute ${nameOf(route)} redirects https://${hostname} to itself on listener ${listener.name} of Gateway ${nameOf(gateway)}: browsers give up with too many redirects.`,
            evidence: [
              isForHttp
                ? {
                    object: refOf(route),
                    path: `${attachment.path}.sectionName`,
                    observed: 'absent, which means every listener',
                    expected: 'the HTTP listener only',
                  }
                : {
                    object: refOf(route),
                    path: `spec.rules[${index}].filters[${filter}].requestRedirect`,
                    observed: rule.filters?.[filter]?.requestRedirect,
                    expected: 'another scheme, hostname or path than the request’s',
                  },
            ],
            remedy: {
              title:
                'Hang the redirect on the HTTP listener alone, with sectionName, and the app’s rules on the HTTPS listener.',
              commands: [sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`],
              disturbs: takesOver,
            },
          }),
        ];
      });
    });
    return findings.length > 0 ? findings : pass('No route redirects to itself.');
  },
});

/** A hostname for which a rule's redirect leads back to the rule. Wildcards are left alone: other routes take their names. */
function loopOf(
  rule: Rule,
  route: Route,
  listeners: readonly Listener[],
): { listener: Listener; hostname: string; filter: number } | undefined {
  const filter = (rule.filters ?? []).findIndex(({ requestRedirect }) => requestRedirect !== undefined);
  const redirect = rule.filters?.[filter]?.requestRedirect;
  if (redirect === undefined) return undefined;
  const keepsPath = matchesOf(rule).every(({ path }) => {
    const value = path?.value ?? '/';
    if (redirect.path === undefined) return true;
    return redirect.path.type === 'ReplaceFullPath'
      ? redirect.path.replaceFullPath === value
      : redirect.path.replacePrefixMatch === value;
  });
  if (!keepsPath) return undefined;
  for (const listener of listeners) {
    const scheme = listener.protocol === 'HTTPS' ? 'https' : 'http';
    const sameScheme = redirect.scheme === undefined || redirect.scheme === scheme;
    const samePort = redirect.port === undefined || redirect.port === listener.port;
    const hostname = (route.spec.hostnames ?? []).find(
      (name) =>
        !name.startsWith('*') &&
        hostnamesIntersect(listener.hostname, name) &&
        (redirect.hostname === undefined || redirect.hostname === name),
    );
    if (sameScheme && samePort && hostname !== undefined) return { listener, hostname, filter };
  }
  return undefined;
}

/** What a route claims: each of its matches, for each of its hostnames, on each listener that it attaches to. */
interface Claim {
  listener: Listener;
  hostname: string;
  match: string;
  key: string;
}

function claimsOf({ attachment, listeners }: { attachment: Attachment; listeners: readonly Listener[] }): Claim[] {
  const { route, gateway } = attachment;
  return listeners.flatMap((listener) => {
    const hostnames = route.spec.hostnames?.length ? route.spec.hostnames : [listener.hostname ?? '*'];
    return hostnames
      .filter((hostname) => hostname === '*' || hostnamesIntersect(listener.hostname, hostname))
      .flatMap((hostname) =>
        (route.spec.rules ?? []).flatMap(matchesOf).map((match) => ({
          listener,
          hostname: hostname.toLowerCase(),
          match: matchKey(match),
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

export const isAlone = defineCheck({
  id: 'httproute/is-alone-with-its-matches',
  title: 'No two routes claim the same hostname and path',
  why: 'The older route wins, and the younger one looks accepted while no request ever reaches it.',
  // A redirect that hangs on the wrong listener claims what an app claims: that it does not belong there says more.
  needs: [envoyGateway.kindsInstalled, redirectsElsewhere],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [sh`${showRoutes} --sort-by=.metadata.creationTimestamp`],
  judge(values, { inputs }) {
    const all = attachmentsOf(values, {}).map((attachment) => ({
      attachment,
      listeners: admittingListeners(attachment, values.namespaces),
    }));
    if (all.length === 0) return skip(noRoutes);
    const claims = Map.groupBy(
      all.flatMap((one) => claimsOf(one).map((claim) => ({ ...claim, route: one.attachment.route }))),
      ({ route }) => route,
    );
    const asked = new Set(attachmentsOf(values, inputs).map(({ route }) => route));
    const findings = [...claims].flatMap(([route, own]): readonly Judgement[] => {
      if (!asked.has(route)) return [];
      const lost = own.flatMap((claim) => {
        const winner = [...claims].find(
          ([other, theirs]) => other !== route && precedes(other, route) && theirs.some(({ key }) => key === claim.key),
        )?.[0];
        return winner === undefined ? [] : [{ claim, winner }];
      });
      const [first] = lost;
      if (first === undefined) return [];
      const isDead = lost.length === own.length;
      const hostnames = [...new Set(lost.map(({ claim }) => claim.hostname))].join(', ');
      const finding = {
        message: isDead
          ? `HTTPRoute ${nameOf(route)} is never reached: the older HTTPRoute ${nameOf(first.winner)} claims the same hostname and path (${hostnames}).`
          : `A part of HTTPRoute ${nameOf(route)} is never reached: the older HTTPRoute ${nameOf(first.winner)} claims the same hostname and path (${hostnames}).`,
        evidence: [
          {
            object: refOf(route),
            path: 'spec.hostnames',
            observed: route.spec.hostnames ?? 'absent, which means any',
            expected: 'a hostname or path of its own',
          },
          {
            object: refOf(first.winner),
            path: 'spec.hostnames',
            observed: first.winner.spec.hostnames ?? 'absent, which means any',
            expected: 'the only claim',
          },
        ] as const,
        remedy: {
          title: 'Delete the route that is not meant to be, or give one of the two another hostname or path.',
          commands: [
            sh`kubectl get httproute -n ${namespaceOf(route)} ${route.metadata.name} -o yaml`,
            sh`kubectl get httproute -n ${namespaceOf(first.winner)} ${first.winner.metadata.name} -o yaml`,
          ],
          disturbs: 'Whatever the route that you delete serves.',
        },
      };
      return [isDead ? fail(finding) : warn(finding)];
    });
    return findings.length > 0 ? findings : pass('No two routes on a listener claim the same hostname and path.');
  },
});
