/** HTTPRoute: whether what its rules send requests to exists, on that port, and may be referred to. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import {
  defineCheck,
  fail,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import { raw } from '../../../src/runbook/read.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { backendsOf, type Backend, type Service } from '../../models/backends.ts';
import { jsonPatch, pointer } from '../../models/patches.ts';
import { namespaces, referenceGrants } from '../../models/reads.ts';
import { gatewayGroup, nameOf, namespaceOf, tailnetRoutes } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { noRoutes, reads, takesOver } from './attachment.ts';

const showBackends = sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.spec.rules[*].backendRefs}{"\\n"}{end}'`;
const noBackends = 'No rule of a route on the Gateway sends requests to a Service.';

const edit = ({ route }: Backend): Shell => sh`kubectl edit httproute -n ${namespaceOf(route)} ${route.metadata.name}`;
const setField = ({ route, path }: Backend, field: string, value: unknown): Shell =>
  jsonPatch('httproute', route.metadata, { op: 'add', path: pointer(`${path}.${field}`), value });
const target = ({ namespace, name }: Backend): string => `Service ${namespace}/${name}`;
const share = (backend: Backend): string =>
  backend.share === 100 ? 'Envoy answers 500' : `Envoy answers 500 to about ${backend.share} % of the requests`;

export const backendsExist = defineCheck({
  id: 'httproute/backends-exist',
  title: 'Every Service that a route sends requests to exists',
  why: 'Envoy answers 500 for a rule whose backend is not there.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [showBackends, sh`kubectl get service -A`],
  judge(values, { inputs }) {
    const routes = tailnetRoutes(values, inputs);
    if (routes.length === 0) return skip(noRoutes);
    const backends = backendsOf(routes, values.services);
    if (backends.length === 0) return skip(noBackends);
    const all = backendsOf(values.routes, values.services);
    const missing = new Map(
      backends
        .filter(({ service }) => service === undefined)
        .map((one) => [`${nameOf(one.route)} ${target(one)}`, one]),
    );
    const findings = [...missing.values()].map((backend): Judgement => {
      const leaving = values.namespaces.ok
        ? values.namespaces.value.find(({ metadata }) => metadata.name === backend.namespace)
        : undefined;
      if (leaving?.metadata.deletionTimestamp !== undefined || leaving?.status?.phase === 'Terminating') {
        return fail({
          message: `Namespace ${backend.namespace} is being deleted, and ${target(backend)}, to which HTTPRoute ${nameOf(backend.route)} sends requests, is gone already.`,
          evidence: [{ object: refOf(leaving), path: 'status.phase', observed: 'Terminating', expected: 'Active' }],
          remedy: {
            title: 'Once it is gone, create the namespace and what belongs in it again from Git.',
            commands: [sh`kubectl describe namespace ${backend.namespace}`],
            disturbs: 'Nothing that works now.',
          },
        });
      }
      const meant = meantService(backend, values.services, all);
      return fail({
        message: `HTTPRoute ${nameOf(backend.route)} sends requests to ${target(backend)}, which does not exist${meant === undefined ? '' : ` (there is ${nameOf(meant)})`}: ${share(backend)}.`,
        evidence: meant === undefined ? [missingService(backend), reference(backend)] : [reference(backend, meant)],
        remedy:
          meant === undefined
            ? {
                title: 'Create the Service again from Git, or correct the name in the route.',
                commands: [sh`kubectl get service -n ${backend.namespace}`, edit(backend)],
                disturbs: 'Nothing that works now.',
              }
            : {
                title: `Let the route name Service ${meant.metadata.name}${namespaceOf(meant) === backend.namespace ? '' : ` in namespace ${namespaceOf(meant)}`}.`,
                commands: [
                  namespaceOf(meant) === backend.namespace
                    ? setField(backend, 'name', meant.metadata.name)
                    : edit(backend),
                ],
                disturbs: takesOver,
              },
      });
    });
    return findings.length > 0 ? findings : pass('Every Service that a route sends requests to exists.');
  },
});

const reference = (backend: Backend, meant?: Service): Evidence => ({
  object: refOf(backend.route),
  path: `${backend.path}.name`,
  observed: `${backend.namespace}/${backend.name}`,
  expected: meant === undefined ? 'a Service that exists' : nameOf(meant),
});

const missingService = ({ namespace, name }: Backend): Evidence => ({
  object: refTo('Service', { namespace, name }),
  path: 'metadata.name',
  observed: 'not found',
  expected: 'exists',
});

/**
 * The Service that a wrong reference most likely means; none where the name is right and the Service is what is missing: the
 * stack's own, or one called like the route or the namespace. Else one whose name differs by a typo, or the only one in the
 * namespace that no route leads to; where the namespace has no Service at all, the one of that name elsewhere.
 */
