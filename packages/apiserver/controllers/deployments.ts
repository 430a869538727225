/** Deployments and ReplicaSets, as the controller manager rolls them out [Kubernetes 1.36, pkg/controller/deployment]. */
import { same } from '../objects/same.ts';
import { at, fieldsOf, isFields, list, number, strings, text } from '../objects/fields.ts';
import { timestamp, type StoredObject } from '../objects/object.ts';
import { controlledBy, type Condition } from './cluster.ts';
import { kinds, type Cluster } from './cluster.ts';
import { count, createPod, isActive, isReady, podsByOwner, replicasOf, standing } from './pods.ts';

const hashLabel = 'pod-template-hash';
const revisionKey = 'deployment.kubernetes.io/revision';
const desiredKey = 'deployment.kubernetes.io/desired-replicas';

/** How long a rollout may take until it is called stuck, in seconds, unless the Deployment says otherwise. */
const progressDeadline = 600;

const source = 'deployment-controller';

export function deployments(cluster: Cluster): void {
  for (const deployment of standing(cluster, kinds.Deployment)) rollOut(cluster, deployment);
  const podsOf = podsByOwner(cluster);
  for (const set of standing(cluster, kinds.ReplicaSet)) keepReplicas(cluster, set, podsOf(set));
}

function rollOut(cluster: Cluster, deployment: StoredObject): void {
  if (at(deployment, 'spec', 'paused') === true) return;
  const sets = cluster.owned(kinds.ReplicaSet, deployment);
  const current = sets.find((set) => same(templateOf(set), at(deployment, 'spec', 'template')));
  const newest = current ?? createSet(cluster, deployment, sets);
  const revised = revise(cluster, deployment, newest, sets);
  const old = sets.filter(({ metadata }) => metadata.uid !== newest.metadata.uid);
  scale(
    cluster,
    revised,
    cluster.get(kinds.ReplicaSet, newest.metadata.namespace, newest.metadata.name) ?? newest,
    old,
  );
  report(cluster, revised, newest.metadata.uid);
}

/** A ReplicaSet's template without the label that tells its pods from another's. */
function templateOf(set: StoredObject): unknown {
  const template = at(set, 'spec', 'template');
  if (!isFields(template)) return template;
  const { [hashLabel]: _hash, ...labels } = strings(template, 'metadata', 'labels');
  return { ...template, metadata: { ...fieldsOf(template, 'metadata'), labels } };
}

function createSet(cluster: Cluster, deployment: StoredObject, sets: readonly StoredObject[]): StoredObject {
  const template = at(deployment, 'spec', 'template');
  const hash = cluster.suffix(`${deployment.metadata.uid} ${JSON.stringify(template)}`, 10);
  const labels = { ...strings(template, 'metadata', 'labels'), [hashLabel]: hash };
  return cluster.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: deployment.metadata.namespace ?? '',
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: {
        [desiredKey]: String(replicasOf(deployment)),
        [revisionKey]: String(Math.max(0, ...sets.map(revisionOf)) + 1),
      },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas: 0,
      selector: {
        ...fieldsOf(deployment, 'spec', 'selector'),
        matchLabels: { ...strings(deployment, 'spec', 'selector', 'matchLabels'), [hashLabel]: hash },
      },
      template: {
        ...fieldsOf(template),
        metadata: { ...fieldsOf(template, 'metadata'), labels },
      },
    },
    status: { replicas: 0 },
  });
}

const revisionOf = (object: StoredObject): number => Number(text(object, 'metadata', 'annotations', revisionKey)) || 0;

/** The ReplicaSet of today's template has the highest revision, also when it is an old one that came back. */
function revise(
  cluster: Cluster,
  deployment: StoredObject,
  newest: StoredObject,
  sets: readonly StoredObject[],
): StoredObject {
  const others = sets.filter(({ metadata }) => metadata.uid !== newest.metadata.uid);
  const revision = Math.max(revisionOf(newest), ...others.map((set) => revisionOf(set) + 1));
  if (revision !== revisionOf(newest)) cluster.replace(annotated(newest, { [revisionKey]: String(revision) }));
  return cluster.replace(annotated(deployment, { [revisionKey]: String(revision) }));
}

const annotated = (object: StoredObject, annotations: Readonly<Record<string, string>>): StoredObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...strings(object, 'metadata', 'annotations'), ...annotations } },
});

