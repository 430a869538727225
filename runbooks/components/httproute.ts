/** HTTPRoute: which hostnames go to which app, and through which listener. */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../src/runbook/check.ts';
import { plain } from '../../src/runbook/read.ts';
import { hostnamesIntersect } from '../hostnames.ts';
import { envoyProxies, gatewayClasses, gateways, httpRoutes, services } from '../reads.ts';
import { isNamed, tailnetGateways } from '../topology.ts';
import * as envoyGateway from './envoy-gateway.ts';

export const hostnamesAreServed = defineCheck({
  id: 'httproute/hostnames-are-served',
  title: 'Every routed hostname has a listener that takes it',
  component: 'httproute',
  why: 'Envoy refuses a name that no listener takes before it looks at any route; a wildcard never takes the bare domain.',
  needs: [envoyGateway.kindsInstalled],
  reads: {
    gateways: plain(gateways),
    gatewayClasses: plain(gatewayClasses),
    envoyProxies: plain(envoyProxies),
    services: plain(services),
    routes: plain(httpRoutes),
  },
  commands: [
    'kubectl get gateway -A -o jsonpath=\'{range .items[*].spec.listeners[*]}{.name}{": "}{.hostname}{"\\n"}{end}\'',
    'kubectl get httproute -A',
  ],
  judge(values) {
    const found = tailnetGateways(values);
    if (found.length === 0) return skip('There is no Gateway that routes could hang on.');
    const findings = found.flatMap(({ gateway }) =>
      values.routes.flatMap((route) => {
        const parents = (route.spec.parentRefs ?? []).filter((parent) =>
          isNamed(gateway, { namespace: parent.namespace ?? route.metadata.namespace ?? '', name: parent.name }),
        );
        if (parents.length === 0) return [];
        const sections = parents.map((parent) => parent.sectionName);
        const listeners = gateway.spec.listeners.filter(
          (listener) => sections.includes(undefined) || sections.includes(listener.name),
        );
        const taken = listeners.map((listener) => listener.hostname ?? 'any name').join(', ') || 'none';
        return (route.spec.hostnames ?? [])
          .filter((name) => !listeners.some((listener) => hostnamesIntersect(listener.hostname, name)))
          .map((name): Judgement =>
            fail({
              message: `HTTPRoute ${route.metadata.namespace}/${route.metadata.name} wants ${name}, which no listener of Gateway ${gateway.metadata.name} takes (${taken}): clients that ask for it are refused.`,
              evidence: [
                {
                  object: refOf(route),
                  path: 'spec.hostnames',
                  observed: name,
                  expected: `a name that a listener takes: ${taken}`,
                },
              ],
              remedy: {
                summary: 'Use a name that a listener takes, or add a listener, and a certificate, for this one.',
                commands: [`kubectl edit httproute -n ${route.metadata.namespace} ${route.metadata.name}`],
                disturbs: 'Nothing: Envoy takes the change over without closing connections.',
              },
            }),
          );
      }),
    );
    return findings.length > 0
      ? findings
      : pass('Every hostname of every route on the Gateway has a listener that takes it.');
  },
});
