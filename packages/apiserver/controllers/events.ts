/** Events last an hour from when they were last said: the API server's `--event-ttl` [Kubernetes 1.36]. */
import { text } from '../objects/fields.ts';
import { kinds, type Cluster } from './cluster.ts';

const lifetime = 3_600_000;

export function events(cluster: Cluster): void {
  for (const event of cluster.list(kinds.Event)) {
    if (cluster.now.getTime() - Date.parse(text(event, 'lastTimestamp')) > lifetime) cluster.remove(event);
  }
}