/** One step from the old ReplicaSets to the new one: never below what must be available, nor above what may be there. */
function scale(cluster: Cluster, deployment: StoredObject, newest: StoredObject, old: readonly StoredObject[]): void {
  const desired = replicasOf(deployment);
  const isRecreated = text(deployment, 'spec', 'strategy', 'type') === 'Recreate';
  const share = (field: string, roundUp: boolean): number => {
    const value = text(deployment, 'spec', 'strategy', 'rollingUpdate', field) || '25%';
    if (!value.endsWith('%')) return Number(value);
    const part = (desired * Number.parseInt(value, 10)) / 100;
    return roundUp ? Math.ceil(part) : Math.floor(part);
  };
  const [surge, unavailable] = isRecreated ? [0, desired] : [share('maxSurge', true), share('maxUnavailable', false)];
  // Both at zero would never move on [deploymentutil.ResolveFenceposts].
  const mayMiss = surge === 0 && unavailable === 0 ? 1 : unavailable;

  const available = [newest, ...old].reduce((sum, set) => sum + number(set, 'status', 'availableReplicas'), 0);
  let spare = isRecreated ? Infinity : available - (desired - mayMiss);
  for (const set of old) {
    const replicas = replicasOf(set);
    // Replicas that never became available are in nobody's way.
    const idle = replicas - number(set, 'status', 'availableReplicas');
    const fewer = Math.min(replicas, Math.max(0, spare) + idle);
    spare -= Math.max(0, fewer - idle);
    if (fewer > 0) resize(cluster, deployment, set, replicas - fewer);
  }
  const oldPods = old.reduce((sum, set) => sum + number(set, 'status', 'replicas'), 0);
  const room = isRecreated ? (oldPods === 0 ? desired : 0) : desired + surge - oldPods;
  const wanted = Math.max(Math.min(desired, replicasOf(newest)), Math.min(desired, room));
  resize(cluster, deployment, newest, wanted);
}

/** [pkg/controller/deployment/sync.go, scaleReplicaSet] */
function resize(cluster: Cluster, deployment: StoredObject, set: StoredObject, replicas: number): void {
  const before = replicasOf(set);
  cluster.replace({
    ...annotated(set, { [desiredKey]: String(replicasOf(deployment)) }),
    spec: { ...fieldsOf(set, 'spec'), replicas },
  });
  if (before === replicas) return;
  const message = `Scaled ${before < replicas ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`;
  cluster.event(deployment, source, 'Normal', 'ScalingReplicaSet', message);
}

function report(cluster: Cluster, deployment: StoredObject, newestUid: string): void {
  const sets = cluster.owned(kinds.ReplicaSet, deployment);
  const newest = sets.find(({ metadata }) => metadata.uid === newestUid);
  const sum = (field: string): number => sets.reduce((total, set) => total + number(set, 'status', field), 0);
  const desired = replicasOf(deployment);
  const [replicas, ready, available] = [sum('replicas'), sum('readyReplicas'), sum('availableReplicas')];
  const updated = number(newest, 'status', 'replicas');
  const present = list(deployment, 'status', 'conditions');
  const mayMiss = text(deployment, 'spec', 'strategy', 'type') === 'Recreate' ? 0 : Math.floor(desired / 4);
  const isAvailable = available >= desired - mayMiss;
  const counts = { replicas, updated, ready, available };
  const progressing = progressOf(cluster, deployment, newest?.metadata.name ?? '', counts);
  const conditions: Condition[] = [
    isAvailable
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
  ];
  cluster.setStatus(deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: count(replicas),
    updatedReplicas: count(updated),
    readyReplicas: count(ready),
    availableReplicas: count(available),
    unavailableReplicas: count(Math.max(0, Math.max(desired, replicas) - available)),
    conditions: withProgress(updatedConditions(cluster, present, conditions), progressing),
  });
}

const conditionOf = (deployment: StoredObject, type: string): unknown =>
  list(deployment, 'status', 'conditions').find((entry) => text(entry, 'type') === type);

interface Counts {
  replicas: number;
  updated: number;
  ready: number;
  available: number;
}

