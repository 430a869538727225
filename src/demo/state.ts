/**
 * What the demo cluster holds in memory: objects, the kinds that they make it serve, and the logs of its containers.
 *
 * Watches and followed logs hear of what changes here.
 */
import { isDeepStrictEqual } from 'node:util';
import { at } from './fields.ts';
import {
  applyChanges,
  groupOf,
  servedResources,
  store,
  type Change,
  type KubernetesObject,
  type StoredObject,
} from './objects.ts';
import type { Resource } from './resources.ts';

export interface StateEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: StoredObject;
}

type Listener<T> = (event: T) => void;

export class State {
  readonly #clockSkew: number;
  readonly #logs: Map<string, string>;
  readonly #watchers = new Set<Listener<StateEvent>>();
  readonly #followers = new Map<string, Set<Listener<string>>>();
  #objects: readonly StoredObject[];
  #resources: readonly Resource[];
  #resourceVersion: number;

  constructor(objects: readonly KubernetesObject[], logs: ReadonlyMap<string, string>, now: Date) {
    this.#clockSkew = now.getTime() - Date.now();
    this.#objects = sorted(store(objects, now));
    this.#resources = servedResources(this.#objects);
    this.#resourceVersion = Math.max(1000, ...this.#objects.map(versionOf));
    this.#logs = new Map(logs);
  }

  /** The demo's clock: it may have been set, and then runs on. */
  now(): Date {
    return new Date(Date.now() + this.#clockSkew);
  }

  get objects(): readonly StoredObject[] {
    return this.#objects;
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  /** Objects of a kind, ordered as an API server lists them: by namespace, then by name. */
  list({ group, kind }: Resource, namespace?: string): readonly StoredObject[] {
    return this.#objects.filter(
      (object) =>
        object.kind === kind &&
        groupOf(object.apiVersion) === group &&
        (namespace === undefined || object.metadata.namespace === namespace),
    );
  }

  get(resource: Resource, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.list(resource, namespace).find(({ metadata }) => metadata.name === name);
  }

  /** Changes objects as a controller or a person would while others watch. */
  change(changes: readonly Change[]): void {
    for (const change of changes) {
      const before = new Map(this.#objects.map((object) => [object.metadata.uid, object]));
      const after = store(applyChanges(this.#objects, [change]), this.now());
      const events: StateEvent[] = [];
      this.#objects = sorted(
        after.map((object) => {
          const old = before.get(object.metadata.uid);
          before.delete(object.metadata.uid);
          if (old !== undefined && isDeepStrictEqual(old, object)) return old;
          const fresh = this.#renew(object, old);
          events.push({ type: old === undefined ? 'ADDED' : 'MODIFIED', object: fresh });
          return fresh;
        }),
      );
      for (const gone of before.values()) events.push({ type: 'DELETED', object: this.#renew(gone, gone) });
      this.#resources = servedResources(this.#objects);
      for (const event of events) this.#watchers.forEach((watcher) => watcher(event));
    }
  }

  #renew(object: StoredObject, old: StoredObject | undefined): StoredObject {
    this.#resourceVersion += 1;
    const { generation, ...metadata } = object.metadata;
    const changed = old !== undefined && !isDeepStrictEqual(at(old, 'spec'), at(object, 'spec'));
    return {
      ...object,
      metadata: {
        ...metadata,
        resourceVersion: this.resourceVersion,
        ...(generation === undefined ? {} : { generation: changed ? generation + 1 : generation }),
      },
    };
  }

  /** Calls back with every change until the returned function is called. */
  watch(listener: Listener<StateEvent>): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  log(container: string): string {
    return this.#logs.get(container) ?? '';
  }

  hasLog(container: string): boolean {
    return this.#logs.has(container);
  }

  appendLog(container: string, line: string): void {
    this.#logs.set(container, `${this.log(container)}${line}\n`);
    this.#followers.get(container)?.forEach((follower) => follower(`${line}\n`));
  }

  followLog(container: string, listener: Listener<string>): () => void {
    const followers = this.#followers.get(container) ?? new Set();
    this.#followers.set(container, followers.add(listener));
    return () => followers.delete(listener);
  }
}

const sortKey = ({ metadata }: StoredObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const sorted = (objects: readonly StoredObject[]): readonly StoredObject[] =>
  objects
    .map((object) => ({ object, key: sortKey(object) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ object }) => object);

export const versionOf = ({ metadata }: StoredObject): number => Number(metadata.resourceVersion);
