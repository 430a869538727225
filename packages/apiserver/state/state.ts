/**
 * What a cluster holds in memory: objects, the kinds that they make it serve, and the logs of its containers.
 *
 * Everything that changes goes through `create`, `replace` and `remove`, as it does in a real API server's storage; watches and
 * followed logs hear of it.
 */
import { fieldsOf, list } from '../objects/fields.ts';
import { identity, type KubernetesObject, type StoredObject, timestamp, uid } from '../objects/object.ts';
import { withTimes } from '../objects/relative-times.ts';
import { same } from '../objects/same.ts';
import type { Resource } from '../resources/resources.ts';
import { type Authors, bareAuthors, Owners } from '../writes/owners.ts';
import { applyChange, type Change } from './changes.ts';
import { History, type StateEvent } from './history.ts';
import { desired, inOrder, type Kind, kindKey, kindOf, place, versionOf } from './kind.ts';
import { graceOf, isHeld, isTerminating, namespaceKind, type Removal } from './lifetime.ts';
import { complete, servedResources, store } from './store.ts';

export interface StateOptions {
  /** The time at the start. */
  now?: Date;
  /** By the key of a container (`logKey`). */
  logs?: ReadonlyMap<string, string>;
  /** Who is taken to have written what nobody is recorded for. */
  authors?: Authors;
}

export class State {
  readonly #owners: Owners;
  readonly #clockSkew: number;
  readonly #logs: Map<string, string>;
  readonly #followers = new Map<string, Set<(line: string) => void>>();
  /** By kind, then by namespace and name. */
  readonly #kinds = new Map<string, Map<string, StoredObject>>();
  /** The same in the order in which an API server lists them; made anew after a change. */
  readonly #sorted = new Map<string, readonly StoredObject[]>();
  readonly #history: History;
  #all: readonly StoredObject[] | undefined;
  #resources: readonly Resource[] = [];
  #resourceVersion: number;
  #frozen: Date | undefined;

  constructor(
    objects: readonly KubernetesObject[],
    { now = new Date(), logs = new Map(), authors = bareAuthors }: StateOptions = {},
  ) {
    this.#owners = new Owners(authors);
    this.#clockSkew = now.getTime() - Date.now();
    const stored = store(objects, now);
    for (const object of stored) this.#kindMap(kindOf(object)).set(place(object), object);
    this.#resources = servedResources(stored);
    this.#resourceVersion = Math.max(1000, ...stored.map(versionOf));
    this.#history = new History(stored, this.#resourceVersion);
    this.#logs = new Map(logs);
  }

  /** The cluster's clock: it may have been set, and then runs on. */
  now(): Date {
    return this.#frozen ?? new Date(Date.now() + this.#clockSkew);
  }

  /** Does something as if it were another time: what happens before anybody looks happened a while ago. */
  at<T>(time: Date, act: () => T): T {
    this.#frozen = time;
    try {
      return act();
    } finally {
      this.#frozen = undefined;
    }
  }

