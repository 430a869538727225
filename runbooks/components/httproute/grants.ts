/** HTTPRoute: whether the Services of other namespaces that its rules send requests to may be referred to. */
import { defineCheck, refOf, refTo, skip, unknown, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { backendsOf, type Backend } from '../../models/backends.ts';
import { referenceGrants } from '../../models/reads.ts';
import { gatewayGroup, nameOf, namespaceOf, tailnetRoutes, type Route } from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { backendsExist, moveBeside, share, showBackends, target } from './backends.ts';
import { foundOr, reads, takesOver } from './routes.ts';

type Grant = KubeObject<'ReferenceGrant'>;

/** A reference to another namespace that nothing there permits. */
interface Forbidden {
  route: Route;
  backend: Backend;
}

const wanted = ({ route, backend }: Forbidden): string =>
  `HTTPRoutes of namespace ${namespaceOf(route)} to Service ${backend.name}`;

const sentence = ({ route, backend }: Forbidden, why: string): string =>
  `HTTPRoute ${nameOf(route)} sends requests to ${target(backend)} in another namespace, and ${why}: ${share(backend)}.`;

/** The ReferenceGrant that is missing. */
const grantFor = ({ route, backend }: Forbidden): unknown => {
  const { apiVersion, kind, ...metadata } = refTo('ReferenceGrant', {
    namespace: backend.namespace,
    name: `${namespaceOf(route)}-to-${backend.name}`,
  });
  const from = [{ group: gatewayGroup, kind: 'HTTPRoute', namespace: namespaceOf(route) }];
  return { apiVersion, kind, metadata, spec: { from, to: [{ group: '', kind: 'Service', name: backend.name }] } };
};

const findings = {
  notPermitted: finding<Forbidden>({
    headline: 'HTTPRoute {route} may not send requests to {backend}',
    means: 'The Service is in another namespace, and no ReferenceGrant there says that routes of this one may use it.',
    message: (subject) => sentence(subject, 'no ReferenceGrant there permits it'),
    evidence: (subject) => [
      {
        object: refOf(subject.route),
        path: `${subject.backend.path}.namespace`,
        observed: subject.backend.namespace,
        expected: `a ReferenceGrant in ${subject.backend.namespace} that permits ${wanted(subject)}`,
      },
    ],
    remedies: (subject) => [
      {
        title: `Create a ReferenceGrant in namespace ${subject.backend.namespace} that permits ${wanted(subject)}.`,
        commands: [sh`echo ${JSON.stringify(grantFor(subject))} | kubectl create -f -`],
        disturbs: takesOver,
      },
      moveBeside(subject.route, subject.backend.namespace),
    ],
  }),
  wrongGrant: finding<Forbidden & { grant: Grant }>({
    headline: 'ReferenceGrant {grant} does not permit HTTPRoute {route}',
    means: 'A ReferenceGrant is there for this route or this Service, and names another namespace, kind or Service.',
    message: (subject) => sentence(subject, `ReferenceGrant ${nameOf(subject.grant)} does not permit it`),
    evidence: ({ grant, ...subject }): [Evidence] => [
      { object: refOf(grant), path: 'spec', observed: grant.spec, expected: `permits ${wanted(subject)}` },
    ],
    remedies: ({ grant, ...subject }) => [
      {
        title: `Let the ReferenceGrant permit ${wanted(subject)}.`,
        commands: [sh`kubectl edit referencegrant -n ${namespaceOf(grant)} ${grant.metadata.name}`],
        disturbs: takesOver,
      },
      moveBeside(subject.route, subject.backend.namespace),
    ],
  }),
};

export const grantsExist = defineCheck({
  id: 'httproute/references-are-permitted',
  title: 'Every Service in another namespace may be referred to',
  why: 'A route may send requests to another namespace only if a ReferenceGrant there says so.',
  needs: [envoyGateway.kindsInstalled, backendsExist],
  reads: { ...reads, grants: raw(referenceGrants) },
  commands: [sh`kubectl get referencegrant -A -o yaml`, showBackends],
  findings,
  judge(values, { inputs, find }) {
    const { grants } = values;
    const abroad = backendsOf(tailnetRoutes(values, inputs), values.services).filter(
      ({ route, namespace }) => namespace !== namespaceOf(route),
    );
    if (abroad.length === 0) return skip('No route sends requests to a Service in another namespace.', []);
    const backends = abroad.filter(({ service }) => service !== undefined);
    if (backends.length === 0) return skip('No Service in another namespace that a route names exists.');
    if (!grants.ok && grants.problem.kind !== 'kind-not-installed')
      return unknown(grants.problem.message, grants.problem);
    return foundOr(
      backends.flatMap((backend) => judgeReference(backend, grants.ok ? grants.value : [], find)),
      'Every reference to another namespace is permitted by a ReferenceGrant.',
    );
  },
});

function judgeReference(backend: Backend, all: readonly Grant[], find: Find<typeof findings>): readonly Judgement[] {
  const subject = { route: backend.route, backend };
  const there = all.filter((grant) => namespaceOf(grant) === backend.namespace);
  if (there.some((grant) => isFrom(grant, backend) && isTo(grant, backend))) return [];
  // A grant that is about this route or this Service, and gets the other half wrong, is at fault itself.
  const home = namespaceOf(backend.route);
  const grant =
    there.find(({ spec }) => spec.from.some(({ namespace }) => namespace === home)) ??
    there.find((one) => isTo(one, backend));
  return [grant === undefined ? find.notPermitted(subject) : find.wrongGrant({ ...subject, grant })];
}

const isFrom = ({ spec }: Grant, { route }: Backend): boolean =>
  spec.from.some(
    ({ group, kind, namespace }) => group === gatewayGroup && kind === 'HTTPRoute' && namespace === namespaceOf(route),
  );

const isTo = ({ spec }: Grant, backend: Backend): boolean =>
  spec.to.some(
    ({ group, kind, name }) => group === '' && kind === 'Service' && (name === undefined || name === backend.name),
  );
