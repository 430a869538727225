/** HTTPRoute: whether the Services that its rules send requests to exist. */
import { likeliest } from '../../../src/formats/closest-name.ts';
import { defineCheck, refOf, refTo, skip, type Evidence, type Remedy } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { backendsOf, type Backend, type Service } from '../../models/backends.ts';
import { namespaces } from '../../models/reads.ts';
import { nameOf, namespaceOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import { stack } from '#stack';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { changeRoute, editRoute, foundOr, noRoutes, reads } from './routes.ts';

export const showBackends = sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.spec.rules[*].backendRefs}{"\\n"}{end}'`;
export const noBackends = 'No rule of a route on the Gateway sends requests to a Service.';

/** Services of the stack, with the port that it gives them: what it names is right, even while it is not there. */
export const knownPorts = [
  { namespace: stack.app.namespace, name: stack.app.name, port: stack.app.port },
  { namespace: stack.vault.namespace, name: stack.vault.service, port: stack.vault.port },
];

/** What a rule sends requests to, as sentences name it, and what comes of it where it cannot be reached. */
export const target = ({ namespace, name }: Backend): string => `Service ${namespace}/${name}`;
export const share = (backend: Backend): string =>
  backend.share === 100 ? 'Envoy answers 500' : `Envoy answers 500 to about ${backend.share} % of the requests`;

/** A route in the namespace of its Service needs no permission. */
export const moveBeside = (route: Route, namespace: string): Remedy => ({
  title: `Move the route to namespace ${namespace}, where the Service is.`,
  change: { object: refOf(route), path: 'metadata.namespace', to: namespace },
  commands: [sh`kubectl get httproute -n ${namespaceOf(route)} ${route.metadata.name} -o yaml`],
  disturbs: 'Nothing, if the route is created there before the old one is deleted.',
});

/** A reference to a Service that is not there. */
interface Missing {
  route: Route;
  backend: Backend;
}

/** One of which it can be told what it means. */
interface Misnamed extends Missing {
  meant: Service;
}

const inRoute = ({ route, backend }: Missing, expected: string): Evidence => ({
  object: refOf(route),
  path: `${backend.path}.name`,
  observed: `${backend.namespace}/${backend.name}`,
  expected,
});

/** What is alike in references that mean a Service which is there. */
const aboutMisnamed = {
  message: ({ route, backend, meant }: Misnamed) =>
    `HTTPRoute ${nameOf(route)} sends requests to ${target(backend)}, which does not exist (there is ${nameOf(meant)}): ${share(backend)}.`,
  evidence: (subject: Misnamed) => [inRoute(subject, nameOf(subject.meant))] as const,
};

export const backendsExist = defineCheck({
  id: 'httproute/backends-exist',
  title: 'Every Service that a route sends requests to exists',
  why: 'Envoy answers 500 for a rule whose backend is not there.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [showBackends, sh`kubectl get service -A`],
  findings: {
    namespaceEnding: finding<Missing & { namespace: KubeObject<'Namespace'> }>({
      headline: 'Namespace {namespace} is being deleted with its Services',
      means: 'Whatever was in the namespace goes with it, and the Service behind the route is gone already.',
      message: ({ namespace, route, backend }) =>
        `Namespace ${namespace.metadata.name} is being deleted, and ${target(backend)}, to which HTTPRoute ${nameOf(route)} sends requests, is gone already.`,
      evidence: ({ namespace }) => [
        { object: refOf(namespace), path: 'status.phase', observed: 'Terminating', expected: 'Active' },
      ],
      remedies: ({ namespace }) => [
        {
          title: 'Once it is gone, create the namespace and what belongs in it again from Git.',
          commands: [sh`kubectl describe namespace ${namespace.metadata.name}`],
          disturbs: 'Nothing that works now.',
        },
      ],
    }),
    misspelt: finding<Misnamed>({
      headline: 'HTTPRoute {route} misnames Service {meant}',
      means: 'The namespace has no Service of the name that the rule gives, and has one that it most likely means.',
      ...aboutMisnamed,
      remedies: ({ route, backend, meant }) => [
        changeRoute(
          `Let the route name Service ${meant.metadata.name}.`,
          route,
          `${backend.path}.name`,
          meant.metadata.name,
        ),
      ],
    }),
    otherNamespace: finding<Misnamed>({
      headline: 'HTTPRoute {route} gives Service {meant} a wrong namespace',
      means: 'The Service is in another namespace: where a backendRef names none, it means the route’s own.',
      ...aboutMisnamed,
      remedies: ({ route, backend, meant }) => [
        changeRoute(
          `Let the route name Service ${meant.metadata.name} in namespace ${namespaceOf(meant)}; a ReferenceGrant there has to permit it.`,
          route,
          `${backend.path}.namespace`,
          namespaceOf(meant),
        ),
        moveBeside(route, namespaceOf(meant)),
      ],
    }),
    missing: finding<Missing>({
      headline: 'Service {backend} does not exist',
      means: 'A rule sends requests to the Service, and there is neither that one nor another that it could mean.',
      message: ({ route, backend }) =>
        `HTTPRoute ${nameOf(route)} sends requests to ${target(backend)}, which does not exist: ${share(backend)}.`,
      evidence: (subject) => [
        {
          object: refTo('Service', subject.backend),
          path: 'metadata.name',
          observed: 'not found',
          expected: 'exists',
        },
        inRoute(subject, 'a Service that exists'),
      ],
      remedies: ({ route, backend }) => [
        {
          title: 'Create the Service again from Git.',
          commands: [sh`kubectl get service -n ${backend.namespace}`],
          disturbs: 'Nothing that works now.',
        },
        editRoute('Name a Service that exists in the route’s rule.', route),
      ],
    }),
  },
  judge(values, { inputs, find }) {
    const routes = tailnetRoutes(values, inputs);
    if (routes.length === 0) return skip(noRoutes);
    const backends = backendsOf(routes, values.services);
    if (backends.length === 0) return skip(noBackends);
    const all = backendsOf(values.routes, values.services);
    const found = missingOf(backends).map((backend) => {
      const subject = { route: backend.route, backend };
      const namespace = endingNamespace(backend, values.namespaces);
      if (namespace !== undefined) return find.namespaceEnding({ ...subject, namespace });
      const meant = meantService(backend, values.services, all);
      if (meant === undefined) return find.missing(subject);
      return namespaceOf(meant) === backend.namespace
        ? find.misspelt({ ...subject, meant })
        : find.otherNamespace({ ...subject, meant });
    });
    return foundOr(found, 'Every Service that a route sends requests to exists.');
  },
});

/** References to Services that are not there; of a route that names one twice, the last. */
const missingOf = (backends: readonly Backend[]): readonly Backend[] => [
  ...new Map(
    backends
      .filter(({ service }) => service === undefined)
      .map((backend) => [`${nameOf(backend.route)} ${target(backend)}`, backend]),
  ).values(),
];

function endingNamespace(backend: Backend, all: Fact<KubeObject<'Namespace'>[]>): KubeObject<'Namespace'> | undefined {
  const home = all.ok ? all.value.find(({ metadata }) => metadata.name === backend.namespace) : undefined;
  return home?.metadata.deletionTimestamp !== undefined || home?.status?.phase === 'Terminating' ? home : undefined;
}

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
