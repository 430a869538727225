/** Pods as their owners make them: from a template, and told apart from those of another template. */
import { same } from '../objects/same.ts';
import { at, condition, fieldsOf, list, strings, text, type Fields } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { isTerminating } from '../state/lifetime.ts';
import type { Kind } from '../state/kind.ts';
import { controlledBy } from './cluster.ts';
import { kinds, type Cluster } from './cluster.ts';

export const isReady = (pod: StoredObject): boolean => condition(at(pod, 'status'), 'Ready') === 'True';

/** A pod that has ended is nobody's replica any more. */
export const isActive = (pod: StoredObject): boolean =>
  !isTerminating(pod) && !['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase'));

/** Workloads of a kind that somebody still wants: one that is to go makes no pods any more, nor does what lives where all is to go. */
export const standing = (cluster: Cluster, kind: Kind): readonly StoredObject[] =>
  cluster.list(kind).filter((workload) => {
    const namespace = cluster.get(kinds.Namespace, undefined, workload.metadata.namespace ?? '');
    return !isTerminating(workload) && (namespace === undefined || !isTerminating(namespace));
  });

export interface PodOptions {
  labels?: Readonly<Record<string, string>>;
  /** Fields of the pod's spec beyond the template's. */
  spec?: Fields;
}

/** Makes a pod of an owner's template; the kubelet does the rest. */
export function createPod(
  cluster: Cluster,
  owner: StoredObject,
  name: string,
  { labels = {}, spec = {} }: PodOptions = {},
): void {
  const template = at(owner, 'spec', 'template');
  const annotations = strings(template, 'metadata', 'annotations');
  cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: owner.metadata.namespace ?? '',
      name,
      labels: { ...strings(template, 'metadata', 'labels'), ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controlledBy(owner)],
    },
    spec: {
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      ...fieldsOf(template, 'spec'),
      ...spec,
    },
    status: { phase: 'Pending' },
  });
}

/** What a pod's spec has that no template need say. */
const filledIn = new Set(['nodeName', 'restartPolicy', 'dnsPolicy', 'serviceAccountName', 'hostname', 'subdomain']);

/** Whether a pod is what a template asks for today. */
export function isOfTemplate(pod: StoredObject, template: unknown): boolean {
  const [wanted, has] = [fieldsOf(template, 'spec'), fieldsOf(pod, 'spec')];
  const keys = new Set([...Object.keys(wanted), ...Object.keys(has).filter((key) => !filledIn.has(key))]);
  return (
    [...keys].every((key) => same(wanted[key], has[key])) &&
    ['labels', 'annotations'].every((field) => {
      const own = strings(pod, 'metadata', field);
      return Object.entries(strings(template, 'metadata', field)).every(([key, entry]) => own[key] === entry);
    })
  );
}

/** The pods of a kind of owner, by the owner's uid: one walk over all pods a pass. */
export function podsByOwner(cluster: Cluster): (owner: StoredObject) => readonly StoredObject[] {
  const pods = new Map<string, StoredObject[]>();
  for (const pod of cluster.list(kinds.Pod)) {
    for (const reference of list(pod, 'metadata', 'ownerReferences')) {
      const owner = text(reference, 'uid');
      pods.set(owner, [...(pods.get(owner) ?? []), pod]);
    }
  }
  return ({ metadata }) => pods.get(metadata.uid) ?? [];
}

/** A count as Go writes it: zero is left out. */
export const count = (items: readonly unknown[] | number): number | undefined => {
  const number = typeof items === 'number' ? items : items.length;
  return number === 0 ? undefined : number;
};

/** `spec.replicas`, which is one when left out. */
export const replicasOf = (workload: unknown): number => {
  const replicas = at(workload, 'spec', 'replicas');
  return typeof replicas === 'number' ? replicas : 1;
};
