/**
 * The running processes of a workload. What one of them has missed it goes on missing until it is replaced.
 */
import { selects } from '../../formats/label-selector.ts';
import { at, list, number, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from './cluster.ts';

/** Tells one run of a workload's ready containers from the next: a new pod or a restarted container makes it another. */
export function processesOf(cluster: Cluster, namespace: string, name: string): string {
  const workload = cluster.get(kinds.Deployment, namespace, name);
  const selector = at(workload, 'spec', 'selector');
  return cluster
    .list(kinds.Pod, namespace)
    .filter((pod) => selects(selector, strings(pod, 'metadata', 'labels')) && isUp(pod))
    .map((pod) => `${pod.metadata.uid} ${restarts(pod)}`)
    .join(', ');
}

/** Whether a workload has anybody to do its work. */
export const runs = (cluster: Cluster, namespace: string, name: string): boolean =>
  cluster.isRunning(namespace, name) && processesOf(cluster, namespace, name) !== '';

const isUp = (pod: StoredObject): boolean =>
  pod.metadata['deletionTimestamp'] === undefined &&
  list(pod, 'status', 'conditions').some(
    (entry) => text(entry, 'type') === 'Ready' && text(entry, 'status') === 'True',
  );

const restarts = (pod: StoredObject): number =>
  list(pod, 'status', 'containerStatuses').reduce<number>((sum, status) => sum + number(status, 'restartCount'), 0);

/**
 * Whether a process that has missed something still runs. The first call, after it was missed, remembers who runs.
 *
 * @param missed What was missed: the key of the memory.
 */
export function stillMisses(cluster: Cluster, missed: string, running: string): boolean {
  const key = `missed ${missed}`;
  const known = cluster.memory.get(key);
  if (known === undefined) cluster.memory.set(key, running);
  else if (running !== '' && running !== known) {
    cluster.memory.delete(key);
    return false;
  }
  return true;
}
