/** Objects, as people write them and as an API server keeps them, and what can be said of any of them. */
import { sha256Hex } from '../bytes/sha256.ts';
import type { Fields } from './fields.ts';

/** An object as a person writes it. */
export interface KubernetesObject extends Fields {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Fields;
}

/** An object as an API server keeps it. */
export interface StoredObject extends KubernetesObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    generation?: number;
  } & Fields;
}

export const identity = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** A UUID that is the same in every run. */
export function uid(key: string): string {
  const hex = sha256Hex(key);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** RFC 3339 as the API server writes it: whole seconds, UTC. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** Objects of a kind among others. */
export const ofKind = (objects: readonly StoredObject[], group: string, kind: string): readonly StoredObject[] =>
  objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === group);
