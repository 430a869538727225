/** HTTPRoute: whether anything answers DNS questions for its hostnames. [ExternalDNS 0.19 to 0.22] */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { plain } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { currentPrefix, externalDnsOf, legacyPrefix, type ExternalDns } from '../../models/external-dns-options.ts';
import { recordsOf } from '../../models/external-dns-records.ts';
import { deployments, resolverConfig } from '../../models/reads.ts';
import { nameOf, namespaceOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { noRoutes, reads } from './attachment.ts';

const prefixes = [legacyPrefix, currentPrefix];

/** Annotations that only ExternalDNS reads: whoever wrote one wants a record. */
const wishes = (route: Route): readonly string[] =>
  Object.keys(route.metadata.annotations ?? {}).filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));

const hasExpose = (route: Route): boolean => wishes(route).some((key) => key.endsWith('/expose'));

export const isExposed = defineCheck({
  id: 'httproute/is-exposed',
  title: 'Every route’s hostnames are answered by DNS',
  why: 'ExternalDNS publishes only routes that carry the expose annotation; without it a name is known to the tailnet resolver alone.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, deployments: plain(deployments), resolver: plain(resolverConfig) },
  commands: [
    sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.metadata.annotations}{"\\n"}{end}'`,
    sh`kubectl get configmap ${place(stack.tailnetResolver)} -o yaml`,
  ],
  judge(values, { inputs }) {
    const routes = tailnetRoutes(values, inputs).filter(({ spec }) => (spec.hostnames ?? []).length > 0);
    if (routes.length === 0) return skip(noRoutes);
    const all = externalDnsOf(values.deployments);
    const selecting = all.filter(({ annotationFilter }) => /\bexpose\b/.test(annotationFilter));
    // Who publishes every route, or by another word, is not asked for an annotation.
    if (all.length > 0 && selecting.length === 0)
      return pass('ExternalDNS does not ask routes for the expose annotation.');
    const zones = JSON.stringify(values.resolver?.data ?? {});
    const findings = routes.flatMap((route): readonly Judgement[] => {
      const hostnames = (route.spec.hostnames ?? []).filter((name) => name !== stack.splitHorizon.hostname);
      // The annotation with another value is a decision, or for the checks of ExternalDNS to judge.
      if (hostnames.length === 0 || hasExpose(route)) return [];
      if (selecting.some((options) => recordsOf(options, route, values.gateways, prefixes).records.length > 0))
        return [];
      const resolved = hostnames.every((name) => zones.includes(name.split('.').slice(-2).join('.')));
      if (resolved && wishes(route).length === 0) return [];
      return [judgeUnexposed(route, hostnames, selecting[0], resolved)];
    });
    return findings.length > 0
      ? findings
      : pass('Every route is exposed to ExternalDNS, or its hostnames are the tailnet resolver’s.');
  },
});

function judgeUnexposed(
  route: Route,
  hostnames: readonly string[],
  options: ExternalDns | undefined,
  resolved: boolean,
): Judgement {
  const filter = options?.annotationFilter ?? `${legacyPrefix}expose=true`;
  return fail({
    message: resolved
      ? `HTTPRoute ${nameOf(route)} carries annotations for ExternalDNS and not the one that it selects by (${filter}): ${hostnames.join(', ')} gets no public record.`
      : `HTTPRoute ${nameOf(route)} does not carry the annotation that ExternalDNS selects by (${filter}), and no tailnet resolver answers for ${hostnames.join(', ')}: the name does not resolve.`,
    evidence: [
      {
        object: refOf(route),
        path: 'metadata.annotations',
        observed: wishes(route).join(', ') || 'none of ExternalDNS',
        expected: filter,
      },
    ],
    remedy: {
      title: 'Add the annotation, in Git too; ExternalDNS makes the record within an interval, mostly a minute.',
      commands: [
        sh`kubectl annotate httproute -n ${namespaceOf(route)} ${route.metadata.name} ${filter.split(',')[0] ?? filter}`,
      ],
      disturbs: 'Nothing: clients that asked before may remember for a while that the name did not exist.',
    },
  });
}
