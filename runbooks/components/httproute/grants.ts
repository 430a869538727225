/** HTTPRoute: whether the Services of other namespaces that its rules send requests to may be referred to. */
import { defineCheck, skip, unknown } from '../../../src/runbook/check.ts';
import { raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { eachOf, foundOr, isNone, once } from '../../../src/runbook/told.ts';
import { backendsOf, type Backend } from '../../models/backends.ts';
import { grantFindings, isAbroad, permissionFor } from '../../models/grants.ts';
import { referenceGrants } from '../../models/reads.ts';
import { attachmentsOf, nameOf, routesInQuestion, type Route } from '../../models/routes.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { backendsExist, moveBeside, share, showBackends, target } from './backends.ts';
import { reads, takesOver } from './routes.ts';

const granted = grantFindings<{ route: Route; backend: Backend }>({
  takes: ({ route, backend }) =>
    `HTTPRoute ${nameOf(route)} sends requests to ${target(backend)}, in another namespace`,
  follows: ({ backend }) => share(backend),
  disturbs: takesOver,
  moveBeside: ({ route, backend }) => moveBeside(route, backend.namespace),
});

export const grantsExist = defineCheck({
  id: 'httproute/references-are-permitted',
  title: 'Every Service in another namespace may be referred to',
  why: 'A route may send requests to another namespace only if a ReferenceGrant there says so.',
  needs: [envoyGateway.kindsInstalled, backendsExist],
  reads: { ...reads, grants: raw(referenceGrants) },
  commands: [sh`kubectl get referencegrant -A -o yaml`, showBackends],
  findings: {
    notPermitted: granted.noGrant({
      headline: 'HTTPRoute {route} may not send requests to {backend}',
      means:
        'The Service is in another namespace, and no ReferenceGrant there says that routes of this one may use it.',
    }),
    wrongGrant: granted.wrongGrant({
      headline: 'ReferenceGrant {grant} does not permit HTTPRoute {route}',
      means: 'A ReferenceGrant is there for this route or this Service, and names another namespace, kind or Service.',
    }),
  },
  judge(values, { inputs, find }) {
    const { grants } = values;
    const abroadOf = (routes: readonly Route[]) =>
      backendsOf(routes, values.services)
        .map((backend) => ({ by: backend.route, route: backend.route, reference: backend.reference, backend }))
        .filter(isAbroad);
    const attached = (): readonly Route[] => once(attachmentsOf(values, inputs).map(({ route }) => route));
    // Where no route at all leads abroad, nobody needs to know which hang on a Gateway.
    const abroad = abroadOf(isNone(abroadOf(routesInQuestion(values.routes, inputs))) ? [] : attached());
    if (isNone(abroad)) return skip('No route sends requests to a Service in another namespace.', []);
    const there = abroad.filter(({ backend }) => backend.service !== undefined);
    if (isNone(there)) return skip('No Service in another namespace that a route names exists.');
    if (!grants.ok && grants.problem.kind !== 'kind-not-installed')
      return unknown(grants.problem.message, grants.problem);
    const found = eachOf(there, (subject) => {
      const { permitted, grant } = permissionFor(subject, grants.ok ? grants.value : []);
      if (permitted) return [];
      return [grant === undefined ? find.notPermitted(subject) : find.wrongGrant({ ...subject, grant })];
    });
    return foundOr('Every reference to another namespace is permitted by a ReferenceGrant.', found);
  },
});
