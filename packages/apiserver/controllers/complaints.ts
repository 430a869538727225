/** Complaints that are not repeated at once. */
import type { StoredObject } from '../objects/object.ts';
import type { Cluster } from './cluster.ts';

/** How long a process waits before it complains of the same again; real ones back off to about as much. */
const patience = 15 * 60_000;

/** Writes a warning about an object: at once when it says something new, and now and then while it stays true. */
export function warn(cluster: Cluster, about: StoredObject, source: string, reason: string, message: string): void {
  const key = `warned ${about.metadata.uid} ${reason}`;
  const last = cluster.memory.get(key) as { message: string; at: number } | undefined;
  const now = cluster.now.getTime();
  if (last?.message === message && Math.abs(now - last.at) < patience) return;
  cluster.memory.set(key, { message, at: now });
  cluster.event(about, source, 'Warning', reason, message);
}
