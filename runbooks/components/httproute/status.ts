/** HTTPRoute: what Envoy Gateway says of it in `status.parents`. [Envoy Gateway 1.6 to 1.9] */
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, inItsWords, isStale } from '../../models/conditions.ts';
import { attachmentsOf, nameOf, namespaceOf, parentStatus, type Attachment } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import { coversRoutes } from '../certificate/names.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as gateway from '../gateway/gateway.ts';
import * as gatewayclass from '../gatewayclass/gatewayclass.ts';
import { hostnamesAreServed } from './httproute.ts';
import { isAllowed, namesListener, noRoutes, reads } from './attachment.ts';
import { backendsExist, grantsExist, portsExist } from './backends.ts';
import { isAlone, redirectsElsewhere } from './rules.ts';

const showStatus = sh`kubectl get httproute -A -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{": "}{.status.parents}{"\\n"}{end}'`;

const controllerLog = {
  title: 'Envoy Gateway’s log says what it makes of the route; if it is silent about it, restart the controller.',
  commands: [
    sh`kubectl logs -n ${stack.envoyGateway.namespace} -l control-plane=envoy-gateway --tail=200`,
    sh`kubectl rollout restart deployment -n ${stack.envoyGateway.namespace} ${stack.envoyGateway.deployment}`,
  ],
  disturbs: 'Nothing: Envoys go on serving while the controller restarts.',
};

const describe = ({ route }: Attachment): Shell =>
  sh`kubectl describe httproute -n ${namespaceOf(route)} ${route.metadata.name}`;
const routeOf = ({ route }: Attachment): string => `HTTPRoute ${nameOf(route)}`;
const controllerOf = ({ controllerName }: Attachment): string => controllerName ?? stack.envoyGateway.controllerName;

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
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs);
    if (all.length === 0) return skip(noRoutes);
    const findings = all.flatMap((attachment): readonly Judgement[] => {
      const { route, gateway: parent } = attachment;
      const status = parentStatus(attachment);
      if (status === undefined) {
        return [
          fail({
            message: `${routeOf(attachment)} has no status for Gateway ${nameOf(parent)}: Envoy Gateway has never looked at it.`,
            evidence: [
              {
                object: refOf(route),
                path: 'status.parents',
                observed: (route.status?.parents ?? []).map(({ controllerName }) => controllerName),
                expected: `an entry of ${controllerOf(attachment)} for Gateway ${nameOf(parent)}`,
              },
            ],
            remedy: controllerLog,
          }),
        ];
      }
      const stale = status.conditions.find((found) => isStale(found, route.metadata.generation));
      if (stale === undefined) return [];
      return [
        fail({
          message: `${routeOf(attachment)} is at generation ${route.metadata.generation}, and its status is about generation ${stale.observedGeneration}: Envoy Gateway has not looked at the last change.`,
          evidence: [
            {
              object: refOf(route),
              path: `${conditionPath(stale.type, status.path)}.observedGeneration`,
              observed: stale.observedGeneration,
              expected: route.metadata.generation,
            },
          ],
          remedy: controllerLog,
        }),
      ];
    });
    return findings.length > 0 ? findings : pass('The status of every route is about the route as it is now.');
  },
});

/** What else explains that a route is not accepted, where its reason tells. */
const acceptedBecause: Readonly<Record<string, readonly string[]>> = {
  NoMatchingParent: [namesListener.id],
  NoMatchingListenerHostname: [hostnamesAreServed.id],
  NotAllowedByListeners: [isAllowed.id],
};

export const isAccepted = defineCheck({
  id: 'httproute/is-accepted',
  title: 'Every route is accepted',
  why: 'Envoy does not serve a route that its listener did not accept.',
  needs: [...control, gateway.listenersReady, ...wiring, isReconciled],
  reads,
  commands: [showStatus],
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs);
    if (all.length === 0) return skip(noRoutes);
    const findings = all.flatMap((attachment): readonly Judgement[] => {
      const status = parentStatus(attachment);
      const found = condition(status?.conditions, 'Accepted');
      if (status === undefined || found === undefined || found.status === 'True') return [];
      const causes = acceptedBecause[found.reason ?? ''];
      return [
        fail({
          message: `${routeOf(attachment)} is not accepted by Gateway ${nameOf(attachment.gateway)}: ${found.reason ?? found.status}.${inItsWords(found)}`,
          evidence: [
            {
              object: refOf(attachment.route),
              path: conditionPath('Accepted', status.path),
              observed: conditionText(found),
              expected: 'True (Accepted)',
            },
          ],
          commands: [describe(attachment)],
          remedy: {
            title: 'Correct what the message names in the route; the Gateway’s listeners say what they take.',
            commands: [
              describe(attachment),
              sh`kubectl describe gateway -n ${namespaceOf(attachment.gateway)} ${attachment.gateway.metadata.name}`,
            ],
            disturbs: 'Nothing: reading only.',
          },
          ...(causes === undefined ? {} : { explainedBy: [...causes, isReconciled.id] }),
        }),
      ];
    });
    return findings.length > 0 ? findings : pass('Every route on the Gateway is accepted.');
  },
});

export const refsResolve = defineCheck({
  id: 'httproute/references-resolve',
  title: 'Every reference of a route resolves',
  why: 'Envoy answers 500 for a rule whose backend Envoy Gateway cannot resolve.',
  needs: [...control, backendsExist, portsExist, grantsExist, isReconciled],
  reads,
  commands: [showStatus],
  judge(values, { inputs }) {
    const all = attachmentsOf(values, inputs);
    if (all.length === 0) return skip(noRoutes);
    const findings = all.flatMap((attachment): readonly Judgement[] => {
      const status = parentStatus(attachment);
      const found = condition(status?.conditions, 'ResolvedRefs');
      if (status === undefined || found?.status !== 'False') return [];
      return [
        fail({
          message: `${routeOf(attachment)} refers to something that Envoy Gateway cannot use: ${found.reason ?? 'no reason given'}.${inItsWords(found)}`,
          evidence: [
            {
              object: refOf(attachment.route),
              path: conditionPath('ResolvedRefs', status.path),
              observed: conditionText(found),
              expected: 'True (ResolvedRefs)',
            },
          ],
          commands: [describe(attachment)],
          remedy: {
            title: 'Correct the backendRef or filter that the message names.',
            commands: [
              sh`kubectl edit httproute -n ${namespaceOf(attachment.route)} ${attachment.route.metadata.name}`,
            ],
            disturbs: 'Nothing: Envoy takes the change over without closing connections.',
          },
        }),
      ];
    });
    return findings.length > 0 ? findings : pass('Every reference of every route resolves.');
  },
});
