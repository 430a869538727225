/** What nobody owns any more goes: objects whose owners are gone, and what lived in a namespace that is. */
import { ownerUids } from '../state.ts';
import { kinds, type Cluster } from './cluster.ts';

export function garbage(cluster: Cluster): void {
  const all = cluster.objects;
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(cluster.list(kinds.Namespace).map(({ metadata }) => metadata.name));
  for (const object of all) {
    const owners = ownerUids(object);
    const isOrphaned = owners.length > 0 && owners.every((owner) => !uids.has(owner));
    const { namespace } = object.metadata;
    if (isOrphaned || (namespace !== undefined && !namespaces.has(namespace))) cluster.remove(object);
  }
}
