/** HTTPRoute: what Envoy Gateway says of it in `status.parents`. [Envoy Gateway 1.6 to 1.9] */
import { defineCheck, refOf, type Check, type Evidence } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, isStale, saidIn, type Condition } from '../../models/conditions.ts';
import { nameOf, namespaceOf, parentStatus, tailnetAttachments, type Attachment } from '../../models/routes.ts';
import { stack } from '#stack';
import { coversRoutes } from '../certificate/names.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { lookAgain } from '../envoy-gateway/remedies.ts';
import * as gateway from '../gateway/gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import { isAllowed } from './admission.ts';
import { namesListener } from './attachment.ts';
import { backendsExist } from './backends.ts';
import { isAlone } from './claims.ts';
import { grantsExist } from './grants.ts';
import { hostnamesAreServed } from './httproute.ts';
import { portsExist } from './ports.ts';
import { redirectsElsewhere } from './redirects.ts';
import { eachAttachment, editRoute, reads } from './routes.ts';

const showStatus = sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.status.parents}{"\\n"}{end}'`;

/** A condition about a route, and where in the route's status what is said of that parent stands. */
interface Told extends Attachment {
  found: Condition;
  statusPath: string;
}

const describe = ({ route }: Attachment): Shell =>
  sh`kubectl describe httproute -n ${namespaceOf(route)} ${route.metadata.name}`;
const routeOf = ({ route }: Attachment): string => `HTTPRoute ${nameOf(route)}`;
const controllerOf = ({ resolved }: Attachment): string =>
  resolved.gatewayClass?.spec.controllerName ?? stack.envoyGateway.controllerName;

/** What is alike in conditions that are not True. */
const aboutCondition = {
  quote: ({ found }: Told) => saidIn(found, 'Envoy Gateway, in the route’s status'),
  evidence: ({ route, found, statusPath }: Told): readonly [Evidence] => [
    {
      object: refOf(route),
      path: conditionPath(found.type, statusPath),
      observed: conditionText(found),
      expected: `True (${found.type})`,
    },
  ],
  commands: (subject: Told) => [describe(subject)],
};

/** What Envoy Gateway says in a condition about a route and one of its parents. */
function toldOf(attachment: Attachment, type: string): Told | undefined {
  const status = parentStatus(attachment);
  const found = condition(status?.conditions, type);
  return status && found && { ...attachment, found, statusPath: status.path };
}

/** What can be told from the objects alone; while one of these fails, a status that lags behind is not the cause. */
const wiring = [
  namesListener,
  isAllowed,
  hostnamesAreServed,
  coversRoutes,
  isAlone,
  redirectsElsewhere,
  backendsExist,
  portsExist,
  grantsExist,
];
const control = [
  envoyGateway.kindsInstalled,
  envoyGateway.ready,
  gatewayclass.exists,
  gatewayclass.accepted,
  gateway.reconciled,
];

export const isReconciled = defineCheck({
  id: 'httproute/reconciled',
  title: 'Envoy Gateway has looked at every route as it is now',
  why: 'A route without status, or with one about an older generation, is not what Envoy serves.',
  needs: [...control, ...wiring],
  reads,
  commands: [showStatus],
  findings: {
    never: finding<Attachment>({
      headline: 'Envoy Gateway has never looked at HTTPRoute {route}',
      means: 'The route’s status has no entry of Envoy Gateway about the Gateway that it hangs on.',
      message: (subject) =>
        `${routeOf(subject)} has no status for Gateway ${nameOf(subject.gateway)}: Envoy Gateway has never looked at it.`,
      evidence: (subject) => [
        {
          object: refOf(subject.route),
          path: 'status.parents',
          observed: (subject.route.status?.parents ?? []).map(({ controllerName }) => controllerName),
          expected: `an entry of ${controllerOf(subject)} for Gateway ${nameOf(subject.gateway)}`,
        },
      ],
      remedies: () => lookAgain('the route'),
    }),
    stale: finding<Told>({
      headline: 'The status of HTTPRoute {route} is out of date',
      means: 'The route was changed, and its status is still about the route before the change.',
      message: (subject) =>
        `${routeOf(subject)} is at generation ${subject.route.metadata.generation}, and its status is about generation ${subject.found.observedGeneration}: Envoy Gateway has not looked at the last change.`,
      evidence: ({ route, found, statusPath }) => [
        {
          object: refOf(route),
          path: `${conditionPath(found.type, statusPath)}.observedGeneration`,
          observed: found.observedGeneration,
          expected: route.metadata.generation,
        },
      ],
      remedies: () => lookAgain('the route'),
    }),
  },
  judge: (values, { inputs, find }) =>
    eachAttachment(
      tailnetAttachments(values, inputs),
      (attachment) => {
        const status = parentStatus(attachment);
        if (status === undefined) return find.never(attachment);
        const found = status.conditions.find((one) => isStale(one, attachment.route.metadata.generation));
        return found === undefined ? [] : find.stale({ ...attachment, found, statusPath: status.path });
      },
      'The status of every route is about the route as it is now.',
    ),
});