  /** Every object. The same array as long as nothing changes. */
  get objects(): readonly StoredObject[] {
    this.#all ??= [...this.#kinds.keys()].flatMap((kind) => this.#list(kind));
    return this.#all;
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  /** Objects of a kind, ordered as an API server lists them: by namespace, then by name. */
  list(kind: Kind, namespace?: string): readonly StoredObject[] {
    const all = this.#list(kindKey(kind));
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** The same as it was at a version; undefined when that is further back than is remembered. */
  listAt(version: number, kind: Kind, namespace?: string): readonly StoredObject[] | undefined {
    const later = this.since(version);
    if (later === undefined) return undefined;
    const key = kindKey(kind);
    const objects = new Map(this.#kinds.get(key));
    for (const { type, object, before } of later.toReversed()) {
      if (kindOf(object) !== key) continue;
      if (type === 'ADDED' || before === undefined) objects.delete(place(object));
      else objects.set(place(object), before);
    }
    const all = inOrder(objects);
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  get(kind: Kind, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#kinds.get(kindKey(kind))?.get(`${namespace ?? ''}/${name}`);
  }

  /**
   * Stores a new object, with what every API server fills in; a dry run only says what it would be.
   *
   * @throws when there is one of that name.
   */
  create(object: KubernetesObject, isDryRun = false): StoredObject {
    const kind = kindOf(object);
    const objects = this.#kindMap(kind);
    if (objects.has(place(object))) throw new Error(`${object.kind} ${place(object)} exists already.`);
    const resource = this.#resources.find((candidate) => kindKey(candidate) === kind);
    const resourceVersion = isDryRun ? '' : this.#nextVersion();
    const stored: StoredObject = {
      ...object,
      metadata: {
        creationTimestamp: timestamp(this.now()),
        ...(resource?.generation === true ? { generation: 1 } : {}),
        ...object.metadata,
        uid: uid(`${identity(object)} ${resourceVersion}`),
        resourceVersion,
      },
    };
    const completed = complete(stored, this.objects);
    if (!isDryRun) this.#put(kind, completed, 'ADDED');
    return completed;
  }

  /**
   * Stores an object in place of the one of its name. When nothing differs nothing happens; `generation` counts changes of
   * anything but metadata and status. An object that was to be deleted goes when nothing holds it any more.
   */
  replace(object: StoredObject, isDryRun = false): StoredObject {
    const kind = kindOf(object);
    const old = this.#kindMap(kind).get(place(object));
    if (old === undefined) throw new Error(`${object.kind} ${place(object)} does not exist.`);
    const { generation, uid, creationTimestamp } = old.metadata;
    const asked: StoredObject = {
      ...object,
      metadata: { ...object.metadata, uid, creationTimestamp, resourceVersion: old.metadata.resourceVersion },
    };
    if (generation !== undefined) asked.metadata.generation = generation;
    if (same(asked, old)) return old;
    const resourceVersion = isDryRun ? old.metadata.resourceVersion : this.#nextVersion();
    const fresh: StoredObject = { ...asked, metadata: { ...asked.metadata, resourceVersion } };
    if (generation !== undefined && !same(desired(old), desired(asked))) {
      fresh.metadata.generation = generation + 1;
    }
    const isDone = isTerminating(fresh) && !isHeld(fresh);
    if (!isDryRun) this.#put(kind, fresh, isDone ? 'DELETED' : 'MODIFIED');
    return fresh;
  }

  /** Deletes an object, or marks it when something holds it; what is marked already may be given less time. */
  remove(object: StoredObject, { graceSeconds = 0, finalizers = [] }: Removal = {}): StoredObject {
    const kind = kindOf(object);
    const old = this.#kindMap(kind).get(place(object));
    if (old === undefined) return object;
    const left = isTerminating(old) ? Math.min(graceSeconds, graceOf(old)) : graceSeconds;
    const held = [...new Set([...list(old, 'metadata', 'finalizers'), ...finalizers])];
    const marked: StoredObject = {
      ...old,
      metadata: {
        ...old.metadata,
        deletionTimestamp:
          isTerminating(old) && left === graceOf(old)
            ? old.metadata['deletionTimestamp']
            : timestamp(new Date(this.now().getTime() + left * 1000)),
        deletionGracePeriodSeconds: left,
        ...(held.length === 0 ? {} : { finalizers: held }),
      },
      ...(kind === namespaceKind ? { status: { ...fieldsOf(old, 'status'), phase: 'Terminating' } } : {}),
    };
    if (isHeld(marked)) return this.replace(marked);
    const gone = { ...old, metadata: { ...old.metadata, resourceVersion: this.#nextVersion() } };
    this.#put(kind, gone, 'DELETED');
    return gone;
  }

  /** Changes objects as a person would while others watch. Times such as `{{ago 2d}}` count from `now`. */
  change(changes: readonly Change[], now: Date = this.now()): void {
    for (const change of changes) {
      const object = withTimes(change.object, now) as KubernetesObject;
      const old = this.#kinds.get(kindOf(object))?.get(place(object));
      const wanted = applyChange(old, { ...change, object });
      if (wanted === undefined) this.#forget(old);
      else if (old === undefined) this.create(wanted);
      else this.replace(wanted as StoredObject);
    }
  }

  /** Deletes without regard to finalizers: a change says what is gone, not how it went. */
  #forget(object: StoredObject | undefined): void {
    if (object === undefined) return;
    const { finalizers: _finalizers, ...metadata } = object.metadata;
    this.#put(
      kindOf(object),
      { ...object, metadata: { ...metadata, resourceVersion: this.#nextVersion() } },
      'DELETED',
    );
  }

  #nextVersion(): string {
    this.#resourceVersion += 1;
    return this.resourceVersion;
  }

  #put(kind: string, object: StoredObject, type: StateEvent['type']): void {
    const objects = this.#kindMap(kind);
    const before = objects.get(place(object));
    if (type === 'DELETED') objects.delete(place(object));
    else objects.set(place(object), object);
    this.#sorted.delete(kind);
    this.#all = undefined;
    if (object.kind === 'CustomResourceDefinition') this.#resources = servedResources(this.objects);
    const event: StateEvent = before === undefined ? { type, object } : { type, object, before };
    this.#history.add(event);
  }

  #kindMap(kind: string): Map<string, StoredObject> {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const fresh = new Map<string, StoredObject>();
    this.#kinds.set(kind, fresh);
    return fresh;
  }

  #list(kind: string): readonly StoredObject[] {
    const known = this.#sorted.get(kind);
    if (known !== undefined) return known;
    const sorted = inOrder(this.#kinds.get(kind) ?? new Map());
    this.#sorted.set(kind, sorted);
    return sorted;
  }

  /** Calls back with every change until the returned function is called. */
  watch(listener: (event: StateEvent) => void): () => void {
    return this.#history.watch(listener);
  }

  /** The version of the first object that there ever was. */
  get firstVersion(): number {
    return this.#history.first;
  }

  /** The oldest version that `since` can go on from. */
  get oldestVersion(): number {
    return this.#history.oldest;
  }

  /** What happened after a version, oldest first; undefined when that is further back than is remembered. */
  since(version: number): readonly StateEvent[] | undefined {
    return this.#history.since(version);
  }

  /** An object with an owner of every field in its `metadata.managedFields`, as clients see it. */
  withOwners(object: StoredObject): StoredObject {
    return this.#owners.withOwners(object);
  }

  log(container: string): string {
    return this.#logs.get(container) ?? '';
  }

  hasLog(container: string): boolean {
    return this.#logs.has(container);
  }

  /** Another run of a container begins with a log of its own. */
  setLog(container: string, log: string): void {
    this.#logs.set(container, `${log}\n`);
  }

  appendLog(container: string, line: string): void {
    this.#logs.set(container, `${this.log(container)}${line}\n`);
    this.#followers.get(container)?.forEach((follower) => follower(`${line}\n`));
  }

  followLog(container: string, listener: (line: string) => void): () => void {
    const followers = this.#followers.get(container) ?? new Set();
    this.#followers.set(container, followers.add(listener));
    return () => followers.delete(listener);
  }
}
