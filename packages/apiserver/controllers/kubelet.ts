/**
 * The scheduler and the kubelet of every node: they place pods, start containers, and say how those fare [Kubernetes 1.36].
 *
 * A pod's way from Pending to Running takes two passes, so that who watches sees it go.
 */
import { sha256Hex } from '../bytes/sha256.ts';
import { at, condition, fieldsOf, list, number, text, type Fields } from '../objects/fields.ts';
import { timestamp, type StoredObject } from '../objects/object.ts';
import { kinds, type Cluster } from './cluster.ts';
import type { Condition } from './cluster.ts';
import { isTerminating } from '../state/state.ts';
import type { Behaviour, Containers } from './containers.ts';

/** The scheduler and kubelets of a cluster whose containers do as they are said to. */
export const kubeletOf =
  <C extends Cluster>(containersOf: (cluster: C) => Containers): ((cluster: C) => void) =>
  (cluster) =>
    kubelet(cluster, containersOf(cluster));

function kubelet(cluster: Cluster, containers: Containers): void {
  const addresses = new Set(cluster.list(kinds.Pod).map((pod) => text(pod, 'status', 'podIP')));
  for (const pod of cluster.list(kinds.Pod)) {
    if (isTerminating(pod)) {
      stop(cluster, pod);
      continue;
    }
    if (['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase'))) continue;
    const placed = text(pod, 'spec', 'nodeName') === '' ? schedule(cluster, pod) : pod;
    if (placed === undefined) continue;
    if (list(placed, 'status', 'containerStatuses').length === 0) admit(cluster, placed);
    else run(cluster, containers, placed, addresses);
  }
}

