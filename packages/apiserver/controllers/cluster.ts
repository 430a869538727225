/**
 * A cluster as its controllers see it: objects to look at and to write, and a clock.
 *
 * Every write is level-triggered: one that changes nothing is no write, so a controller says what should be and need not ask what is.
 */
import { sha256Hex } from '../bytes/sha256.ts';
import { fieldsOf, list, number, text, type Fields } from '../objects/fields.ts';
import { timestamp, type KubernetesObject, type StoredObject } from '../objects/object.ts';
import { gracePeriodOf, type Removal } from '../state/lifetime.ts';
import type { Kind } from '../state/kind.ts';
import type { State } from '../state/state.ts';
import { suffixOf } from './suffix.ts';

/** Makes one pass over the cluster; what it changes calls for another. */
export type Controller<C extends Cluster = Cluster> = (cluster: C) => void;

export const kinds = {
  ConfigMap: { group: '', kind: 'ConfigMap' },
  Event: { group: '', kind: 'Event' },
  Namespace: { group: '', kind: 'Namespace' },
  Node: { group: '', kind: 'Node' },
  PersistentVolumeClaim: { group: '', kind: 'PersistentVolumeClaim' },
  Pod: { group: '', kind: 'Pod' },
  Secret: { group: '', kind: 'Secret' },
  Service: { group: '', kind: 'Service' },
  ServiceAccount: { group: '', kind: 'ServiceAccount' },
  DaemonSet: { group: 'apps', kind: 'DaemonSet' },
  Deployment: { group: 'apps', kind: 'Deployment' },
  ReplicaSet: { group: 'apps', kind: 'ReplicaSet' },
  StatefulSet: { group: 'apps', kind: 'StatefulSet' },
  ClusterRole: { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
  CronJob: { group: 'batch', kind: 'CronJob' },
  Job: { group: 'batch', kind: 'Job' },
  EndpointSlice: { group: 'discovery.k8s.io', kind: 'EndpointSlice' },
} as const satisfies Readonly<Record<string, Kind>>;

/** A condition before anybody knows since when. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

export class Cluster {
  readonly #state: State;
  #serial = 0;
  /** What the processes of the cluster remember, by a key that says whose memory it is. */
  readonly memory = new Map<string, unknown>();

  constructor(state: State) {
    this.#state = state;
  }

  /** What there is to act on; as long as all of it stays the same, nothing is left to do. */
  get circumstances(): readonly unknown[] {
    return [this.#state.resourceVersion];
  }

  /** Calls back whenever the circumstances change, until the returned function is called. */
  watch(listener: () => void): () => void {
    return this.#state.watch(listener);
  }

  get now(): Date {
    return this.#state.now();
  }

  /** The time as objects write it. */
  get timestamp(): string {
    return timestamp(this.now);
  }

  get objects(): readonly StoredObject[] {
    return this.#state.objects;
  }

  list(kind: Kind, namespace?: string): readonly StoredObject[] {
    return this.#state.list(kind, namespace);
  }

  get(kind: Kind, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#state.get(kind, namespace, name);
  }

  /** Objects of a kind that an object owns. */
  owned(kind: Kind, owner: StoredObject): readonly StoredObject[] {
    return this.list(kind, owner.metadata.namespace).filter((object) =>
      list(object, 'metadata', 'ownerReferences').some((reference) => text(reference, 'uid') === owner.metadata.uid),
    );
  }

  create(object: KubernetesObject): StoredObject {
    return this.#state.create(object);
  }

  replace(object: StoredObject): StoredObject {
    return this.#state.replace(object);
  }

  /** Deletes an object as a controller does: a pod gets the time that its spec says. */
  remove(object: StoredObject, removal: Removal = {}): void {
    this.#state.remove(object, { graceSeconds: gracePeriodOf(object), ...removal });
  }

  /** Sets fields of the status; `undefined` takes one away, others stay. */
  setStatus(object: StoredObject, fields: Fields): StoredObject {
    const status = Object.fromEntries(
      Object.entries({ ...fieldsOf(object, 'status'), ...fields }).filter(([, value]) => value !== undefined),
    );
    return this.replace({ ...object, status });
  }

  /** Conditions with some of them as they are now: a transition has a time, a mere repetition has none. */
  conditions(present: readonly unknown[], ...wanted: readonly Condition[]): readonly unknown[] {
    const next = [...present];
    for (const condition of wanted) {
      const index = next.findIndex((entry) => text(entry, 'type') === condition.type);
      const old = index === -1 ? undefined : next[index];
      const since = text(old, 'status') === condition.status ? text(old, 'lastTransitionTime') : '';
      const entry = { ...condition, lastTransitionTime: since === '' ? this.timestamp : since };
      if (index === -1) next.push(entry);
      else next[index] = entry;
    }
    return next;
  }

  /** What a generated name ends in: the same in every run, for the same seed. */
  suffix(seed: string, length = 5): string {
    return suffixOf(seed, length);
  }

  /** A number that was not given before: a seed for names. */
  serial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  log(container: string, line: string): void {
    this.#state.appendLog(container, line);
  }

  /** Puts a run's log in place of the last one's. */
  setLog(container: string, log: string): void {
    this.#state.setLog(container, log);
  }

  /**
   * Writes an Event about an object, or about the part of it that `fieldPath` names; one that says the same again is counted.
   *
   * @param times How often it was said since anybody looked.
   */
  event(
    about: StoredObject & { fieldPath?: string },
    source: string,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    times = 1,
  ): void {
    const { apiVersion, kind, metadata, fieldPath } = about;
    const namespace = metadata.namespace ?? 'default';
    const name = `${metadata.name}.${sha256Hex(
      `${metadata.uid} ${source} ${fieldPath ?? ''} ${reason} ${message}`,
    ).slice(0, 16)}`;
    const old = this.get(kinds.Event, namespace, name);
    if (old !== undefined) {
      this.replace({ ...old, count: number(old, 'count') + times, lastTimestamp: this.timestamp });
      return;
    }
    this.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace, name },
      involvedObject: {
        apiVersion,
        kind,
        ...(metadata.namespace === undefined ? {} : { namespace }),
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      type,
      reason,
      message,
      count: times,
      firstTimestamp: this.timestamp,
      lastTimestamp: this.timestamp,
      source: { component: source },
      reportingComponent: source,
      reportingInstance: '',
    });
  }

  /** Whether the Deployment or StatefulSet of that name has somebody to do its work. */
  isRunning(namespace: string, name: string): boolean {
    const workload = this.get(kinds.Deployment, namespace, name) ?? this.get(kinds.StatefulSet, namespace, name);
    return workload !== undefined && number(workload, 'status', 'readyReplicas') > 0;
  }
}

/** An `ownerReferences` entry of a controller's own object. */
export const controlledBy = ({ apiVersion, kind, metadata }: StoredObject): Fields => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});
