/** App pod: what finally answers, and the workload that keeps it running. */
import {
  defineCheck,
  fail,
  pass,
  refOf,
  skip,
  warn,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import {
  backendsOf,
  isUnwell,
  routedServices,
  selectorOf,
  servingOf,
  whatFails,
  type Pod,
  type RoutedService,
  type Serving,
} from '../../models/backends.ts';
import {
  daemonSets,
  deployments,
  endpointSlices,
  httpRoutes,
  namespaces,
  pods,
  statefulSets,
  topologyReads,
  warnings,
} from '../../models/reads.ts';
import { nameOf, namespaceOf, tailnetRoutes } from '../../models/routes.ts';
import { stack } from '../../stack.ts';
import { judgeWorkload, replicas, troubleOf, type Workload } from '../../models/workloads.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as vault from '../vault/vault.ts';

export const reads = {
  ...topologyReads,
  routes: plain(httpRoutes),
  slices: plain(endpointSlices),
  pods: plain(pods),
  deployments: plain(deployments),
  statefulSets: plain(statefulSets),
  daemonSets: plain(daemonSets),
};

type Values = Parameters<typeof tailnetRoutes>[0] & {
  slices: readonly KubeObject<'EndpointSlice'>[];
  pods: readonly Pod[];
  deployments: readonly KubeObject<'Deployment'>[];
  statefulSets: readonly KubeObject<'StatefulSet'>[];
  daemonSets: readonly KubeObject<'DaemonSet'>[];
};

/** The Services behind the tailnet's routes, each with what stands behind it. */
export const routed = (
  values: Values,
  inputs: Readonly<Record<string, string>>,
): readonly { routed: RoutedService; serving: Serving }[] => {
  const cluster = {
    pods: values.pods,
    slices: values.slices,
    workloads: [...values.deployments, ...values.statefulSets, ...values.daemonSets],
  };
  return routedServices(backendsOf(tailnetRoutes(values, inputs), values.services)).map((found) => ({
    routed: found,
    serving: servingOf(found.service, cluster),
  }));
};

export const noServices = 'No rule of a route on the Gateway sends requests to a Service that exists.';

type Warnings = Fact<KubeObject<'Event'>[]>;

/** What was last complained of an object, or of one whose name begins like it (a Deployment's ReplicaSets). */
function lastWarning(events: Warnings, namespace: string, kind: RegExp, name: string): string {
  const about = (events.ok ? events.value : []).filter(
    ({ type, involvedObject }) =>
      (type === undefined || type === 'Warning') &&
      involvedObject.namespace === namespace &&
      kind.test(involvedObject.kind ?? '') &&
      (involvedObject.name === name || involvedObject.name?.startsWith(`${name}-`) === true),
  );
  const time = ({ lastTimestamp, eventTime, metadata }: KubeObject<'Event'>): number =>
    Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '') || 0;
  const [last] = about.toSorted((one, other) => time(other) - time(one));
  return last?.message ? ` Its last event says: “${last.message.trim().replace(/\.$/, '')}”.` : '';
}

const disturbs = 'Nothing that works now.';

export const ready = defineCheck({
  id: 'app-pod/ready',
  title: 'Every routed app has a ready pod',
  component: 'app-pod',
  why: 'Without a ready pod the app’s Service has no endpoint, and Envoy answers 503.',
  needs: [envoyGateway.kindsInstalled, vault.ready],
  reads: { ...reads, namespaces: raw(namespaces), warnings: raw(warnings) },
  commands: [sh`kubectl get pods -A`, sh`kubectl get events -A --field-selector=type=Warning`],
  judge(values, { inputs }) {
    const all = routed(values, inputs).filter(({ routed: { service } }) => selectorOf(service) !== undefined);
    if (all.length === 0) return skip(noServices);
    const home = (name: string): KubeObject<'Namespace'> | undefined =>
      values.namespaces.ok ? values.namespaces.value.find(({ metadata }) => metadata.name === name) : undefined;
    return all.map((one): Judgement => {
      const { service } = one.routed;
      if (one.serving.answers) return judgeRest(one.serving, nameOf(service));
      const namespace = home(namespaceOf(service));
      if (namespace?.metadata.deletionTimestamp !== undefined || namespace?.status?.phase === 'Terminating') {
        return fail({
          message: `Namespace ${namespace.metadata.name} is being deleted, and the app behind Service ${nameOf(service)} with it: ${whatFails(one.routed)}.`,
          evidence: [{ object: refOf(namespace), path: 'status.phase', observed: 'Terminating', expected: 'Active' }],
          remedy: {
            summary: 'Once it is gone, create the namespace and what belongs in it again from Git.',
            commands: [sh`kubectl describe namespace ${namespace.metadata.name}`],
            disturbs,
          },
        });
      }
      const down = judgeDown(one.routed, one.serving, values.warnings);
      // Vault is an app like the others, and has a check of its own that knows why it is not ready.
      const isVault = namespaceOf(service) === stack.vault.namespace;
      return down.outcome === 'failed' ? { ...down, explainedBy: isVault ? [vault.ready.id] : [] } : down;
    });
  },
});

