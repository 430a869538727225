/** Whether a workload has what it asks for, and if not, why: findings that every check of a workload shares. */
import { selects } from '../../src/formats/label-selector.ts';
import { refOf, type Evidence, type Judgement, type ObjectRef, type Remedy } from '../../src/runbook/check.ts';
import { finding, type Finding, type Quote } from '../../src/runbook/finding.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { sh, type Shell } from '../../src/runbook/shell.ts';
import {
  isReady,
  troubleEvidence,
  troubleOf,
  troubleRemedy,
  type Pod,
  type Trouble,
  type TroubleKind,
} from './pods.ts';

export type Workload = KubeObject<'Deployment'> | KubeObject<'DaemonSet'> | KubeObject<'StatefulSet'>;

/** How many pods a workload wants, and how many of them serve. */
export function replicas(workload: Workload): { desired: number; available: number; path: string } {
  switch (workload.kind) {
    case 'Deployment':
      return {
        desired: workload.spec?.replicas ?? 1,
        available: workload.status?.availableReplicas ?? 0,
        path: 'status.availableReplicas',
      };
    case 'StatefulSet':
      return {
        desired: workload.spec?.replicas ?? 1,
        available: workload.status?.readyReplicas ?? 0,
        path: 'status.readyReplicas',
      };
    case 'DaemonSet':
      return {
        desired: workload.status?.desiredNumberScheduled ?? 0,
        available: workload.status?.numberAvailable ?? 0,
        path: 'status.numberAvailable',
      };
  }
}

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** The pods that a workload's selector takes; those that have ended, and that it has replaced, left out. */
export const podsOf = (workload: Workload, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(
    (pod) =>
      pod.metadata.namespace === workload.metadata.namespace &&
      selects(workload.spec?.selector, pod.metadata.labels) &&
      pod.status?.phase !== 'Succeeded' &&
      pod.status?.phase !== 'Failed',
  );

/** A workload with what is the matter with it; `X` is what its check has to add. */
export type WorkloadSubject<X = unknown> = {
  workload: Workload;
  /** Its pods that are not ready, the telling one first; none where pods could not be read. */
  unwell: readonly { pod: Pod; trouble: Trouble }[];
} & X;

/** What can be the matter with a workload: what can be with its pods, and that none are asked for. */
type ReplicasFinding = TroubleKind | 'scaledToZero';
export type WorkloadFinding = ReplicasFinding | 'onNoNode';

export interface AboutWorkload<X> {
  /** What headlines call it: `The Tailscale Operator`. Braces name a field of the subject. */
  name: string;
  /** What restarting it interrupts. */
  disturbs: string;
  /** What follows from it, to close the sentence: `so Envoy answers 503`. */
  follows?: (subject: WorkloadSubject<X>) => string;
  /** Which of the check's needs explain it; all of them when left out. */
  explainedBy?: (subject: WorkloadSubject<X>, what: WorkloadFinding) => readonly string[];
  /** A way of the component's own, before the common one. */
  remedy?: (subject: WorkloadSubject<X>, what: WorkloadFinding) => Remedy | undefined;
  /** Whose words stand in for the kubelet's where it has none. */
  quote?: (subject: WorkloadSubject<X>) => Quote | undefined;
}

interface Kind {
  headline: (name: string) => string;
  means: string;
}

const kindsOfTrouble: Readonly<Record<WorkloadFinding, Kind>> = {
  scaledToZero: {
    headline: (name) => `${name} is scaled to zero`,
    means: 'Nobody runs it: it asks for no replica.',
  },
  onNoNode: {
    headline: (name) => `${name} is scheduled on no node`,
    means: 'A DaemonSet runs where its node selector and tolerations match; here no node does.',
  },
  unschedulable: {
    headline: (name) => `${name} finds no node to run on`,
    means: 'The scheduler finds no node with room for its pod, or none that its selector, taints and volumes allow.',
  },
  imageMissing: {
    headline: (name) => `The image of ${name} cannot be pulled`,
    means: 'The registry has no such image, or does not give it to this cluster.',
  },
  notConfigured: {
    headline: (name) => `${name} lacks a Secret or ConfigMap`,
    means: 'A container refers to a Secret, a ConfigMap or a key that is not there, so the kubelet does not start it.',
  },
  crashLoop: {
    headline: (name) => `${name} starts and ends again`,
    means: 'The program ends soon after it starts. Its last words say why: often something that it was told is wrong.',
  },
  notReady: {
    headline: (name) => `${name} runs and is not ready`,
    means: 'The program runs and does not pass its readiness probe, so nothing is sent to it.',
  },
  pending: {
    headline: (name) => `${name} has too few ready pods`,
    means: 'Fewer replicas are available than asked for, and no pod says more than that it is not ready.',
  },
};

type Declared<X, What extends string> = Readonly<Record<What, Finding<WorkloadSubject<X>>>>;

/** What every check of a workload can find: to be spread into its findings, for `judgeWorkload`. */
export const workloadFindings = <X = unknown>(about: AboutWorkload<X>): Declared<X, ReplicasFinding> => ({
  scaledToZero: workloadFinding('scaledToZero', about),
  unschedulable: workloadFinding('unschedulable', about),
  imageMissing: workloadFinding('imageMissing', about),
  notConfigured: workloadFinding('notConfigured', about),
  crashLoop: workloadFinding('crashLoop', about),
  notReady: workloadFinding('notReady', about),
  pending: workloadFinding('pending', about),
});

/** The same, where the workload may be a DaemonSet. */
export const daemonSetFindings = <X = unknown>(about: AboutWorkload<X>): Declared<X, WorkloadFinding> => ({
  ...workloadFindings(about),
  onNoNode: workloadFinding('onNoNode', about),
});

function workloadFinding<X>(what: WorkloadFinding, about: AboutWorkload<X>): Finding<WorkloadSubject<X>> {
  const { name, disturbs, follows, explainedBy, remedy, quote } = about;
  return finding<WorkloadSubject<X>>({
    headline: kindsOfTrouble[what].headline(name),
    means: kindsOfTrouble[what].means,
    outcome: ({ workload }) => {
      const { desired, available } = replicas(workload);
      return available > 0 && desired > 0 ? 'warned' : 'failed';
    },
    message: (subject) => {
      const end = follows?.(subject);
      return `${sentence(subject)}${end === undefined ? '' : `: ${end}`}.`;
    },
    quote: (subject) => subject.unwell[0]?.trouble.quote ?? quote?.(subject),
    evidence: ({ workload, unwell }) => [
      replicasEvidence(workload),
      ...unwell.map(({ pod, trouble }) => troubleEvidence(pod, trouble)),
    ],
    remedies: (subject) => {
      const own = remedy?.(subject, what);
      const common = commonRemedies(subject, what, disturbs);
      return own === undefined ? common : [own, ...common];
    },
    ...(explainedBy === undefined ? {} : { explainedBy: (subject) => explainedBy(subject, what) }),
  });
}

/** Without its full stop. */
function sentence({ workload, unwell }: WorkloadSubject): string {
  const { desired, available } = replicas(workload);
  if (desired === 0) {
    const how = workload.kind === 'DaemonSet' ? 'scheduled on no node' : 'scaled to zero';
    return `${nameOf(workload)} is ${how}, so nothing does its work`;
  }
  const counted = `${nameOf(workload)} has ${available} of ${desired} replicas available`;
  const [first] = unwell;
  return first === undefined ? counted : `${counted}. Pod ${first.pod.metadata.name} ${first.trouble.text}`;
}

function replicasEvidence(workload: Workload): Evidence {
  const object = refOf(workload);
  const { desired, available, path } = replicas(workload);
  if (desired > 0) return { object, path, observed: available, expected: desired };
  const asked = workload.kind === 'DaemonSet' ? 'status.desiredNumberScheduled' : 'spec.replicas';
  return { object, path: asked, observed: 0, expected: 'at least 1' };
}

function commonRemedies(
  { workload, unwell }: WorkloadSubject,
  what: WorkloadFinding,
  disturbs: string,
): readonly [Remedy, ...Remedy[]] {
  const target = sh`-n ${workload.metadata.namespace ?? 'default'} ${workload.kind.toLowerCase()}/${workload.metadata.name}`;
  if (what === 'scaledToZero') {
    const change = { object: refOf(workload), path: 'spec.replicas', to: 1 };
    return [{ title: 'Scale it up again.', change, commands: [sh`kubectl scale ${target} --replicas=1`], disturbs }];
  }
  if (what === 'onNoNode') {
    const commands = [sh`kubectl describe ${target}`];
    return [{ title: 'Let its node selector and tolerations match a node.', commands, disturbs }];
  }
  const [first] = unwell;
  if (first === undefined) {
    const commands = [
      sh`kubectl describe ${target}`,
      sh`kubectl get pods -n ${workload.metadata.namespace ?? 'default'}`,
    ];
    return [{ title: 'Read its events and its pods’: they say what is in the way.', commands, disturbs }];
  }
  const remedy = troubleRemedy(first.pod, first.trouble, disturbs);
  return what === 'crashLoop' && wasChanged(workload) ? [remedy, undo(target, disturbs)] : [remedy];
}

/** A Deployment that was changed before can go back to what it was. */
const wasChanged = (workload: Workload): boolean =>
  workload.kind === 'Deployment' &&
  Number(workload.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 1) > 1;

const undo = (target: Shell, disturbs: string): Remedy => ({
  title: 'If it began with the last change, take that back, in Git too.',
  commands: [sh`kubectl rollout undo ${target}`],
  disturbs,
});

/** That a workload which has to be there is not, neither by its name nor by the image that it would run. */
export const missingWorkload = <X = object>({
  name,
  object,
  remedies,
}: {
  name: string;
  object: ObjectRef;
  remedies: readonly Remedy[];
}): Finding<X> =>
  finding<X>({
    headline: `${name} is not installed`,
    means: `Nothing in the cluster runs it, under the name that runbooks/stack.ts gives or any other.`,
    message: () =>
      `${name} is not there: no ${object.kind} ${object.namespace ?? ''}/${object.name}, and none that runs its image.`,
    evidence: () => [{ object, path: 'metadata.name', observed: 'not found', expected: 'exists' }],
    remedies: () => [remedies[0] ?? correctName, ...remedies.slice(1), ...(remedies.length === 0 ? [] : [correctName])],
    explainedBy: () => [],
  });

export const correctName: Remedy = {
  title: 'If it runs under another name, correct its namespace and name in runbooks/stack.ts.',
  commands: [sh`kubectl get deployment,statefulset,daemonset -A`],
  disturbs: 'Nothing.',
};

type Says<X, What extends string> = Readonly<Record<What, (subject: WorkloadSubject<X>) => Judgement>>;

/**
 * Judges that a workload can do its work: at least one replica available; fewer than asked for is a warning.
 *
 * @param pods The pods of the cluster, for the reason; when they could not be read the judgement does without.
 */
export function judgeWorkload<X = unknown>(
  workload: Workload,
  pods: Fact<Pod[]>,
  find: Says<X, ReplicasFinding> & Partial<Says<X, 'onNoNode'>>,
  more: X,
): Judgement {
  const { desired, available } = replicas(workload);
  if (available >= desired && desired > 0) {
    return { outcome: 'passed', message: `${nameOf(workload)} has ${available} of ${desired} replicas available.` };
  }
  const unwell = pods.ok && desired > 0 ? podsOf(workload, pods.value).filter((pod) => !isReady(pod)) : [];
  const subject = { workload, unwell: unwell.map((pod) => ({ pod, trouble: troubleOf(pod) })), ...more };
  if (desired === 0) return ((workload.kind === 'DaemonSet' && find.onNoNode) || find.scaledToZero)(subject);
  return find[subject.unwell[0]?.trouble.kind ?? 'pending'](subject);
}
