/**
 * What the objects of a kind might be like, if only they could be read: what a verdict without them has to reckon with. They are gone, one of
 * them is gone, they are those of another fault or of a case, they are as a sibling kind has them, or one field is another.
 */
import type { StoredObject } from '../../packages/apiserver/objects/object.ts';
import { isFields, type Fields } from '../../packages/apiserver/objects/fields.ts';
import { kinds, apiVersion, type KindName } from '../../src/runbook/kinds.ts';

/** Kinds whose objects can stand for one another's, as far as checks look at them. */
const siblings: Readonly<Record<string, readonly string[]>> = {
  Issuer: ['ClusterIssuer'],
  SecretStore: ['ClusterSecretStore'],
  DaemonSet: ['Deployment', 'StatefulSet'],
  Deployment: ['StatefulSet', 'DaemonSet'],
  StatefulSet: ['Deployment', 'DaemonSet'],
};

/** What a workload says that has no pod. */
const down: Fields = {
  ...{ replicas: 1, availableReplicas: 0, readyReplicas: 0, unavailableReplicas: 1 },
  ...{ desiredNumberScheduled: 1, currentNumberScheduled: 1, numberAvailable: 0, numberReady: 0, numberUnavailable: 1 },
};

const timed = /^\d{4}-\d\d-\d\dT/;
const year = 400 * 86_400_000;

/** Other values of the same sort. */
function others(value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [0, value + 1];
  if (typeof value !== 'string') return [];
  if (timed.test(value)) return [year, -year].map((more) => new Date(Date.parse(value) + more).toISOString());
  if (value === 'True') return ['False'];
  return ['other', 'other.svc.cluster.local'];
}

/** Every object that differs from one in a single field: gone, or of another value. */
function* changed(value: unknown): Generator {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      yield value.filter((_, index) => index !== at);
      for (const other of changed(item)) yield value.with(at, other);
    }
  } else if (isFields(value)) {
    for (const [field, inner] of Object.entries(value)) {
      const { [field]: _, ...rest } = value;
      yield rest;
      for (const other of changed(inner)) yield { ...value, [field]: other };
    }
  } else {
    yield* others(value);
  }
}

/** The same, but for what identifies the object. */
function* changedObject(object: StoredObject): Generator<StoredObject> {
  const { apiVersion: version, kind, metadata, ...rest } = object;
  for (const other of changed(rest)) yield { apiVersion: version, kind, metadata, ...(other as Fields) };
  const { name, namespace, ...told } = metadata;
  for (const other of changed({ labels: told['labels'], annotations: told['annotations'] })) {
    yield { ...object, metadata: { ...metadata, ...(other as Fields), name, namespace } };
  }
}

/** As many objects of a kind are changed field by field. */
const mostChanged = 12;

/**
 * Other objects of a kind, each variation once.
 *
 * @param own Those that there are.
 * @param elsewhere Objects of other situations, each a whole cluster.
 */
export function* variationsOf(
  kind: string,
  own: readonly StoredObject[],
  elsewhere: readonly (readonly StoredObject[])[],
): Generator<readonly StoredObject[]> {
  const seen = new Set([JSON.stringify(own)]);
  function* fresh(some: readonly StoredObject[]): Generator<readonly StoredObject[]> {
    const key = JSON.stringify(some);
    if (!seen.has(key)) yield some;
    seen.add(key);
  }
  const ofKind = (all: readonly StoredObject[], wanted: string): readonly StoredObject[] =>
    all.filter((object) => object.kind === wanted);
  yield* fresh([]);
  for (const gone of own) yield* fresh(own.filter((one) => one !== gone));
  for (const all of elsewhere) yield* fresh(ofKind(all, kind));
  for (const sibling of siblings[kind] ?? []) {
    const alike = elsewhere.flatMap((all) => ofKind(all, sibling));
    for (const text of new Set(alike.map((object) => JSON.stringify(object)))) {
      for (const same of asKind(JSON.parse(text) as StoredObject, kind as KindName)) yield [...own, same];
    }
  }
  for (const object of own.slice(0, mostChanged)) {
    for (const other of changedObject(object)) yield own.map((one) => (one === object ? other : one));
  }
}

/** As it is, and as a workload that has no pod. */
function asKind(object: StoredObject, kind: KindName): readonly StoredObject[] {
  const { namespace = 'tailscale', ...metadata } = object.metadata;
  const placed = { ...metadata, ...(kinds[kind].namespaced ? { namespace } : {}) };
  const same = { ...object, apiVersion: apiVersion(kind), kind, metadata: placed };
  return [same, { ...same, status: down }];
}