function meantService(wrong: Backend, services: readonly Service[], all: readonly Backend[]): Service | undefined {
  const near = services.filter((service) => namespaceOf(service) === wrong.namespace);
  const elsewhere = services.filter(({ metadata }) => metadata.name === wrong.name);
  if (near.length === 0 && elsewhere.length === 1) return elsewhere[0];
  const isRight =
    knownPorts.some(({ namespace, name }) => namespace === wrong.namespace && name === wrong.name) ||
    wrong.name === wrong.route.metadata.name ||
    wrong.name === wrong.namespace;
  if (isRight) return undefined;
  const typo = likeliest(
    wrong.name,
    near.map(({ metadata }) => metadata.name),
  );
  if (typo !== undefined) return near.find(({ metadata }) => metadata.name === typo);
  const unused = near.filter((service) => !all.some((backend) => backend.service === service));
  return unused.length === 1 ? unused[0] : undefined;
}

/** Ports that the stack says a Service has: then the Service is at fault, not the route that uses it. */
const knownPorts = [
  { namespace: stack.app.namespace, name: stack.app.name, port: stack.app.port },
  { namespace: stack.vault.namespace, name: stack.vault.service, port: stack.vault.port },
];

export const portsExist = defineCheck({
  id: 'httproute/backend-ports-exist',
  title: 'Every port that a route sends requests to is one of its Service’s',
  why: 'A backendRef names the Service’s port, not the container’s; Envoy answers 500 for one that is not there.',
  needs: [envoyGateway.kindsInstalled, backendsExist],
  reads,
  commands: [
    showBackends,
    sh`kubectl get service -A -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,PORTS:'.spec.ports[*].port'`,
  ],
  judge(values, { inputs }) {
    const backends = backendsOf(tailnetRoutes(values, inputs), values.services).filter(
      ({ service }) => service !== undefined,
    );
    if (backends.length === 0) return skip(noBackends);
    const findings = backends.flatMap((backend): readonly Judgement[] => {
      const ports = backend.service?.spec?.ports ?? [];
      if (ports.some(({ port }) => port === backend.port)) return [];
      const offered = ports.map(({ port }) => port).join(', ') || 'none';
      const isTarget = ports.find(({ targetPort }) => targetPort === backend.port);
      const inRoute: Evidence = {
        object: refOf(backend.route),
        path: `${backend.path}.port`,
        observed: backend.port,
        expected: `a port of ${target(backend)}: ${offered}`,
      };
      const inService: Evidence = {
        object: refTo('Service', backend),
        path: 'spec.ports[*].port',
        observed: offered,
        expected: `${backend.port}, as the route asks`,
      };
      const isServices = knownPorts.some(
        ({ namespace, name, port }) =>
          namespace === backend.namespace && name === backend.name && port === backend.port,
      );
      return [
        fail({
          message: `HTTPRoute ${nameOf(backend.route)} sends requests to port ${backend.port ?? '(none)'} of ${target(backend)}, which has ${offered}${isTarget === undefined ? '' : `; ${backend.port} is the container’s port`}: ${share(backend)}.`,
          evidence: isServices ? [inService, inRoute] : [inRoute, inService],
          remedy: isServices
            ? {
                title: `Give the Service port ${backend.port} again, as in Git.`,
                commands: [sh`kubectl edit service ${place(backend)}`],
                disturbs: 'Nothing that works now.',
              }
            : {
                title: `Let the route name port ${offered}.`,
                commands: [
                  ports.length === 1 && ports[0] !== undefined
                    ? setField(backend, 'port', ports[0].port)
                    : edit(backend),
                ],
                disturbs: takesOver,
              },
        }),
      ];
    });
    return findings.length > 0 ? findings : pass('Every port that a route names is one of its Service’s.');
  },
});

