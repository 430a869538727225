/** HTTPRoute: which hostnames go to which app, and through which listener. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, fail, pass, refOf, refTo, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { hostnamesIntersect, hostnameTakes } from '../../../src/formats/hostname.ts';
import { mergePatch } from '../../models/patches.ts';
import { httpRoutes, namespaces, topologyReads } from '../../models/reads.ts';
import { admittingListeners, attachmentsOf, nameOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import { isNamed, leftTheDomain, tailnetGateways, wildcard } from '../../models/topology.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { namesGateway, noRoutes, showRoutes } from './attachment.ts';

const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
};

export const hostnamesAreServed = defineCheck({
  id: 'httproute/hostnames-are-served',
  title: 'Every routed hostname has a listener that takes it',
  why: 'Envoy refuses a name that no listener takes before it looks at any route; a wildcard never takes the bare domain.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [
    sh`kubectl get gateway -A -o jsonpath='{range .items[*].spec.listeners[*]}{.name}{": "}{.hostname}{"\\n"}{end}'`,
    sh`kubectl get httproute -A`,
  ],
  judge(values, { inputs }) {
    if (tailnetGateways(values).length === 0) return skip('There is no Gateway that routes could hang on.');
    const attachments = attachmentsOf(values, inputs);
    const astray = new Map<KubeObject<'Gateway'>, string[]>();
    const ofRoutes = attachments.flatMap((attachment) => {
      const { route, gateway } = attachment;
      const listeners = admittingListeners(attachment, values.namespaces);
      // A section that does not exist is judged by httproute/names-a-listener.
      if (listeners.length === 0) return [];
      const taken = listeners.map((listener) => listener.hostname ?? 'any name').join(', ');
      return (route.spec.hostnames ?? [])
        .filter((name) => !listeners.some((listener) => hostnamesIntersect(listener.hostname, name)))
        .flatMap((name): readonly Judgement[] => {
          if (leftTheDomain(gateway) && hostnameTakes(wildcard, name)) {
            astray.set(gateway, [...(astray.get(gateway) ?? []), name]);
            return [];
          }
          return [
            fail({
              message: `HTTPRoute ${nameOf(route)} wants ${name}, which no listener of Gateway ${gateway.metadata.name} takes (${taken}): clients that ask for it are refused.`,
              evidence: [
                {
                  object: refOf(route),
                  path: 'spec.hostnames',
                  observed: name,
                  expected: `a name that a listener takes: ${taken}`,
                },
              ],
              remedy: {
                title: `Use a name that a listener takes, such as ${nameUnder(route, name)}, or add a listener, and a certificate, for this one.`,
                commands: [
                  mergePatch('httproute', route.metadata, {
                    spec: {
                      hostnames: (route.spec.hostnames ?? []).map((one) =>
                        one === name ? nameUnder(route, name) : one,
                      ),
                    },
                  }),
                ],
                disturbs: 'Nothing: Envoy takes the change over without closing connections.',
              },
            }),
          ];
        });
    });
    const findings = [...[...astray].map(([gateway, names]) => judgeAstray(gateway, names)), ...ofRoutes];
    return findings.length > 0
      ? findings
      : pass('Every hostname of every route on the Gateway has a listener that takes it.');
  },
});

/** A name that the domain's wildcard takes, in place of one that it does not: its first label, or for the bare domain the route's name. */
function nameUnder({ metadata }: Route, name: string): string {
  const [first = ''] = name.split('.');
  return wildcard.replace('*', name === stack.domain || first === '*' ? metadata.name : first);
}

/** A Gateway none of whose listeners takes the domain, though its routes want names of it. */
function judgeAstray(gateway: KubeObject<'Gateway'>, names: readonly string[]): Judgement {
  const taken = gateway.spec.listeners.map(({ hostname }) => hostname ?? 'any name').join(', ');
  return fail({
    message: `No listener of Gateway ${gateway.metadata.namespace}/${gateway.metadata.name} takes ${wildcard} (${taken}), and its routes want ${[...new Set(names)].join(', ')}: clients that ask for them are refused.`,
    evidence: [{ object: refOf(gateway), path: 'spec.listeners[*].hostname', observed: taken, expected: wildcard }],
    remedy: {
      title: `Let the listener take ${wildcard}, in the Gateway’s manifest and in the cluster.`,
      commands: [sh`kubectl edit gateway ${place(gateway.metadata)}`],
      disturbs: 'Nothing that works now.',
    },
  });
}

