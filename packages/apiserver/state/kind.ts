/** Kinds and places of stored objects. */
import type { Fields } from '../objects/fields.ts';
import { groupOf, type KubernetesObject, type StoredObject } from '../objects/object.ts';

/** What tells a kind apart from all others; `Resource` is one, too. */
export interface Kind {
  group: string;
  kind: string;
}

/** An Event is one and the same in the core group and in events.k8s.io. */
export const kindKey = ({ group, kind }: Kind): string => `${group === 'events.k8s.io' ? '' : group} ${kind}`;

export const kindOf = ({ apiVersion, kind }: KubernetesObject): string => kindKey({ group: groupOf(apiVersion), kind });

export const isOfKind = (object: StoredObject, kind: Kind): boolean => kindOf(object) === kindKey(kind);

/** By namespace, then by name. */
export const inOrder = (objects: ReadonlyMap<string, StoredObject>): readonly StoredObject[] =>
  [...objects].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object);

export const place = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** What a person asks for: everything but metadata and status. */
export const desired = ({ metadata: _metadata, status: _status, ...rest }: Fields): unknown => rest;

export const versionOf = ({ metadata }: StoredObject): number => Number(metadata.resourceVersion);
