/** What has happened to objects: for watches, and for lists of a moment that is past. */
import type { StoredObject } from '../objects/object.ts';
import { versionOf } from './kind.ts';

export interface StateEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: StoredObject;
  /** The object as it was until then. */
  before?: StoredObject;
}

/** How many events a watch can go back; a real API server keeps a few minutes of them. */
const length = 1000;

export class History {
  readonly #events: StateEvent[] = [];
  readonly #watchers = new Set<(event: StateEvent) => void>();
  #oldest: number;
  /** The version of the first object that there ever was. */
  readonly first: number;

  /** @param version The newest of the objects' versions. */
  constructor(objects: readonly StoredObject[], version: number) {
    this.#oldest = version;
    this.first = Math.min(version, ...objects.map(versionOf));
    if (objects.length < length) this.#rememberBeginning(objects);
  }

  /** A cluster that is young remembers how each of its objects came to be. */
  #rememberBeginning(objects: readonly StoredObject[]): void {
    const inOrder = [...objects].sort((a, b) => versionOf(a) - versionOf(b));
    this.#events.push(...inOrder.map((object) => ({ type: 'ADDED' as const, object })));
    this.#oldest = 0;
  }

  add(event: StateEvent): void {
    this.#events.push(event);
    if (this.#events.length > length) {
      const dropped = this.#events.shift();
      if (dropped !== undefined) this.#oldest = versionOf(dropped.object);
    }
    this.#watchers.forEach((watcher) => watcher(event));
  }

  watch(listener: (event: StateEvent) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** The oldest version that `since` can go on from. */
  get oldest(): number {
    return this.#oldest;
  }

  /** What happened after a version, oldest first; undefined when that is further back than is remembered. */
  since(version: number): readonly StateEvent[] | undefined {
    if (version < this.#oldest) return undefined;
    return this.#events.filter(({ object }) => versionOf(object) > version);
  }
}