/** What the stack says of its own apps: the Service that a hostname leads to. */
const known = [
  {
    hostname: stack.app.hostname,
    namespace: stack.app.namespace,
    service: stack.app.name,
    manifest: `apps/${stack.app.name}/httproute.yaml`,
  },
  {
    hostname: stack.vault.hostname,
    namespace: stack.vault.namespace,
    service: stack.vault.service,
    manifest: 'apps/vault/httproute.yaml',
  },
];

export const routesHostname = defineCheck({
  id: 'httproute/routes-the-hostname',
  title: 'A route takes the hostname',
  why: 'Envoy answers 404 for a name that its listener takes and no route does.',
  needs: [envoyGateway.kindsInstalled, namesGateway],
  reads,
  commands: [showRoutes],
  judge(values, { inputs }) {
    const [first] = tailnetGateways(values);
    if (first === undefined) return skip('There is no Gateway that routes could hang on.');
    const asked = inputs['hostname'] ?? '';
    const onGateway = tailnetRoutes(values, {});
    const takes = (name: string): boolean =>
      onGateway.some(
        ({ spec: { hostnames = [] } }) =>
          hostnames.length === 0 || hostnames.some((pattern) => hostnameTakes(pattern, name)),
      );
    if (asked !== '') {
      if (takes(asked)) return pass(`A route on the Gateway takes ${asked}.`);
      const hostnames = onGateway.flatMap((route) => (route.spec.hostnames ?? []).map((name) => ({ route, name })));
      const near = likeliest(
        asked,
        hostnames.map(({ name }) => name),
      );
      const misspelt = hostnames.find(({ name }) => name === near);
      const elsewhere = values.routes.find((route) => route.spec.hostnames?.some((name) => hostnameTakes(name, asked)));
      const route = elsewhere ?? misspelt?.route;
      return fail({
        message: `No HTTPRoute on the Gateway takes ${asked}${elsewhere === undefined ? (misspelt === undefined ? '' : `; HTTPRoute ${nameOf(misspelt.route)} takes ${misspelt.name}`) : `; HTTPRoute ${nameOf(elsewhere)} does and hangs elsewhere`}.`,
        evidence: [
          {
            object: refOf(route ?? first.gateway),
            path: route === undefined ? 'the HTTPRoutes that hang on it' : 'spec.hostnames',
            observed: route === undefined ? hostnames.map(({ name }) => name) : (route.spec.hostnames ?? []),
            expected: asked,
          },
        ],
        remedy: {
          title: 'Create a route for the hostname, or correct the one that is meant for it.',
          commands: [showRoutes],
          disturbs: 'Nothing: reading only.',
        },
      });
    }
    // Without a hostname in question: an app of the stack that is there, and that no route anywhere leads to.
    const findings = known
      .filter(({ hostname }) => !takes(hostname))
      .filter((app) => values.services.some((service) => isNamed(service, { ...app, name: app.service })))
      .filter((app) => !values.routes.some((route) => leadsTo(route, app)))
      .map(({ hostname, namespace, service, manifest }): Judgement =>
        fail({
          message: `No HTTPRoute takes ${hostname}, and none leads to Service ${namespace}/${service}: Envoy answers 404.`,
          evidence: [
            {
              object: refTo('HTTPRoute', { namespace, name: manifest.split('/')[1] ?? service }),
              path: 'metadata.name',
              observed: 'not found',
              expected: `a route for ${hostname}`,
            },
          ],
          remedy: {
            title: 'Create the route again from Git.',
            commands: [sh`kubectl apply -f ${manifest}`],
            disturbs: 'Nothing: Envoy takes the route up without closing connections.',
          },
        }),
      );
    if (findings.length > 0) return findings;
    const count = onGateway.flatMap(({ spec }) => spec.hostnames ?? []).length;
    return count === 0 ? skip(noRoutes) : pass(`Routes on the Gateway take ${count} hostnames.`);
  },
});

/** Whether a route is for an app: by its hostname, or by where it sends requests. */
const leadsTo = (route: Route, app: { hostname: string; namespace: string; service: string }): boolean =>
  (route.spec.hostnames ?? []).some((name) => hostnameTakes(name, app.hostname)) ||
  (route.spec.rules ?? []).some((rule) =>
    (rule.backendRefs ?? []).some(
      (ref) => ref.name === app.service && (ref.namespace ?? route.metadata.namespace) === app.namespace,
    ),
  );
