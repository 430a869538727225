/** Whatever applies Git, as a tool that was told too much does: it puts back what somebody else writes into these ConfigMaps. */
import { at } from '../../../packages/apiserver/objects/fields.ts';
import { kinds, type Cluster } from './cluster.ts';

export function git(cluster: Cluster): void {
  for (const config of cluster.list(kinds.ConfigMap)) {
    const path = `${config.metadata.namespace ?? ''}/${config.metadata.name}`;
    const key = `in Git ${path}`;
    if (!cluster.world.restoredFromGit.includes(path)) cluster.memory.delete(key);
    else if (cluster.memory.has(key)) cluster.replace({ ...config, data: cluster.memory.get(key) });
    else cluster.memory.set(key, at(config, 'data'));
  }
}
