/** Why a pod is not ready, from the deepest state that its status shows: pure. */
import type { Evidence, Remedy } from '../../src/runbook/check.ts';
import { refOf } from '../../src/runbook/check.ts';
import type { Quote } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { place, sh } from '../../src/runbook/shell.ts';

export type Pod = KubeObject<'Pod'>;
type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** What can be the matter with a pod; each calls for another remedy. */
export type TroubleKind = 'unschedulable' | 'imageMissing' | 'notConfigured' | 'crashLoop' | 'notReady' | 'pending';

export interface Trouble {
  kind: TroubleKind;
  /** What the pod is or does, to follow its name: `is in CrashLoopBackOff, container main`. */
  text: string;
  /** Where in the pod that stands. */
  path: string;
  quote: Quote | undefined;
  container?: ContainerStatus;
  /** A container that the kernel killed for its memory tells nothing of why. */
  isOutOfMemory?: boolean;
  /** The log of the container before this one is what tells. */
  isPrevious?: boolean;
}

export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((candidate) => candidate.type === 'Ready' && candidate.status === 'True') ?? false;

export function troubleOf(pod: Pod): Trouble {
  return (
    scheduling(pod) ??
    (pod.status?.initContainerStatuses ?? []).map(initTrouble).find((found) => found !== undefined) ??
    (pod.status?.containerStatuses ?? []).map(mainTrouble).find((found) => found !== undefined) ?? {
      kind: 'pending',
      text: `is ${pod.status?.phase ?? 'without status'} and not ready${pod.status?.reason ? ` (${pod.status.reason})` : ''}`,
      path: 'status.phase',
      quote: undefined,
    }
  );
}

