/** The scheduler: it gives a pod the first node, when what the pod needs is there [Kubernetes 1.36]. */
import { fieldsOf, list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { type Cluster, kinds } from './cluster.ts';

export function schedule(cluster: Cluster, pod: StoredObject): StoredObject | undefined {
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
