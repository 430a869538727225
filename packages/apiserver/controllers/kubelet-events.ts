/** What a kubelet says of pods and containers, in Events. */
import { text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import type { Cluster } from './cluster.ts';

/** What the kubelet says when a container starts; the images are on the node [1.35 and later: kuberuntime_container.go, image_manager.go]. */
export function begin(cluster: Cluster, pod: StoredObject, container: unknown): void {
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
export function saying(cluster: Cluster, pod: StoredObject, container?: unknown): Saying {
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
