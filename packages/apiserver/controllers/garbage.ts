/**
 * What nobody owns any more goes: objects whose owners are gone, what an owner waits for that is to be deleted after its dependents, and
 * what lives in a namespace that is on its way out [Kubernetes 1.36, pkg/controller/garbagecollector and namespace].
 */
import { at, fieldsOf, list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { isTerminating, ownerUids } from '../state/lifetime.ts';
import { kinds, type Cluster } from './cluster.ts';

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

export function garbage(cluster: Cluster): void {
  const all = cluster.objects;
  for (const owner of all) {
    if (!isTerminating(owner)) continue;
    if (isHeldBy(owner, orphan)) release(cluster, owner, all);
    else if (isHeldBy(owner, foreground)) takeDependents(cluster, owner, all);
  }
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  const namespaces = new Map(cluster.list(kinds.Namespace).map((namespace) => [namespace.metadata.name, namespace]));
  const inhabited = new Set<string>();
  for (const object of cluster.objects) {
    const owners = ownerUids(object);
    const isOrphaned = owners.length > 0 && owners.every((owner) => !uids.has(owner));
    const { namespace } = object.metadata;
    const place = namespaces.get(namespace ?? '');
    const isHomeless = namespace !== undefined && (place === undefined || isTerminating(place));
    if (isHomeless) inhabited.add(namespace);
    if ((isOrphaned || isHomeless) && !isTerminating(object)) cluster.remove(object);
  }
  for (const namespace of cluster.list(kinds.Namespace)) {
    if (!isTerminating(namespace) || inhabited.has(namespace.metadata.name)) continue;
    cluster.replace({ ...namespace, spec: { ...fieldsOf(namespace, 'spec'), finalizers: [] } });
  }
}

const isHeldBy = ({ metadata }: StoredObject, finalizer: string): boolean =>
  list({ metadata }, 'metadata', 'finalizers').includes(finalizer);

function letGo(cluster: Cluster, { metadata, ...rest }: StoredObject, finalizer: string): void {
  const finalizers = list({ metadata }, 'metadata', 'finalizers').filter((entry) => entry !== finalizer);
  cluster.replace({ ...rest, metadata: { ...metadata, finalizers } });
}

const dependentsOf = ({ metadata: { uid } }: StoredObject, all: readonly StoredObject[]): readonly StoredObject[] =>
  all.filter((object) => ownerUids(object).includes(uid));

/** Dependents lose their owner, and stay. */
function release(cluster: Cluster, owner: StoredObject, all: readonly StoredObject[]): void {
  for (const dependent of dependentsOf(owner, all)) {
    const ownerReferences = list(dependent, 'metadata', 'ownerReferences').filter(
      (reference) => text(reference, 'uid') !== owner.metadata.uid,
    );
    cluster.replace({ ...dependent, metadata: { ...dependent.metadata, ownerReferences } });
  }
  letGo(cluster, owner, orphan);
}

/** Dependents go first; the owner waits for those that say that they block its deletion. */
function takeDependents(cluster: Cluster, owner: StoredObject, all: readonly StoredObject[]): void {
  const dependents = dependentsOf(owner, all);
  for (const dependent of dependents) {
    if (isTerminating(dependent)) continue;
    const isOwner = dependentsOf(dependent, all).length > 0;
    cluster.remove(dependent, isOwner ? { finalizers: [foreground] } : {});
  }
  const isBlocked = dependents.some((dependent) =>
    list(dependent, 'metadata', 'ownerReferences').some(
      (reference) => text(reference, 'uid') === owner.metadata.uid && at(reference, 'blockOwnerDeletion') === true,
    ),
  );
  if (!isBlocked) letGo(cluster, owner, foreground);
}
