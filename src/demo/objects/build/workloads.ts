/** Workloads that have been rolled out and run: a Deployment, DaemonSet or StatefulSet, and what its controller has made of it. */
import type { Fields } from '../../../../packages/apiserver/objects/fields.ts';
import { suffixOf } from '../../../../packages/apiserver/controllers/suffix.ts';
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import { ago, created, type Labels, ownedBy } from './basics.ts';
import { type Node, runningPod } from './pods.ts';

export interface Template {
  metadata: { labels: Labels; annotations?: Labels };
  spec: Fields;
}

export interface Rollout {
  /** When the workload was made, such as `95d`. */
  made: string;
  /** When its pods started. */
  started: string;
  /** Addresses of its pods: as many as it has replicas. */
  ips: readonly string[];
  /** What the ReplicaSet's name ends in, and its pods' names; from the workload's name when left out. */
  hash?: string;
  suffixes?: readonly string[];
}

export interface DeploymentTemplate {
  namespace: string;
  name: string;
  labels?: Labels;
  /** Its spec as people write it, with the template. */
  spec: { replicas?: number; selector: { matchLabels: Labels }; template: Template } & Fields;
}

/** What a workload's objects are called beside itself. */
export interface Deployed {
  deployment: KubernetesObject;
  pods: readonly KubernetesObject[];
  objects: readonly KubernetesObject[];
}

const revision = 'deployment.kubernetes.io/revision';

export function deployment(
  node: Node,
  { namespace, name, labels, spec }: DeploymentTemplate,
  { made, started, ips, hash = suffixOf(`${namespace}/${name}`, 9), suffixes }: Rollout,
): Deployed {
  const count = ips.length;
  const own = `${name}-${hash}`;
  const { template } = spec;
  const hashed = { 'pod-template-hash': hash };
  const counts = { observedGeneration: 1, replicas: count, readyReplicas: count, availableReplicas: count };
  const since = ago(started);
  const is = (type: string, reason: string, message: string): Fields => ({
    type,
    status: 'True',
    lastUpdateTime: since,
    lastTransitionTime: since,
    reason,
    message,
  });
  const object: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace,
      ...created(made),
      ...(labels === undefined ? {} : { labels }),
      annotations: { [revision]: '1' },
    },
    spec,
    status: {
      ...counts,
      updatedReplicas: count,
      conditions: [
        is('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'),
        is('Progressing', 'NewReplicaSetAvailable', `ReplicaSet "${own}" has successfully progressed.`),
      ],
    },
  };
  const hashedTemplate = {
    ...template,
    metadata: { ...template.metadata, labels: { ...template.metadata.labels, ...hashed } },
  };
  const replicaSet: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: own,
      namespace,
      creationTimestamp: since,
      labels: hashedTemplate.metadata.labels,
      annotations: { 'deployment.kubernetes.io/desired-replicas': String(count), [revision]: '1' },
      ownerReferences: [ownedBy(object)],
    },
    spec: {
      replicas: count,
      selector: { matchLabels: { ...spec.selector.matchLabels, ...hashed } },
      template: hashedTemplate,
    },
    status: { ...counts, fullyLabeledReplicas: count },
  };
  const pods = ips.map((ip, index) =>
    runningPod(node, replicaSet, hashedTemplate, {
      name: `${own}-${suffixes?.[index] ?? suffixOf(`${namespace}/${own} ${index}`)}`,
      ip,
      started,
    }),
  );
  return { deployment: object, pods, objects: [object, replicaSet, ...pods] };
}

export interface DaemonSetTemplate {
  metadata: { namespace: string; name: string; labels: Labels; annotations?: Labels };
  spec: { selector: { matchLabels: Labels }; template: Template } & Fields;
}

/** A DaemonSet on the one node, in whose network its pod is. */
export function daemonSet(
  node: Node,
  { metadata, spec }: DaemonSetTemplate,
  {
    made,
    started,
    generation = 1,
    hash,
    suffix,
  }: { made: string; started: string; generation?: number; hash: string; suffix: string },
): readonly KubernetesObject[] {
  const object: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...metadata, ...created(made), ...(generation === 1 ? {} : { generation }) },
    spec,
    status: {
      observedGeneration: generation,
      currentNumberScheduled: 1,
      desiredNumberScheduled: 1,
      numberAvailable: 1,
      numberMisscheduled: 0,
      numberReady: 1,
      updatedNumberScheduled: 1,
    },
  };
  const pod = runningPod(node, object, spec.template, {
    name: `${metadata.name}-${suffix}`,
    ip: node.address,
    started,
    labels: { 'controller-revision-hash': hash, 'pod-template-generation': String(generation) },
  });
  return [object, pod];
}

export interface StatefulSetTemplate {
  namespace: string;
  name: string;
  labels: Labels;
  spec: { serviceName: string; template: Template } & Fields;
}

/** A StatefulSet of one pod. */
export function statefulSet(
  node: Node,
  { namespace, name, labels, spec }: StatefulSetTemplate,
  { made, started, ip, podLabels = {} }: { made: string; started: string; ip: string; podLabels?: Labels },
): { pod: KubernetesObject; objects: readonly KubernetesObject[] } {
  const current = `${name}-${suffixOf(`${namespace}/${name}`, 10)}`;
  const object: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace, ...created(made), labels },
    spec,
    status: {
      observedGeneration: 1,
      replicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      currentReplicas: 1,
      updatedReplicas: 1,
      currentRevision: current,
      updateRevision: current,
      collisionCount: 0,
    },
  };
  const pod = runningPod(node, object, spec.template, {
    name: `${name}-0`,
    ip,
    started,
    labels: {
      'apps.kubernetes.io/pod-index': '0',
      'controller-revision-hash': current,
      'statefulset.kubernetes.io/pod-name': `${name}-0`,
      ...podLabels,
    },
    spec: { hostname: `${name}-0`, subdomain: spec.serviceName },
  });
  return { pod, objects: [object, pod] };
}
