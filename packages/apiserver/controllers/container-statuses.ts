/** The status of a container, from one look at it to the next. */
import { sha256Hex } from '../bytes/sha256.ts';
import { at, condition, type Fields, fieldsOf, list, number, text } from '../objects/fields.ts';
import { type StoredObject, timestamp } from '../objects/object.ts';
import type { Cluster } from './cluster.ts';
import type { Behaviour, Containers } from './containers.ts';
import { begin, saying } from './kubelet-events.ts';
import { missingConfig } from './pod-sources.ts';

/** What becomes of a container; the status that it has, when nothing changes. */
export function follow(
  cluster: Cluster,
  { isMissing, behaviourOf }: Containers,
  pod: StoredObject,
  container: unknown,
  old: unknown,
): unknown {
  const image = text(container, 'image');
  const restarts = number(old, 'restartCount');
  const isRunning = at(old, 'state', 'running') !== undefined;
  const last = fieldsOf(old, 'lastState');
  if (isMissing(image) && !isRunning) {
    const detail = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
    const say = saying(cluster, pod, container);
    say('Normal', 'Pulling', `Pulling image "${image}"`);
    say('Warning', 'Failed', `Failed to pull image "${image}": rpc error: code = NotFound desc = ${detail}`);
    say('Warning', 'Failed', 'Error: ErrImagePull');
    say('Normal', 'BackOff', `Back-off pulling image "${image}"`);
    say('Warning', 'Failed', 'Error: ImagePullBackOff');
    const message = `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = ${detail}`;
    return waiting(container, restarts, 'ImagePullBackOff', message, last);
  }
  const config = isRunning ? undefined : missingConfig(cluster, pod, container);
  if (config !== undefined) {
    saying(cluster, pod, container)('Warning', 'Failed', `Error: ${config}`);
    return waiting(container, restarts, 'CreateContainerConfigError', config, last);
  }
  const behaviour = behaviourOf(pod, container);
  switch (behaviour.kind) {
    case 'serves':
      if (!isRunning) begin(cluster, pod, container);
      return isRunning && at(old, 'ready') === true ? old : running(cluster, container, old, true);
    case 'is not ready':
      if (!isRunning) begin(cluster, pod, container);
      saying(cluster, pod, container)('Warning', 'Unhealthy', `Readiness probe failed: ${behaviour.why}`);
      return isRunning && at(old, 'ready') === false ? old : running(cluster, container, old, false);
    case 'crashes':
      return crashing(cluster, pod, container, behaviour, last);
    case 'ends':
      if (!isRunning) begin(cluster, pod, container);
      return isRunning ? terminated(cluster, container, old, behaviour.run()) : running(cluster, container, old, true);
  }
}

const base = (container: unknown, restartCount: number): Fields => ({
  name: text(container, 'name'),
  image: text(container, 'image'),
  imageID: '',
  ready: false,
  started: false,
  restartCount,
  lastState: {},
});

export const waiting = (
  container: unknown,
  restarts: number,
  reason: string,
  message: string | undefined,
  lastState: Fields,
): Fields => ({
  ...base(container, restarts),
  lastState,
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});

const running = (cluster: Cluster, container: unknown, old: unknown, ready: boolean): Fields => {
  const since = text(old, 'state', 'running', 'startedAt') || cluster.timestamp;
  // One that crashed runs again as soon as it can: a real one only when its back-off is over, in five minutes at most.
  const isRestart = since === cluster.timestamp && at(old, 'lastState', 'terminated') !== undefined;
  return {
    ...base(container, number(old, 'restartCount') + (isRestart && at(old, 'state', 'waiting') !== undefined ? 1 : 0)),
    imageID: imageId(text(container, 'image')),
    ready,
    started: true,
    state: { running: { startedAt: since } },
    lastState: fieldsOf(old, 'lastState'),
  };
};

export const terminated = (cluster: Cluster, container: unknown, old: unknown, exitCode: number): Fields => ({
  ...base(container, 0),
  imageID: imageId(text(container, 'image')),
  state: {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: text(old, 'state', 'running', 'startedAt'),
      finishedAt: cluster.timestamp,
    },
  },
});

/** The first restart comes at once, the next after 10 s, 20 s and so on up to five minutes [pkg/kubelet/kuberuntime, doBackOff]. */
function crashing(
  cluster: Cluster,
  pod: StoredObject,
  container: unknown,
  { exitCode, say }: Extract<Behaviour, { kind: 'crashes' }>,
  last: Fields,
): Fields {
  const ready = list(pod, 'status', 'conditions').find((entry) => text(entry, 'type') === 'Ready');
  const isNew = condition(at(pod, 'status'), 'Ready') === 'True';
  const began = isNew ? cluster.now.getTime() : Date.parse(text(ready, 'lastTransitionTime'));
  const elapsed = Math.max(0, (cluster.now.getTime() - began) / 1000);
  let [restarts, at_, pause] = [1, 0, 10];
  while (at_ + pause <= elapsed) {
    at_ += pause;
    restarts += 1;
    pause = Math.min(300, pause * 2);
  }
  const ended = timestamp(new Date(began + at_ * 1000));
  const name = text(container, 'name');
  const duration = pause >= 60 ? `${Math.floor(pause / 60)}m${pause % 60}s` : `${pause}s`;
  const message = `back-off ${duration} restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`;
  const known = text(last, 'terminated', 'finishedAt');
  const isSameRun = known !== '' && Math.abs(Date.parse(known) - Date.parse(ended)) < 1000;
  if (!isSameRun) {
    begin(cluster, pod, container);
    say(new Date(ended));
  }
  saying(cluster, pod, container)(
    'Warning',
    'BackOff',
    `Back-off restarting failed container ${name} in pod ${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`,
  );
  const finishedAt = isSameRun ? known : ended;
  return {
    ...base(container, restarts),
    imageID: imageId(text(container, 'image')),
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: { terminated: { exitCode, reason: 'Error', startedAt: finishedAt, finishedAt } },
  };
}

/** By the digest that was asked for; where there is none, a registry's answer is made up. */
function imageId(image: string): string {
  const [name = '', digest = `sha256:${sha256Hex(image)}`] = image.split('@');
  return `${name.replace(/:[^:/]+$/, '')}@${digest}`;
}