/** A pod that is to go stops its containers, and goes when they have: two passes, however much time it was given. */
function stop(cluster: Cluster, pod: StoredObject): void {
  const statuses = list(pod, 'status', 'containerStatuses');
  if (!statuses.some((status) => at(status, 'state', 'running') !== undefined)) {
    cluster.remove(pod, { graceSeconds: 0 });
    return;
  }
  for (const status of statuses) {
    cluster.event(pod, 'kubelet', 'Normal', 'Killing', `Stopping container ${text(status, 'name')}`);
  }
  const names = statuses.map((status) => text(status, 'name')).join(' ');
  const unready = { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
  cluster.setStatus(pod, {
    conditions: cluster.conditions(
      list(pod, 'status', 'conditions'),
      { type: 'Ready', status: 'False', ...unready },
      { type: 'ContainersReady', status: 'False', ...unready },
    ),
    containerStatuses: list(pod, 'spec', 'containers').map((container) => {
      const old = statuses.find((status) => text(status, 'name') === text(container, 'name'));
      return at(old, 'state', 'running') === undefined ? old : terminated(cluster, container, old, 0);
    }),
  });
}

function schedule(cluster: Cluster, pod: StoredObject): StoredObject | undefined {
  const nodes = cluster.list(kinds.Node);
  const [node] = nodes;
  const claim = list(pod, 'spec', 'volumes')
    .map((volume) => text(volume, 'persistentVolumeClaim', 'claimName'))
    .find(
      (name) => name !== '' && cluster.get(kinds.PersistentVolumeClaim, pod.metadata.namespace, name) === undefined,
    );
  if (node !== undefined && claim === undefined) {
    cluster.event(
      pod,
      'default-scheduler',
      'Normal',
      'Scheduled',
      `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${node.metadata.name}`,
    );
    return cluster.replace({ ...pod, spec: { ...fieldsOf(pod, 'spec'), nodeName: node.metadata.name } });
  }
  // Without any node nothing else is looked at [schedule_one.go, ErrNoNodesAvailable].
  const message =
    node === undefined || claim === undefined
      ? 'no nodes available to schedule pods'
      : `0/${nodes.length} nodes are available: persistentvolumeclaim "${claim}" not found.`;
  if (text(list(pod, 'status', 'conditions')[0], 'message') !== message)
    cluster.event(pod, 'default-scheduler', 'Warning', 'FailedScheduling', message);
  cluster.setStatus(pod, {
    phase: 'Pending',
    conditions: cluster.conditions(list(pod, 'status', 'conditions'), {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
    }),
  });
  return undefined;
}

/** The node takes the pod: nothing runs yet. */
function admit(cluster: Cluster, pod: StoredObject): void {
  const node = cluster.get(kinds.Node, undefined, text(pod, 'spec', 'nodeName'));
  const hostIP = text(
    list(node, 'status', 'addresses').find((address) => text(address, 'type') === 'InternalIP'),
    'address',
  );
  const containers = list(pod, 'spec', 'containers');
  const names = containers.map((container) => text(container, 'name')).join(' ');
  const unready = { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
  cluster.setStatus(pod, {
    phase: 'Pending',
    conditions: cluster.conditions(
      [],
      { type: 'PodReadyToStartContainers', status: 'False' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'False', ...unready },
      { type: 'ContainersReady', status: 'False', ...unready },
      { type: 'PodScheduled', status: 'True' },
    ),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: cluster.timestamp,
    containerStatuses: containers.map((container) => waiting(container, 0, 'ContainerCreating', undefined, {})),
    qosClass: qualityOf(containers),
  });
}

function run(cluster: Cluster, life: Containers, pod: StoredObject, addresses: Set<string>): void {
  const containers = list(pod, 'spec', 'containers');
  const old = list(pod, 'status', 'containerStatuses');
  const mount = missingVolume(cluster, pod);
  const starting = old.some((status) => text(status, 'state', 'waiting', 'reason') === 'ContainerCreating');
  if (mount !== undefined && starting) {
    saying(cluster, pod)('Warning', 'FailedMount', mount);
    return;
  }
  const statuses = containers.map((container) =>
    follow(
      cluster,
      life,
      pod,
      container,
      old.find((status) => text(status, 'name') === text(container, 'name')),
    ),
  );
  const ended = statuses.filter((status) => at(status, 'state', 'terminated') !== undefined);
  const unready = statuses.filter((status) => at(status, 'ready') !== true).map((status) => text(status, 'name'));
  const isOver = ended.length === statuses.length && text(pod, 'spec', 'restartPolicy') !== 'Always';
  const hasFailed = ended.some((status) => number(status, 'state', 'terminated', 'exitCode') !== 0);
  const started = statuses.some((status) => text(status, 'state', 'waiting', 'reason') !== 'ContainerCreating');
  const address = text(pod, 'status', 'podIP') || addressOf(pod, addresses);
  // A container that has never run keeps its pod pending, whatever the others do [pkg/kubelet/kubelet_pods.go, getPhase].
  const isBegun = statuses.every(
    (status) => at(status, 'state', 'waiting') === undefined || at(status, 'lastState', 'terminated') !== undefined,
  );
  const why: Pick<Condition, 'reason' | 'message'> = isOver
    ? { reason: hasFailed ? 'PodFailed' : 'PodCompleted' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const ready: Pick<Condition, 'status' | 'reason' | 'message'> =
    unready.length === 0 ? { status: 'True' } : { status: 'False', ...why };
  cluster.setStatus(pod, {
    phase: isOver ? (hasFailed ? 'Failed' : 'Succeeded') : isBegun ? 'Running' : 'Pending',
    conditions: cluster.conditions(
      list(pod, 'status', 'conditions'),
      { type: 'PodReadyToStartContainers', status: isOver || !started ? 'False' : 'True' },
      { type: 'Ready', ...ready },
      { type: 'ContainersReady', ...ready },
    ),
    podIP: address,
    podIPs: [{ ip: address }],
    containerStatuses: statuses,
  });
}

/** What becomes of a container; the status that it has, when nothing changes. */
function follow(
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

const waiting = (
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

const terminated = (cluster: Cluster, container: unknown, old: unknown, exitCode: number): Fields => ({
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

/** What the kubelet says when a container starts; the images are on the node [1.35 and later: kuberuntime_container.go, image_manager.go]. */
function begin(cluster: Cluster, pod: StoredObject, container: unknown): void {
  const about = { ...pod, fieldPath: `spec.containers{${text(container, 'name')}}` };
  const image = `Container image "${text(container, 'image')}" already present on machine and can be accessed by the pod`;
  cluster.event(about, 'kubelet', 'Normal', 'Pulled', image);
  cluster.event(about, 'kubelet', 'Normal', 'Created', 'Container created');
  cluster.event(about, 'kubelet', 'Normal', 'Started', 'Container started');
}

type Saying = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/**
 * Says again what is the matter, once a minute. What a real kubelet says of one pod it says 25 times, and then every five minutes
 * [client-go, tools/record/events_cache.go]: so often is counted what was said while nobody looked.
 */
function saying(cluster: Cluster, pod: StoredObject, container?: unknown): Saying {
  const about = container === undefined ? pod : { ...pod, fieldPath: `spec.containers{${text(container, 'name')}}` };
  return (type, reason, message) => {
    const key = `event ${pod.metadata.uid} ${reason} ${message}`;
    const last = cluster.memory.get(key);
    const now = cluster.now.getTime();
    const passed = typeof last === 'number' ? Math.abs(now - last) : Infinity;
    if (passed < 60_000) return;
    cluster.memory.set(key, now);
    const missed = passed === Infinity ? 0 : Math.min(24, Math.floor(passed / 12_000)) + Math.floor(passed / 300_000);
    cluster.event(about, 'kubelet', type, reason, message, Math.max(1, missed));
  };
}

/** A Secret or ConfigMap that a container takes its environment from, and that is not there. */
function missingConfig(cluster: Cluster, pod: StoredObject, container: unknown): string | undefined {
  const sources = [
    ...list(container, 'env').map((variable) => at(variable, 'valueFrom')),
    ...list(container, 'envFrom'),
  ].flatMap((source) => [
    { kind: kinds.Secret, word: 'secret', reference: at(source, 'secretKeyRef') ?? at(source, 'secretRef') },
    {
      kind: kinds.ConfigMap,
      word: 'configmap',
      reference: at(source, 'configMapKeyRef') ?? at(source, 'configMapRef'),
    },
  ]);
  const missing = sources.find(
    ({ kind, reference }) =>
      text(reference, 'name') !== '' &&
      at(reference, 'optional') !== true &&
      cluster.get(kind, pod.metadata.namespace, text(reference, 'name')) === undefined,
  );
  return missing && `${missing.word} "${text(missing.reference, 'name')}" not found`;
}

function missingVolume(cluster: Cluster, pod: StoredObject): string | undefined {
  for (const volume of list(pod, 'spec', 'volumes')) {
    const sources = [
      {
        kind: kinds.Secret,
        word: 'secret',
        name: text(volume, 'secret', 'secretName'),
        optional: at(volume, 'secret', 'optional'),
      },
      {
        kind: kinds.ConfigMap,
        word: 'configmap',
        name: text(volume, 'configMap', 'name'),
        optional: at(volume, 'configMap', 'optional'),
      },
    ];
    for (const { kind, word, name, optional } of sources) {
      if (name === '' || optional === true || cluster.get(kind, pod.metadata.namespace, name) !== undefined) continue;
      return `MountVolume.SetUp failed for volume "${text(volume, 'name')}" : ${word} "${name}" not found`;
    }
  }
  return undefined;
}

/** The next free address of the node's range; a pod of the host's network has the host's. */
function addressOf(pod: StoredObject, taken: Set<string>): string {
  if (at(pod, 'spec', 'hostNetwork') === true) return text(pod, 'status', 'hostIP');
  for (let host = 100; ; host += 1) {
    const address = `10.0.${Math.floor(host / 250)}.${1 + (host % 250)}`;
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
}

/** By the digest that was asked for; where there is none, a registry's answer is made up. */
function imageId(image: string): string {
  const [name = '', digest = `sha256:${sha256Hex(image)}`] = image.split('@');
  return `${name.replace(/:[^:/]+$/, '')}@${digest}`;
}

/** [pkg/apis/core/v1/helper/qos] */
function qualityOf(containers: readonly unknown[]): string {
  const resources = containers.map((container) => at(container, 'resources'));
  const has = (field: string) => (entry: unknown) => Object.keys(fieldsOf(entry, field)).length > 0;
  return resources.some((entry) => has('requests')(entry) || has('limits')(entry)) ? 'Burstable' : 'BestEffort';
}
