/**
 * The scheduler and the kubelet of every node: they place pods, start containers, and say how those fare [Kubernetes 1.36].
 *
 * A pod's way from Pending to Running takes two passes, so that who watches sees it go.
 */
import { at, list, number, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { isTerminating } from '../state/lifetime.ts';
import { type Cluster, type Condition, kinds } from './cluster.ts';
import { follow, terminated, waiting } from './container-statuses.ts';
import type { Containers } from './containers.ts';
import { saying } from './kubelet-events.ts';
import { missingVolume } from './pod-sources.ts';
import { qualityOf } from './quality.ts';
import { schedule } from './scheduler.ts';

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