export const grantsExist = defineCheck({
  id: 'httproute/references-are-permitted',
  title: 'Every Service in another namespace may be referred to',
  why: 'A route may send requests to another namespace only if a ReferenceGrant there says so.',
  needs: [envoyGateway.kindsInstalled, backendsExist],
  reads: { ...reads, grants: raw(referenceGrants) },
  commands: [sh`kubectl get referencegrant -A -o yaml`, showBackends],
  judge(values, { inputs }) {
    const abroad = backendsOf(tailnetRoutes(values, inputs), values.services).filter(
      ({ route, namespace }) => namespace !== namespaceOf(route),
    );
    if (abroad.length === 0) return skip('No route sends requests to a Service in another namespace.', []);
    const backends = abroad.filter(({ service }) => service !== undefined);
    if (backends.length === 0) return skip('No Service in another namespace that a route names exists.');
    const { grants } = values;
    if (!grants.ok && grants.problem.kind !== 'kind-not-installed') {
      return { outcome: 'unknown', message: grants.problem.message, problem: grants.problem };
    }
    const all = grants.ok ? grants.value : [];
    const findings = backends.flatMap((backend): readonly Judgement[] => {
      const from = namespaceOf(backend.route);
      const there = all.filter((grant) => namespaceOf(grant) === backend.namespace);
      const isMeant = (grant: (typeof all)[number]): boolean =>
        grant.spec.to.some(
          ({ group, kind, name }) =>
            group === '' && kind === 'Service' && (name === undefined || name === backend.name),
        );
      const permits = (grant: (typeof all)[number]): boolean =>
        isMeant(grant) &&
        grant.spec.from.some(
          ({ group, kind, namespace }) => group === gatewayGroup && kind === 'HTTPRoute' && namespace === from,
        );
      if (there.some(permits)) return [];
      const wanted = `HTTPRoutes of namespace ${from} to Service ${backend.name}`;
      // A grant that is about this route or this Service, and gets the other half wrong, is at fault itself.
      const wrong =
        there.find((grant) => grant.spec.from.some(({ namespace }) => namespace === from)) ?? there.find(isMeant);
      return [
        fail({
          message: `HTTPRoute ${nameOf(backend.route)} sends requests to ${target(backend)} in another namespace, and ${wrong === undefined ? 'no ReferenceGrant there' : `ReferenceGrant ${nameOf(wrong)} does not`} ${wrong === undefined ? 'permits' : 'permit'} it: ${share(backend)}.`,
          evidence: [
            wrong === undefined
              ? {
                  object: refOf(backend.route),
                  path: `${backend.path}.namespace`,
                  observed: backend.namespace,
                  expected: `a ReferenceGrant in ${backend.namespace} that permits ${wanted}`,
                }
              : { object: refOf(wrong), path: 'spec', observed: wrong.spec, expected: `permits ${wanted}` },
          ],
          remedy: {
            title: `Let a ReferenceGrant in namespace ${backend.namespace} permit ${wanted}, or move the route beside the Service.`,
            commands: [
              wrong === undefined
                ? sh`kubectl get referencegrant -n ${backend.namespace}`
                : sh`kubectl edit referencegrant -n ${backend.namespace} ${wrong.metadata.name}`,
            ],
            disturbs: takesOver,
          },
        }),
      ];
    });
    return findings.length > 0
      ? findings
      : pass('Every reference to another namespace is permitted by a ReferenceGrant.');
  },
});
