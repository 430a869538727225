/**
 * Whether a workload has what it asks for, and if not, why: the state of its pods in words.
 */
import { selects } from '../../src/formats/label-selector.ts';
import { refOf, type Evidence, type Judgement, type Remedy } from '../../src/runbook/check.ts';
import type { Fact } from '../../src/runbook/fact.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../src/runbook/shell.ts';

export type Workload = KubeObject<'Deployment'> | KubeObject<'DaemonSet'> | KubeObject<'StatefulSet'>;
type Pod = KubeObject<'Pod'>;

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

const nameOf = (object: KubeObject): string =>
  `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;

/**
 * Judges that a workload can do its work: at least one replica available; fewer than asked for is a warning.
 *
 * @param pods The pods of the cluster, for the reason; when they could not be read the judgement does without.
 */
export function judgeWorkload(workload: Workload, pods: Fact<Pod[]>, disturbs: string): Judgement {
  const { desired, available, path } = replicas(workload);
  if (available >= desired && desired > 0) {
    return { outcome: 'passed', message: `${nameOf(workload)} has ${available} of ${desired} replicas available.` };
  }
  const object = refOf(workload);
  const target = sh`-n ${workload.metadata.namespace ?? 'default'} ${workload.kind.toLowerCase()}/${workload.metadata.name}`;
  if (desired === 0) {
    const isDaemonSet = workload.kind === 'DaemonSet';
    return {
      outcome: 'failed',
      message: `${nameOf(workload)} is ${isDaemonSet ? 'scheduled on no node' : 'scaled to zero'}, so nothing does its work.`,
      evidence: [
        isDaemonSet
          ? { object, path: 'status.desiredNumberScheduled', observed: 0, expected: 'at least 1' }
          : { object, path: 'spec.replicas', observed: 0, expected: 'at least 1' },
      ],
      remedy: isDaemonSet
        ? {
            summary: 'Let its node selector and tolerations match a node.',
            commands: [sh`kubectl describe ${target}`],
            disturbs,
          }
        : { summary: 'Scale it up again.', commands: [sh`kubectl scale ${target} --replicas=1`], disturbs },
    };
  }
  const unwell = pods.ok ? podsOf(workload, pods.value).filter((pod) => !isReady(pod)) : [];
  const troubles = unwell.map((pod) => ({ pod, trouble: troubleOf(pod) }));
  const first = troubles[0];
  const why = first === undefined ? '' : ` Pod ${first.pod.metadata.name} ${first.trouble.text}.`;
  const evidence: [Evidence, ...Evidence[]] = [
    { object, path, observed: available, expected: desired },
    ...troubles.map(({ pod, trouble }) => ({
      object: refOf(pod),
      path: trouble.path,
      observed: trouble.text.replace(/^is /, ''),
      expected: 'a ready container',
    })),
  ];
  const message = `${nameOf(workload)} has ${available} of ${desired} replicas available.${why}`;
  const remedy: Remedy = first?.trouble.remedy ?? {
    summary: 'Its events and its pods’ say what is in the way.',
    commands: [sh`kubectl describe ${target}`, sh`kubectl get pods -n ${workload.metadata.namespace ?? 'default'}`],
    disturbs,
  };
  const cure = first?.trouble.ends === true ? orUndo(workload, target, remedy) : remedy;
  return { outcome: available === 0 ? 'failed' : 'warned', message, evidence, remedy: { ...cure, disturbs } };
}

/** A Deployment that was changed before can go back to what it was. */
function orUndo(workload: Workload, target: Shell, remedy: Remedy): Remedy {
  const revision = Number(workload.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 1);
  if (workload.kind !== 'Deployment' || !(revision > 1)) return remedy;
  return {
    ...remedy,
    summary: `${remedy.summary} If it began with the last change, take that back, in Git too.`,
    commands: [...remedy.commands, sh`kubectl rollout undo ${target}`],
  };
}

/** The pods that a workload's selector takes; those that have ended, and that it has replaced, left out. */
export const podsOf = (workload: Workload, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(
    (pod) =>
      pod.metadata.namespace === workload.metadata.namespace &&
      selects(workload.spec?.selector, pod.metadata.labels) &&
      pod.status?.phase !== 'Succeeded' &&
      pod.status?.phase !== 'Failed',
  );

export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some((candidate) => candidate.type === 'Ready' && candidate.status === 'True') ?? false;

interface Trouble {
  text: string;
  path: string;
  remedy: Remedy;
  /** The program itself ends: what it was told may be wrong. */
  ends?: boolean;
}

/** The kubelet refuses such a container before it starts: it has no log. */
const hasNeverRun = (reason: string | undefined): boolean => reason === 'CreateContainerConfigError';

/** What a container that ended may tell; one that the kernel killed for its memory tells nothing of why. */
const lastWords = (name: string, reason: string | undefined, ends: 'ends' | 'ended'): string =>
  reason === 'OOMKilled'
    ? `Raise the memory limit of container ${name}, or find out what takes so much: it was killed for its memory.`
    : `Read the last words of container ${name}: they say why it ${ends}.`;

/** Why a pod is not ready, from the deepest state that its status shows. */
export function troubleOf(pod: Pod): Trouble {
  const where = place(pod.metadata);
  const describe = (summary: string): Remedy => ({
    summary,
    commands: [sh`kubectl describe pod ${where}`],
    disturbs: '',
  });

  const scheduled = pod.status?.conditions?.find((candidate) => candidate.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return {
      text: `cannot be scheduled: ${(scheduled.message ?? scheduled.reason ?? 'no reason given').replace(/\.$/, '')}`,
      path: 'status.conditions[?(@.type=="PodScheduled")]',
      remedy: describe('Make room on a node, or mend the node selector, taints or volumes that the message names.'),
    };
  }
  for (const list of ['initContainerStatuses', 'containerStatuses'] as const) {
    for (const status of pod.status?.[list] ?? []) {
      const path = `status.${list}[?(@.name=="${status.name}")]`;
      const waiting = status.state?.waiting;
      const ended = status.state?.terminated ?? status.lastState?.terminated;
      const restarts = status.restartCount === 1 ? '1 restart' : `${status.restartCount} restarts`;
      const exit =
        ended === undefined ? '' : `, last exit code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`;
      if (waiting !== undefined && waiting.reason !== 'PodInitializing' && waiting.reason !== 'ContainerCreating') {
        const isImage = /Image/.test(waiting.reason ?? '');
        const message = waiting.message && !ended ? `: ${waiting.message.replace(/\.$/, '')}` : '';
        return {
          text: `is in ${waiting.reason ?? 'waiting'}, container ${status.name}${exit}${status.restartCount > 0 ? `, ${restarts}` : ''}${message}`,
          path,
          remedy: isImage
            ? describe(
                `Make the image ${status.image} available: correct its name or tag, or the registry’s credentials.`,
              )
            : hasNeverRun(waiting.reason)
              ? describe('Create the Secret, ConfigMap or key that the message names, or correct the reference to it.')
              : {
                  summary: lastWords(status.name, ended?.reason, 'ends'),
                  commands: [sh`kubectl logs ${where} -c ${status.name} --previous --tail=50`],
                  disturbs: '',
                },
          ends: !isImage && !hasNeverRun(waiting.reason),
        };
      }
      if (waiting !== undefined) {
        return {
          text: `is waiting (${waiting.reason ?? 'no reason'})`,
          path,
          remedy: describe('Its events say what it waits for.'),
        };
      }
      if (status.state?.running !== undefined && list === 'initContainerStatuses') {
        if (status.ready || status.started === true) continue;
        return {
          text: `is still starting: init container ${status.name} is at work`,
          path,
          remedy: describe('Wait for it, or read its log if it takes long.'),
        };
      }
      if (
        status.state?.terminated !== undefined &&
        (list === 'containerStatuses' || status.state.terminated.exitCode !== 0)
      ) {
        return {
          text: `has a container ${status.name} that has ended${exit}${status.restartCount > 0 ? `, ${restarts}` : ''}`,
          path,
          remedy: {
            summary: lastWords(status.name, ended?.reason, 'ended'),
            commands: [sh`kubectl logs ${where} -c ${status.name} --tail=50`],
            disturbs: '',
          },
        };
      }
      if (!status.ready && list === 'containerStatuses') {
        return {
          text: `has a container ${status.name} that runs but is not ready${exit}${status.restartCount > 0 ? `, ${restarts}` : ''}`,
          path,
          remedy: {
            summary: `Container ${status.name} does not pass its readiness probe: its log and the pod’s events say why.`,
            commands: [sh`kubectl logs ${where} -c ${status.name} --tail=50`, sh`kubectl describe pod ${where}`],
            disturbs: '',
          },
        };
      }
    }
  }
  return {
    text: `is ${pod.status?.phase ?? 'without status'} and not ready${pod.status?.reason ? ` (${pod.status.reason})` : ''}`,
    path: 'status.phase',
    remedy: describe('Its events say what is in the way.'),
  };
}