/**
 * How far a rollout is. One that is complete stays so whatever becomes of its pods: only the next rollout is judged again. One that makes no
 * progress is stuck at its deadline, whether or not anybody looks just then. [pkg/controller/deployment/progress.go, syncRolloutStatus]
 */
function progressOf(cluster: Cluster, deployment: StoredObject, newest: string, counts: Counts): unknown {
  const { replicas, updated, ready, available } = counts;
  const old = conditionOf(deployment, 'Progressing');
  const desired = replicasOf(deployment);
  const says = (status: 'True' | 'False', reason: string, words: string, since = cluster.timestamp): unknown => ({
    type: 'Progressing',
    status,
    reason,
    message: `ReplicaSet "${newest}" ${words}`,
    lastUpdateTime: since,
    lastTransitionTime: text(old, 'status') === status ? text(old, 'lastTransitionTime') : since,
  });
  const isOfThis = text(old, 'message').startsWith(`ReplicaSet "${newest}" `);
  const reason = text(old, 'reason');
  if (isOfThis && reason === 'NewReplicaSetAvailable' && replicas === updated) return old;
  if (updated === desired && replicas === desired && available === desired) {
    return says('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
  }
  const before = {
    updated: number(deployment, 'status', 'updatedReplicas'),
    old: number(deployment, 'status', 'replicas') - number(deployment, 'status', 'updatedReplicas'),
    ready: number(deployment, 'status', 'readyReplicas'),
    available: number(deployment, 'status', 'availableReplicas'),
  };
  const hasMoved =
    updated > before.updated || replicas - updated < before.old || ready > before.ready || available > before.available;
  if (!isOfThis || hasMoved) return says('True', 'ReplicaSetUpdated', 'is progressing.');
  if (reason === 'ProgressDeadlineExceeded') return old;
  const deadline = number(deployment, 'spec', 'progressDeadlineSeconds') || progressDeadline;
  const due = new Date(Date.parse(text(old, 'lastUpdateTime')) + deadline * 1000);
  return cluster.now > due
    ? says('False', 'ProgressDeadlineExceeded', 'has timed out progressing.', timestamp(due))
    : old;
}

/** The conditions with the one about progress in its place, or at the end. */
function withProgress(conditions: readonly unknown[], progressing: unknown): readonly unknown[] {
  const isIt = (entry: unknown): boolean => text(entry, 'type') === 'Progressing';
  return conditions.some(isIt)
    ? conditions.map((entry) => (isIt(entry) ? progressing : entry))
    : [...conditions, progressing];
}

/** Deployments' conditions also say when they were last written. */
function updatedConditions(
  cluster: Cluster,
  present: readonly unknown[],
  wanted: readonly Condition[],
): readonly unknown[] {
  return cluster.conditions(present, ...wanted).map((entry) => {
    const old = present.find((condition) => text(condition, 'type') === text(entry, 'type'));
    const isSame =
      old !== undefined && ['status', 'reason', 'message'].every((field) => text(old, field) === text(entry, field));
    return isSame ? old : { ...fieldsOf(entry), lastUpdateTime: cluster.timestamp };
  });
}

/** As many pods as the ReplicaSet asks for. Those that are not ready go first. */
function keepReplicas(cluster: Cluster, set: StoredObject, pods: readonly StoredObject[]): void {
  const wanted = replicasOf(set);
  const active = pods.filter(isActive);
  for (let index = active.length; index < wanted; index += 1) {
    const name = `${set.metadata.name}-${cluster.suffix(`${set.metadata.resourceVersion} ${index} ${cluster.serial()}`)}`;
    createPod(cluster, set, name);
    cluster.event(set, 'replicaset-controller', 'Normal', 'SuccessfulCreate', `Created pod: ${name}`);
  }
  const surplus = [...active]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, active.length - wanted));
  for (const pod of surplus) {
    cluster.remove(pod);
    const message = `Deleted pod: ${pod.metadata.name}`;
    cluster.event(set, 'replicaset-controller', 'Normal', 'SuccessfulDelete', message);
  }
  const left = active.filter((pod) => !surplus.includes(pod));
  const isSettled = left.length === wanted;
  cluster.setStatus(set, {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: isSettled ? wanted : left.length,
    fullyLabeledReplicas: count(left),
    readyReplicas: count(left.filter(isReady)),
    availableReplicas: count(left.filter(isReady)),
  });
}