/** An app that answers; a pod of it that cannot come up is told before the last good one goes. */
function judgeRest({ pods, workloads }: Serving, name: string): Judgement {
  const stuck = pods.filter(isUnwell).find((pod) => /^(is in|cannot be)/.test(troubleOf(pod).text));
  const [workload] = workloads;
  if (stuck === undefined) return pass(`The app behind Service ${name} has a ready pod.`);
  const trouble = troubleOf(stuck);
  const piece: Evidence = {
    object: refOf(stuck),
    path: trouble.path,
    observed: trouble.text.replace(/^is /, ''),
    expected: 'a ready container',
  };
  return warn({
    message: `The app behind Service ${name} still answers, but its pod ${stuck.metadata.name} ${trouble.text}.`,
    evidence:
      workload === undefined
        ? [piece]
        : [
            {
              object: refOf(workload),
              path: replicas(workload).path,
              observed: replicas(workload).available,
              expected: `${replicas(workload).desired} that come up`,
            },
            piece,
          ],
    remedy: { ...trouble.remedy, disturbs: 'Nothing: the other pods go on answering.' },
  });
}

function judgeDown(found: RoutedService, { pods, workloads }: Serving, events: Warnings): Judgement {
  const [workload] = workloads;
  const [pod] = pods.filter(isUnwell);
  const fails = whatFails(found);
  const readable: Fact<Pod[]> = { ok: true, value: [...pods] };
  if (workload !== undefined) {
    const judged = judgeWorkload(workload, readable, disturbs);
    if (judged.outcome === 'failed' || judged.outcome === 'warned') {
      const event =
        pod === undefined
          ? (conditionOf(workload) ??
            lastWarning(
              events,
              namespaceOf(workload),
              /^(ReplicaSet|Deployment|StatefulSet|DaemonSet)$/,
              workload.metadata.name,
            ))
          : lastWarning(events, namespaceOf(pod), /^Pod$/, pod.metadata.name);
      return fail({ ...judged, message: `${judged.message.replace(/\.+$/, '')}: ${fails}.${event}` });
    }
  }
  if (pod !== undefined) {
    const trouble = troubleOf(pod);
    return fail({
      message: `Pod ${nameOf(pod)} ${trouble.text}: ${fails}.${lastWarning(events, namespaceOf(pod), /^Pod$/, pod.metadata.name)}`,
      evidence: [
        {
          object: refOf(pod),
          path: trouble.path,
          observed: trouble.text.replace(/^is /, ''),
          expected: 'a ready container',
        },
      ],
      remedy: { ...trouble.remedy, disturbs },
    });
  }
  return skip(
    workload === undefined && pods.length === 0
      ? `Service ${nameOf(found.service)} selects no pod that could be looked at.`
      : `The pods behind Service ${nameOf(found.service)} do not say that anything is wrong.`,
  );
}

/** What a Deployment says of pods that cannot be made, e.g. for want of quota. */
function conditionOf(workload: Workload): string | undefined {
  if (workload.kind !== 'Deployment') return undefined;
  const says = workload.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return says?.message === undefined ? undefined : ` It says: “${says.message.trim().replace(/\.$/, '')}”.`;
}
