/** HTTPRoute: whether anything answers DNS questions for its hostnames. [ExternalDNS 0.19 to 0.22] */
import {
  defineCheck,
  pass,
  refOf,
  skip,
  type Evidence,
  type Judgement,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone, knownOr } from '../../../src/runbook/told.ts';
import { currentPrefix, externalDnsOf, legacyPrefix, type ExternalDns } from '../../models/external-dns-options.ts';
import { recordsOf } from '../../models/external-dns-records.ts';
import { onDemand } from '../../models/on-demand.ts';
import { deployments, resolverConfig } from '../../models/reads.ts';
import { nameOf, namespaceOf, tailnetRoutes, type Gateway, type Route } from '../../models/routes.ts';
import { ifThere, partNames } from '../../parts.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { noRoutes, reads } from './routes.ts';

const prefixes = [legacyPrefix, currentPrefix];

/** Annotations that only ExternalDNS reads: whoever wrote one wants a record. */
const wishes = (route: Route): readonly string[] =>
  Object.keys(route.metadata.annotations ?? {}).filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));

const hasExpose = (route: Route): boolean => wishes(route).some((key) => key.endsWith('/expose'));

/** A route that ExternalDNS passes over. */
interface Unexposed {
  route: Route;
  hostnames: readonly string[];
  /** The annotation filter by which ExternalDNS selects. */
  filter: string;
}

const hostnamesOf = (route: Route): readonly string[] =>
  (route.spec.hostnames ?? []).filter((name) => name !== partNames.splitHorizon.hostname);

/** The annotation that a filter asks for: `a/expose=true`, `a/expose in (true)` or `a/expose` alone. */
function annotationOf(filter: string): { key: string; value: string } {
  const found = /([\w./-]*\bexpose)\b(?:\s*==?\s*|\s+in\s*\(\s*)?([\w.-]+)?/.exec(filter);
  return { key: found?.[1] ?? `${legacyPrefix}expose`, value: found?.[2] ?? 'true' };
}

function addAnnotation({ route, filter }: Unexposed): Remedy {
  const { key, value } = annotationOf(filter);
  return {
    title: 'Add the annotation; ExternalDNS makes the record within an interval, mostly a minute.',
    change: { object: refOf(route), path: `metadata.annotations["${key}"]`, to: value },
    commands: [sh`kubectl annotate httproute -n ${namespaceOf(route)} ${route.metadata.name} ${key}=${value}`],
    disturbs: 'Nothing: clients that asked before may remember for a while that the name did not exist.',
  };
}

/** What is alike in routes that ExternalDNS passes over. */
const aboutUnexposed = {
  evidence: ({ route, filter }: Unexposed): readonly [Evidence] => [
    {
      object: refOf(route),
      path: 'metadata.annotations',
      observed: wishes(route).join(', ') || 'none of ExternalDNS',
      expected: filter,
    },
  ],
  remedies: (subject: Unexposed) => [addAnnotation(subject)] as const,
};

const findings = {
  notPublished: finding<Unexposed>({
    headline: 'HTTPRoute {route} lacks the annotation for ExternalDNS',
    means:
      'The route has other annotations for ExternalDNS, so a public record is wanted; without this one there is none.',
    message: ({ route, hostnames, filter }) =>
      `HTTPRoute ${nameOf(route)} carries annotations for ExternalDNS and not the one that it selects by (${filter}): ${hostnames.join(', ')} gets no public record.`,
    ...aboutUnexposed,
  }),
  notAnswered: finding<Unexposed>({
    headline: 'Nothing answers for the hostnames of HTTPRoute {route}',
    means: `ExternalDNS passes over a route without its annotation${ifThere('tailnetResolver', ', and no tailnet resolver knows the hostname either')}.`,
    message: ({ route, hostnames, filter }) =>
      `HTTPRoute ${nameOf(route)} does not carry the annotation that ExternalDNS selects by (${filter}), and ${ifThere('tailnetResolver', 'no tailnet resolver', 'nobody else')} answers for ${hostnames.join(', ')}: the name does not resolve.`,
    ...aboutUnexposed,
  }),
};

export const isExposed = defineCheck({
  id: 'httproute/is-exposed',
  title: 'Every route’s hostnames are answered by DNS',
  why: `ExternalDNS publishes only routes that carry the expose annotation; without it a name is known to ${ifThere('tailnetResolver', 'the tailnet resolver alone', 'nobody')}.`,
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, deployments: plain(deployments), resolver: plain(resolverConfig) },
  commands: [
    sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.metadata.annotations}{"\\n"}{end}'`,
    sh`kubectl get configmap ${place(partNames.tailnetResolver)} -o yaml`,
  ],
  findings,
  judge(values, { inputs, find }) {
    const routes = tailnetRoutes(values, inputs).filter(({ spec }) => (spec.hostnames ?? []).length > 0);
    if (isNone(routes)) return skip(noRoutes);
    const all = onDemand(() => externalDnsOf(values.deployments));
    const selecting = onDemand(() => all().filter(({ annotationFilter }) => /\bexpose\b/.test(annotationFilter)));
    // Who publishes every route, or by another word, is not asked for an annotation.
    if (knownOr(false, () => all().length > 0 && selecting().length === 0))
      return pass('ExternalDNS does not ask routes for the expose annotation.');
    const passedOver = routes.filter((route) => isPassedOver(route, selecting, values.gateways));
    const zones = onDemand(() => JSON.stringify(values.resolver?.data ?? {}));
    return foundOr(
      `Every route is exposed to ExternalDNS${ifThere('tailnetResolver', ', or its hostnames are the tailnet resolver’s')}.`,
      () => eachOf(passedOver, (route) => judgePassedOver(route, selecting()[0], zones(), find)),
    );
  },
});

/** Whether no ExternalDNS makes a record of it. The annotation with another value is a decision, or for the checks of ExternalDNS to judge. */
const isPassedOver = (route: Route, selecting: () => readonly ExternalDns[], gateways: readonly Gateway[]): boolean =>
  hostnamesOf(route).length > 0 &&
  !hasExpose(route) &&
  !selecting().some((options) => recordsOf(options, route, gateways, prefixes).records.length > 0);

function judgePassedOver(
  route: Route,
  options: ExternalDns | undefined,
  zones: string,
  find: Find<typeof findings>,
): readonly Judgement[] {
  const hostnames = hostnamesOf(route);
  const subject = { route, hostnames, filter: options?.annotationFilter ?? `${legacyPrefix}expose=true` };
  const isResolved = hostnames.every((name) => zones.includes(name.split('.').slice(-2).join('.')));
  if (!isResolved) return [find.notAnswered(subject)];
  return wishes(route).length === 0 ? [] : [find.notPublished(subject)];
}
