/** StatefulSets and DaemonSets: pods with a fixed name, or one for each node, replaced one after the other. */
import { hasLabels } from '../../../src/formats/label-selector.ts';
import { at, strings, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { isTerminating } from '../state/lifetime.ts';
import { kinds, type Cluster } from './cluster.ts';
import { count, createPod, isActive, isOfTemplate, isReady, podsByOwner, replicasOf, standing } from './pods.ts';

const revisionLabel = 'controller-revision-hash';

export function statefulSets(cluster: Cluster): void {
  const podsOf = podsByOwner(cluster);
  for (const set of standing(cluster, kinds.StatefulSet)) keepStateful(cluster, set, podsOf(set));
  for (const set of standing(cluster, kinds.DaemonSet)) keepDaemons(cluster, set, podsOf(set));
}

/** The revision of today's template: the one that a pod of it has, or a new one. */
function revisionOf(cluster: Cluster, set: StoredObject, pods: readonly StoredObject[], prefix: string): string {
  const template = at(set, 'spec', 'template');
  const current = pods.find((pod) => isOfTemplate(pod, template));
  const known = text(current, 'metadata', 'labels', revisionLabel);
  return known === '' ? `${prefix}${cluster.suffix(`${set.metadata.uid} ${JSON.stringify(template)}`, 10)}` : known;
}

function keepStateful(cluster: Cluster, set: StoredObject, pods: readonly StoredObject[]): void {
  const { name } = set.metadata;
  const template = at(set, 'spec', 'template');
  const revision = revisionOf(cluster, set, pods, `${name}-`);
  const wanted = Array.from({ length: replicasOf(set) }, (_, index) => `${name}-${index}`);
  const isOnDelete = text(set, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  for (const pod of pods) {
    if (isTerminating(pod)) continue;
    const isWanted = wanted.includes(pod.metadata.name) && isActive(pod);
    if (!isWanted || (!isOfTemplate(pod, template) && !isOnDelete)) cluster.remove(pod);
  }
  for (const [index, pod] of wanted.entries()) {
    if (cluster.get(kinds.Pod, set.metadata.namespace, pod) !== undefined) continue;
    createPod(cluster, set, pod, {
      labels: {
        'apps.kubernetes.io/pod-index': String(index),
        [revisionLabel]: revision,
        'statefulset.kubernetes.io/pod-name': pod,
      },
      spec: { hostname: pod, subdomain: text(set, 'spec', 'serviceName') },
    });
    cluster.event(
      set,
      'statefulset-controller',
      'Normal',
      'SuccessfulCreate',
      `create Pod ${pod} in StatefulSet ${name} successful`,
    );
  }
  const now = wanted.flatMap((pod) => cluster.get(kinds.Pod, set.metadata.namespace, pod) ?? []);
  const updated = now.filter((pod) => text(pod, 'metadata', 'labels', revisionLabel) === revision);
  const isDone = updated.length === wanted.length && updated.every(isReady);
  const current = isDone ? revision : text(set, 'status', 'currentRevision') || revision;
  cluster.setStatus(set, {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: now.length,
    readyReplicas: count(now.filter(isReady)),
    availableReplicas: now.filter(isReady).length,
    currentReplicas: count(now.filter((pod) => text(pod, 'metadata', 'labels', revisionLabel) === current)),
    updatedReplicas: count(updated),
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
  });
}

function keepDaemons(cluster: Cluster, set: StoredObject, pods: readonly StoredObject[]): void {
  const template = at(set, 'spec', 'template');
  const revision = revisionOf(cluster, set, pods, '');
  const selector = strings(template, 'spec', 'nodeSelector');
  const nodes = cluster.list(kinds.Node).filter((node) => hasLabels(strings(node, 'metadata', 'labels'), selector));
  const isOnDelete = text(set, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  const kept = pods.filter((pod) => {
    // The next on its node waits until it has gone.
    if (isTerminating(pod)) return true;
    const isWanted = isActive(pod) && nodes.some(({ metadata }) => metadata.name === text(pod, 'spec', 'nodeName'));
    const stays = isWanted && (isOnDelete || isOfTemplate(pod, template));
    if (!stays) cluster.remove(pod);
    return stays;
  });
  for (const node of nodes) {
    if (kept.some((pod) => text(pod, 'spec', 'nodeName') === node.metadata.name)) continue;
    const name = `${set.metadata.name}-${cluster.suffix(`${set.metadata.uid} ${node.metadata.name} ${cluster.serial()}`)}`;
    createPod(cluster, set, name, {
      labels: { [revisionLabel]: revision, 'pod-template-generation': String(set.metadata.generation ?? 1) },
      spec: { nodeName: node.metadata.name },
    });
    cluster.event(set, 'daemonset-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
  }
  const now = podsByOwner(cluster)(set);
  const ready = now.filter(isReady).length;
  cluster.setStatus(set, {
    observedGeneration: set.metadata.generation ?? 1,
    currentNumberScheduled: now.length,
    desiredNumberScheduled: nodes.length,
    numberAvailable: count(ready),
    numberMisscheduled: 0,
    numberReady: ready,
    numberUnavailable: count(nodes.length - ready),
    updatedNumberScheduled: count(now.filter((pod) => text(pod, 'metadata', 'labels', revisionLabel) === revision)),
  });
}
