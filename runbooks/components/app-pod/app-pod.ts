/** App pod: what finally answers, and the workload that keeps it running. */
import { defineCheck, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find, type Quote } from '../../../src/runbook/finding.ts';
import type { Fact } from '../../../src/runbook/fact.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { allOf } from '../../../src/runbook/open-list.ts';
import { plain, raw } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { knownOr } from '../../../src/runbook/told.ts';
import {
  backendsOf,
  isUnwell,
  routedServices,
  selectorOf,
  servingOf,
  whatFails,
  type RoutedService,
  type Serving,
} from '../../models/backends.ts';
import { endingNamespace, namespaceEnding } from '../../models/namespaces.ts';
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
import { partNames } from '../../parts.ts';
import { isReady, troubleEvidence, troubleOf, troubleRemedy, type Pod } from '../../models/pods.ts';
import { daemonSetFindings, judgeWorkload, replicas, type Workload } from '../../models/workloads.ts';
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
    workloads: allOf(values.deployments, values.statefulSets, values.daemonSets),
  };
  return routedServices(backendsOf(tailnetRoutes(values, inputs), values.services)).map((found) => ({
    routed: found,
    serving: servingOf(found.service, cluster),
  }));
};

export const noServices = 'No rule of a route on the Gateway sends requests to a Service that exists.';

type Warnings = Fact<KubeObject<'Event'>[]>;

/** What was last complained of an object, or of one whose name begins like it (a Deployment's ReplicaSets). */
function lastWarning(events: Warnings, namespace: string, kind: RegExp, name: string): Quote | undefined {
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
  return last?.message ? { text: last.message.trim(), by: 'its last Event' } : undefined;
}

const disturbs = 'Nothing that works now.';

/** An app that does not answer, and what that does to its route. */
interface Down {
  routed: RoutedService;
  said: Quote | undefined;
}

/** Vault is an app like the others, and has a check of its own that knows why it is not ready. */
const explainedBy = ({ routed: { service } }: Down): readonly string[] =>
  namespaceOf(service) === partNames.vault.namespace ? [vault.ready.id] : [];

const findings = {
  ...daemonSetFindings<Down>({
    name: '{workload}',
    disturbs,
    follows: ({ routed }) => whatFails(routed),
    quote: ({ said }) => said,
    explainedBy,
  }),
  namespaceEnding: namespaceEnding<{ routed: RoutedService }>({
    headline: 'Namespace {namespace} is being deleted',
    means: 'Whatever was in the namespace goes with it, the app behind the route too.',
    takes: ({ routed }) => `the app behind Service ${nameOf(routed.service)} with it: ${whatFails(routed)}`,
    explainedBy: () => [],
  }),
  podDown: finding<Down & { pod: Pod }>({
    headline: 'Pod {pod} is not ready',
    means: 'The only pod behind a route is not ready, and nothing keeps it running: neither a Deployment nor its like.',
    message: ({ pod, routed }) => `Pod ${nameOf(pod)} ${troubleOf(pod).text}: ${whatFails(routed)}.`,
    quote: ({ pod, said }) => troubleOf(pod).quote ?? said,
    evidence: ({ pod }) => [troubleEvidence(pod, troubleOf(pod))],
    remedies: ({ pod }) => [troubleRemedy(pod, troubleOf(pod), disturbs)],
    explainedBy,
  }),
  podStuck: finding<{ pod: Pod; workload: Workload | undefined; service: KubeObject<'Service'> }>({
    headline: 'A pod behind {service} does not come up',
    means: 'The app still answers from its other pods. When the last good one goes, it answers no more.',
    outcome: 'warned',
    message: ({ pod, service }) =>
      `The app behind Service ${nameOf(service)} still answers, but its pod ${pod.metadata.name} ${troubleOf(pod).text}.`,
    quote: ({ pod }) => troubleOf(pod).quote,
    evidence: ({ pod, workload }) => {
      const piece = troubleEvidence(pod, troubleOf(pod));
      if (workload === undefined) return [piece];
      const { path, available, desired } = replicas(workload);
      return [{ object: refOf(workload), path, observed: available, expected: `${desired} that come up` }, piece];
    },
    remedies: ({ pod }) => [troubleRemedy(pod, troubleOf(pod), 'Nothing: the other pods go on answering.')],
  }),
};

export const ready = defineCheck({
  id: 'app-pod/ready',
  title: 'Every routed app has a ready pod',
  why: 'Without a ready pod the app’s Service has no endpoint, and Envoy answers 503.',
  needs: [envoyGateway.kindsInstalled, vault.ready],
  reads: { ...reads, namespaces: raw(namespaces), warnings: raw(warnings) },
  commands: [sh`kubectl get pods -A`, sh`kubectl get events -A --field-selector=type=Warning`],
  findings,
  judge(values, { inputs, find }) {
    const all = routed(values, inputs).filter(({ routed: { service } }) => selectorOf(service) !== undefined);
    if (all.length === 0) return skip(noServices);
    return all.map((one): Judgement => {
      const { serving } = one;
      // Where not all is known of what is behind the Service, a pod that is ready is enough.
      const answers = knownOr(undefined, () => serving.answers) ?? (serving.pods.some(isReady) || serving.answers);
      if (answers) return judgeRest(one.routed.service, one.serving, find);
      const namespace = endingNamespace(namespaceOf(one.routed.service), values.namespaces);
      return namespace === undefined
        ? judgeDown(one.routed, one.serving, values.warnings, find)
        : find.namespaceEnding({ namespace, routed: one.routed });
    });
  },
});

/** An app that answers; a pod of it that cannot come up is told before the last good one goes. */
function judgeRest(service: KubeObject<'Service'>, serving: Serving, find: Find<typeof findings>): Judgement {
  const pod = serving.pods.filter(isUnwell).find((one) => !['notReady', 'pending'].includes(troubleOf(one).kind));
  return pod === undefined
    ? pass(`The app behind Service ${nameOf(service)} has a ready pod.`)
    : find.podStuck({ pod, workload: knownOr(undefined, () => serving.workloads[0]), service });
}

function judgeDown(
  found: RoutedService,
  { pods, workloads: [workload] }: Serving,
  events: Warnings,
  find: Find<typeof findings>,
): Judgement {
  const [pod] = pods.filter(isUnwell);
  const said = pod === undefined ? undefined : lastWarning(events, namespaceOf(pod), /^Pod$/, pod.metadata.name);
  if (workload !== undefined) {
    const words = pod === undefined ? saidOf(workload, events) : said;
    const judged = judgeWorkload(workload, { ok: true, value: [...pods] }, find, { routed: found, said: words });
    // It may have pods left by its own count: behind the Service there is none.
    if (judged.outcome === 'failed' || judged.outcome === 'warned') return { ...judged, outcome: 'failed' };
  }
  if (pod !== undefined) return find.podDown({ pod, routed: found, said });
  return skip(
    workload === undefined && pods.length === 0
      ? `Service ${nameOf(found.service)} selects no pod that could be looked at.`
      : `The pods behind Service ${nameOf(found.service)} do not say that anything is wrong.`,
  );
}

/** What is said of pods that cannot be made, e.g. for want of quota. */
function saidOf(workload: Workload, events: Warnings): Quote | undefined {
  const conditions = workload.kind === 'Deployment' ? workload.status?.conditions : undefined;
  const says = conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (says?.message !== undefined) return { text: says.message.trim(), by: 'its condition ReplicaFailure' };
  const kinds = /^(ReplicaSet|Deployment|StatefulSet|DaemonSet)$/;
  return lastWarning(events, namespaceOf(workload), kinds, workload.metadata.name);
}