function scheduling(pod: Pod): Trouble | undefined {
  const scheduled = pod.status?.conditions?.find((candidate) => candidate.type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return {
    kind: 'unschedulable',
    text: `cannot be scheduled${scheduled.message || scheduled.reason === undefined ? '' : ` (${scheduled.reason})`}`,
    path: 'status.conditions[?(@.type=="PodScheduled")]',
    quote: quoteOf(scheduled.message, 'the scheduler, in the pod’s condition PodScheduled'),
  };
}

const initTrouble = (status: ContainerStatus): Trouble | undefined => {
  const path = pathOf('initContainerStatuses', status);
  if (status.state?.running !== undefined && !status.ready && status.started !== true) {
    const text = `is still starting: init container ${status.name} is at work`;
    return { kind: 'pending', text, path, quote: undefined, container: status };
  }
  const hasFailed = status.state?.terminated !== undefined && status.state.terminated.exitCode !== 0;
  return waitingTrouble(status, path) ?? (hasFailed ? endedTrouble(status, path) : undefined);
};

const mainTrouble = (status: ContainerStatus): Trouble | undefined => {
  const path = pathOf('containerStatuses', status);
  const ended = status.state?.terminated === undefined ? undefined : endedTrouble(status, path);
  return waitingTrouble(status, path) ?? ended ?? (status.ready ? undefined : unreadyTrouble(status, path));
};

function waitingTrouble(status: ContainerStatus, path: string): Trouble | undefined {
  const waiting = status.state?.waiting;
  if (waiting === undefined) return undefined;
  const { reason = 'waiting' } = waiting;
  const about = { path, container: status };
  if (reason === 'PodInitializing' || reason === 'ContainerCreating' || waiting.reason === undefined) {
    const text = `is waiting (${waiting.reason ?? 'no reason'})`;
    return { kind: 'pending', text, quote: quoteOf(waiting.message, 'the kubelet'), ...about };
  }
  // The kubelet refuses such a container before it starts: it has no log.
  const kind = /Image/.test(reason)
    ? 'imageMissing'
    : reason === 'CreateContainerConfigError'
      ? 'notConfigured'
      : 'crashLoop';
  return {
    kind,
    text: `is in ${reason}, container ${status.name}${lastExit(status)}${status.restartCount > 0 ? `, ${restarts(status)}` : ''}`,
    // Of a container that ran, its last exit tells more than how long the kubelet waits.
    quote: lastEnd(status) === undefined ? quoteOf(waiting.message, 'the kubelet') : undefined,
    isOutOfMemory: lastEnd(status)?.reason === 'OOMKilled',
    isPrevious: kind === 'crashLoop',
    ...about,
  };
}

const endedTrouble = (status: ContainerStatus, path: string): Trouble => ({
  kind: 'crashLoop',
  text: `has a container ${status.name} that has ended${lastExit(status)}${status.restartCount > 0 ? `, ${restarts(status)}` : ''}`,
  path,
  quote: undefined,
  container: status,
  isOutOfMemory: lastEnd(status)?.reason === 'OOMKilled',
});

const unreadyTrouble = (status: ContainerStatus, path: string): Trouble => ({
  kind: 'notReady',
  text: `has a container ${status.name} that runs but is not ready${lastExit(status)}${status.restartCount > 0 ? `, ${restarts(status)}` : ''}`,
  path,
  quote: undefined,
  container: status,
});

const pathOf = (list: 'initContainerStatuses' | 'containerStatuses', { name }: ContainerStatus): string =>
  `status.${list}[?(@.name=="${name}")]`;

const lastEnd = ({ state, lastState }: ContainerStatus) => state?.terminated ?? lastState?.terminated;

function lastExit(status: ContainerStatus): string {
  const ended = lastEnd(status);
  return ended === undefined ? '' : `, last exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`;
}

const restarts = ({ restartCount }: ContainerStatus): string =>
  restartCount === 1 ? '1 restart' : `${restartCount} restarts`;

const quoteOf = (text: string | undefined, by: string): Quote | undefined =>
  text === undefined || text.trim() === '' ? undefined : { text: text.trim(), by };

/** What a pod's trouble shows of it. */
export const troubleEvidence = (pod: Pod, { path, text }: Trouble): Evidence => ({
  object: refOf(pod),
  path,
  observed: text.replace(/^is /, ''),
  expected: 'a ready container',
});

/** What to do about a pod's trouble. */
export function troubleRemedy(pod: Pod, trouble: Trouble, disturbs: string): Remedy {
  const { kind, container, isOutOfMemory = false, isPrevious = false } = trouble;
  const where = place(pod.metadata);
  const describe = [sh`kubectl describe pod ${where}`];
  const name = container?.name ?? '';
  const log = isPrevious
    ? sh`kubectl logs ${where} -c ${name} --previous --tail=50`
    : sh`kubectl logs ${where} -c ${name} --tail=50`;
  switch (kind) {
    case 'unschedulable':
      return {
        title: 'Make room on a node, or mend the node selector, taints or volumes that the scheduler names.',
        ...{ commands: describe, disturbs },
      };
    case 'imageMissing':
      return {
        title: `Make the image ${container?.image ?? ''} available: correct its name or tag, or the registry’s credentials.`,
        ...{ commands: describe, disturbs },
      };
    case 'notConfigured':
      return {
        title: 'Create the Secret, ConfigMap or key that the kubelet names, or correct the reference to it.',
        ...{ commands: describe, disturbs },
      };
    case 'crashLoop':
      return {
        title: isOutOfMemory
          ? `Raise the memory limit of container ${name}, or find out what takes so much: it was killed for its memory.`
          : `Read the last words of container ${name}: they say why it ends.`,
        ...{ commands: [log], disturbs },
      };
    case 'notReady':
      return {
        title: `Find out why container ${name} does not pass its readiness probe: its log and the pod’s events say.`,
        ...{ commands: [log, ...describe], disturbs },
      };
    case 'pending':
      return { title: 'Read its events: they say what it waits for.', commands: describe, disturbs };
  }
}