const acceptanceNeeds: readonly Check[] = [...control, gateway.listenersReady, ...wiring, isReconciled];

/** What else explains that a route is not accepted, where its reason tells. */
const acceptedBecause: Readonly<Record<string, Check>> = {
  NoMatchingParent: namesListener,
  NoMatchingListenerHostname: hostnamesAreServed,
  NotAllowedByListeners: isAllowed,
};

export const isAccepted = defineCheck({
  id: 'httproute/is-accepted',
  title: 'Every route is accepted',
  why: 'Envoy does not serve a route that its listener did not accept.',
  needs: acceptanceNeeds,
  reads,
  commands: [showStatus],
  findings: {
    refused: finding<Told>({
      headline: 'HTTPRoute {route} is not accepted',
      means: 'Envoy Gateway does not take the route as it stands, and none of the known causes was seen.',
      message: (subject) =>
        `${routeOf(subject)} is not accepted by Gateway ${nameOf(subject.gateway)}: ${subject.found.reason ?? subject.found.status}.`,
      ...aboutCondition,
      remedies: (subject) => [
        {
          title: 'Correct in the route what Envoy Gateway names; the Gateway’s listeners say what they take.',
          commands: [describe(subject), sh`kubectl describe gateway ${place(subject.gateway.metadata)}`],
          disturbs: 'Nothing: reading only.',
        },
      ],
      explainedBy: ({ found }) => {
        const cause = acceptedBecause[found.reason ?? ''];
        return (cause === undefined ? acceptanceNeeds : [cause, isReconciled]).map(({ id }) => id);
      },
    }),
  },
  judge: (values, { inputs, find }) =>
    eachAttachment(
      tailnetAttachments(values, inputs),
      (attachment) => {
        const told = toldOf(attachment, 'Accepted');
        return told === undefined || told.found.status === 'True' ? [] : find.refused(told);
      },
      'Every route on the Gateway is accepted.',
    ),
});

export const refsResolve = defineCheck({
  id: 'httproute/references-resolve',
  title: 'Every reference of a route resolves',
  why: 'Envoy answers 500 for a rule whose backend Envoy Gateway cannot resolve.',
  needs: [...control, backendsExist, portsExist, grantsExist, isReconciled],
  reads,
  commands: [showStatus],
  findings: {
    unresolved: finding<Told>({
      headline: 'HTTPRoute {route} refers to something unusable',
      means:
        'Envoy Gateway cannot use a backend or filter that the route names, and none of the known causes was seen.',
      message: (subject) =>
        `${routeOf(subject)} refers to something that Envoy Gateway cannot use: ${subject.found.reason ?? 'no reason given'}.`,
      ...aboutCondition,
      remedies: ({ route }) => [editRoute('Correct the backendRef or filter that Envoy Gateway names.', route)],
    }),
  },
  judge: (values, { inputs, find }) =>
    eachAttachment(
      tailnetAttachments(values, inputs),
      (attachment) => {
        const told = toldOf(attachment, 'ResolvedRefs');
        return told?.found.status === 'False' ? find.unresolved(told) : [];
      },
      'Every reference of every route resolves.',
    ),
});
