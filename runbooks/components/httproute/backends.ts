/** HTTPRoute: whether the Services that its rules send requests to exist. */
import { defineCheck, refOf, skip, type Remedy } from '../../../src/runbook/check.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone } from '../../../src/runbook/told.ts';
import { astray, astrayFindings, nameMeant } from '../../models/astray.ts';
import { backendsOf, type Backend, type Service } from '../../models/backends.ts';
import { endingNamespace, namespaceEnding } from '../../models/namespaces.ts';
import { namespaces } from '../../models/reads.ts';
import { leadOf, meantBy, type Among } from '../../models/references.ts';
import { nameOf, namespaceOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import { stack } from '#stack';
import { partNames } from '../../parts.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { editRoute, noRoutes, reads, takesOver } from './routes.ts';

export const showBackends = sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.spec.rules[*].backendRefs}{"\\n"}{end}'`;
export const noBackends = 'No rule of a route on the Gateway sends requests to a Service.';

/** Services of the stack, with the port that it gives them: what it names is right, even while it is not there. */
export const knownPorts = [
  { namespace: stack.app.namespace, name: stack.app.name, port: stack.app.port },
  { namespace: partNames.vault.namespace, name: partNames.vault.service, port: partNames.vault.port },
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

/** A reference of a rule to a Service. */
interface Ask {
  route: Route;
  backend: Backend;
}

const asking = astrayFindings<Ask>({
  verb: 'sends requests to',
  disturbs: takesOver,
  follows: ({ backend }) => share(backend),
});

export const backendsExist = defineCheck({
  id: 'httproute/backends-exist',
  title: 'Every Service that a route sends requests to exists',
  why: 'Envoy answers 500 for a rule whose backend is not there.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...reads, namespaces: raw(namespaces) },
  commands: [showBackends, sh`kubectl get service -A`],
  findings: {
    namespaceEnding: namespaceEnding<Ask>({
      headline: 'Namespace {namespace} is being deleted with its Services',
      means: 'Whatever was in the namespace goes with it, and the Service behind the route is gone already.',
      takes: ({ route, backend }) =>
        `${target(backend)}, to which HTTPRoute ${nameOf(route)} sends requests, is gone already`,
    }),
    misspelt: asking.otherName({
      headline: 'HTTPRoute {by} misnames Service {meant}',
      means: 'The namespace has no Service of the name that the rule gives, and has one that it most likely means.',
    }),
    otherNamespace: asking.otherNamespace({
      headline: 'HTTPRoute {by} gives Service {meant} a wrong namespace',
      means: 'The Service is in another namespace: where a backendRef names none, it means the route’s own.',
      remedies: (subject) => {
        const { namespace = '', name } = subject.meant.metadata;
        return [
          {
            ...nameMeant(subject),
            title: `Let the route name Service ${name} in namespace ${namespace}; a ReferenceGrant there has to permit it.`,
            disturbs: takesOver,
          },
          moveBeside(subject.route, namespace),
        ];
      },
    }),
    missing: asking.missing({
      headline: 'Service {wanted} does not exist',
      means: 'A rule sends requests to the Service, and there is neither that one nor another that it could mean.',
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
    if (isNone(routes)) return skip(noRoutes);
    const backends = backendsOf(routes, values.services);
    if (isNone(backends)) return skip(noBackends);
    const all = backendsOf(values.routes, values.services);
    const found = eachOf(missingOf(backends), (backend) => {
      const subject = astray(backend.route, backend.reference, [], { route: backend.route, backend });
      const namespace = endingNamespace(backend.namespace, values.namespaces);
      if (namespace !== undefined) return find.namespaceEnding({ ...subject, namespace });
      const lead = leadOf(backend.reference, amongServices(backend, values.services, all));
      const meant = meantBy(lead);
      if (meant === undefined) return find.missing(subject);
      return lead.to === 'otherNamespace'
        ? find.otherNamespace({ ...subject, meant })
        : find.misspelt({ ...subject, meant });
    });
    return foundOr('Every Service that a route sends requests to exists.', found);
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

/**
 * What a wrong reference may mean. The name is right, and the Service is what is missing, where it is the stack's own, or called like the route
 * or the namespace. Where the namespace has no Service at all, the one of that name elsewhere is meant; else one whose name differs by a typo,
 * or the only one in the namespace that no route leads to.
 */
function amongServices(wrong: Backend, services: readonly Service[], all: readonly Backend[]): Among<Service> {
  const near = services.filter((service) => namespaceOf(service) === wrong.namespace);
  const elsewhere = services.filter(({ metadata }) => metadata.name === wrong.name);
  return {
    ...{ takes: ['Service'], there: services, near },
    namesakes: near.length === 0 && elsewhere.length === 1 ? elsewhere : [],
    spare: near.filter((service) => !all.some((backend) => backend.service === service)),
    isRight:
      knownPorts.some(({ namespace, name }) => namespace === wrong.namespace && name === wrong.name) ||
      wrong.name === wrong.route.metadata.name ||
      wrong.name === wrong.namespace,
  };
}
