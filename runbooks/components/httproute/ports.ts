/** HTTPRoute: whether the ports that its rules send requests to are ports of their Services. */
import { defineCheck, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone } from '../../../src/runbook/told.ts';
import { backendsOf, type Backend, type Service } from '../../models/backends.ts';
import { fieldOf } from '../../models/references.ts';
import { nameOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { backendsExist, knownPorts, noBackends, share, showBackends, target } from './backends.ts';
import { changeRoute, editRoute, reads } from './routes.ts';

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/** A reference to a Service that is there, and has no such port. */
interface Portless {
  route: Route;
  backend: Backend;
  service: Service;
}

const portsOf = ({ service }: Portless): readonly Port[] => service.spec?.ports ?? [];
const offered = (subject: Portless): string =>
  portsOf(subject)
    .map(({ port }) => port)
    .join(', ') || 'none';

const inRoute = (subject: Portless): Evidence => ({
  object: refOf(subject.route),
  path: fieldOf(subject.backend.reference, 'port'),
  observed: subject.backend.port,
  expected: `a port of ${target(subject.backend)}: ${offered(subject)}`,
});

const inService = (subject: Portless): Evidence => ({
  object: refOf(subject.service),
  path: 'spec.ports[*].port',
  observed: offered(subject),
  expected: `${subject.backend.port ?? 'a port'}, as the route asks`,
});

const sentence = (subject: Portless, hint = ''): string =>
  `HTTPRoute ${nameOf(subject.route)} sends requests to port ${subject.backend.port} of ${target(subject.backend)}, which has ${offered(subject)}${hint}: ${share(subject.backend)}.`;

const namePort = ({ route, backend }: Portless, port: number) =>
  changeRoute(`Let the route name port ${port}.`, route, fieldOf(backend.reference, 'port'), port);

/** Where the Service has one port, that one is meant; among several the reader chooses. */
const nameAPort = (subject: Portless) => {
  const [first, ...others] = portsOf(subject);
  return first === undefined || others.length > 0
    ? editRoute(`Let the route name one of the Service’s ports: ${offered(subject)}.`, subject.route)
    : namePort(subject, first.port);
};

const findings = {
  lostByService: finding<Portless>({
    headline: 'Service {service} lost the port that its route names',
    means: 'The route names the port that the stack gives the Service, and the Service in the cluster has another one.',
    message: (subject) => sentence(subject),
    evidence: (subject) => [inService(subject), inRoute(subject)],
    remedies: ({ backend }) => [
      {
        title: `Give the Service port ${backend.port} again, as in Git.`,
        commands: [sh`kubectl edit service ${place(backend)}`],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
  noPorts: finding<Portless>({
    headline: 'Service {service} has no port',
    means: 'A rule sends requests to a port of the Service, which has none at all.',
    message: (subject) => sentence(subject),
    evidence: (subject) => [inService(subject)],
    remedies: ({ backend }) => [
      {
        title: 'Give the Service the port that the route names.',
        commands: [sh`kubectl edit service ${place(backend)}`],
        disturbs: 'Nothing that works now.',
      },
    ],
  }),
  leftOut: finding<Portless>({
    headline: 'HTTPRoute {route} names no port of Service {service}',
    means: 'A backendRef to a Service has to name one of the Service’s ports, and this one names none.',
    message: (subject) =>
      `HTTPRoute ${nameOf(subject.route)} sends requests to no port of ${target(subject.backend)}, which has ${offered(subject)}: ${share(subject.backend)}.`,
    evidence: (subject) => [{ ...inRoute(subject), observed: 'absent' }],
    remedies: (subject) => [nameAPort(subject)],
  }),
  containerPort: finding<Portless & { port: Port }>({
    headline: 'HTTPRoute {route} names the container’s port',
    means:
      'The port is the one on which the container listens; a backendRef names that of the Service, which leads there.',
    message: (subject) => sentence(subject, `; ${subject.backend.port} is the container’s port`),
    evidence: (subject) => [inRoute(subject), inService(subject)],
    remedies: (subject) => [namePort(subject, subject.port.port)],
  }),
  noSuchPort: finding<Portless>({
    headline: 'HTTPRoute {route} names a port that {service} lacks',
    means:
      'The Service has other ports than the one that the rule names, and none leads to a container’s port of that number.',
    message: (subject) => sentence(subject),
    evidence: (subject) => [inRoute(subject), inService(subject)],
    remedies: (subject) => [nameAPort(subject)],
  }),
};

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
  findings,
  judge(values, { inputs, find }) {
    const backends = backendsOf(tailnetRoutes(values, inputs), values.services).flatMap((backend) =>
      backend.service === undefined ? [] : [{ route: backend.route, backend, service: backend.service }],
    );
    if (isNone(backends)) return skip(noBackends);
    const wrong = backends.filter((one) => !portsOf(one).some(({ port }) => port === one.backend.port));
    return foundOr('Every port that a route names is one of its Service’s.', () =>
      eachOf(wrong, (one) => judgePort(one, find)),
    );
  },
});

function judgePort(subject: Portless, find: Find<typeof findings>): Judgement {
  const { backend } = subject;
  if (backend.port === undefined) return find.leftOut(subject);
  if (isTheStacks(backend)) return find.lostByService(subject);
  if (portsOf(subject).length === 0) return find.noPorts(subject);
  const port = portsOf(subject).find(({ targetPort }) => targetPort === backend.port);
  return port === undefined ? find.noSuchPort(subject) : find.containerPort({ ...subject, port });
}

/** Whether the stack says that the Service has that port: then the Service is at fault, not the route. */
const isTheStacks = (backend: Backend): boolean =>
  knownPorts.some(
    ({ namespace, name, port }) => namespace === backend.namespace && name === backend.name && port === backend.port,
  );
