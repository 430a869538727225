/** External Secrets: validates stores, and copies what ExternalSecrets ask of them into Secrets [External Secrets 1.2]. */
import { toBase64 } from '../../../packages/apiserver/bytes/base64.ts';
import { sha3Hex } from './sha3.ts';
import { same } from '../../../packages/apiserver/objects/same.ts';
import {
  at,
  condition,
  fieldsOf,
  isFields,
  list,
  strings,
  text,
  type Fields,
} from '../../../packages/apiserver/objects/fields.ts';
import { timestamp, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../packages/apiserver/state/lifetime.ts';
import { placeholder } from '../exec/vault.ts';
import { controlledBy, type Condition } from '../../../packages/apiserver/controllers/cluster.ts';
import { kinds, type Cluster } from './cluster.ts';
import { parseDuration } from '../../formats/duration.ts';
import { processOf } from './processes.ts';
import { warn } from '../../../packages/apiserver/controllers/complaints.ts';
import { connect, isStoreFailure, type Store } from './secret-stores.ts';

const source = 'external-secrets';

export function externalSecrets(cluster: Cluster): void {
  if (processOf(cluster, /external-secrets\/external-secrets(?:[:@]|$)/, ['webhook', 'certcontroller']) === undefined) {
    return;
  }
  for (const kind of [kinds.ClusterSecretStore, kinds.SecretStore]) {
    for (const store of cluster.list(kind)) validate(cluster, store);
  }
  for (const secret of cluster.list(kinds.ExternalSecret)) {
    if (!isTerminating(secret)) synchronize(cluster, secret);
  }
}

/** A real one validates again every five minutes; here at once, so that nobody waits for it. */
function validate(cluster: Cluster, store: StoredObject): void {
  const present = list(store, 'status', 'conditions');
  const opened = connect(cluster, store, store.metadata.namespace);
  if (isStoreFailure(opened)) {
    warn(cluster, store, source, 'InvalidProviderConfig', opened.failure);
    const invalid = { status: 'False', reason: 'InvalidProviderConfig', message: 'unable to create client' } as const;
    cluster.setStatus(store, { conditions: cluster.conditions(present, { type: 'Ready', ...invalid }) });
    return;
  }
  const valid = { type: 'Ready', status: 'True', reason: 'Valid', message: 'store validated' } as const;
  if (condition(store['status'], 'Ready') !== 'True') cluster.event(store, source, 'Normal', 'Valid', valid.message);
  cluster.setStatus(store, { capabilities: 'ReadWrite', conditions: cluster.conditions(present, valid) });
}

/** When an ExternalSecret is copied, and why now. */
type Turn = { kind: 'not yet' } | { kind: 'now' } | { kind: 'scheduled'; due: Date; last: Date };

function synchronize(cluster: Cluster, given: StoredObject): void {
  const secret = rewound(cluster, given);
  const turn = turnOf(cluster, secret);
  if (turn.kind === 'not yet') return;
  const outcome = copy(cluster, secret);
  const present = list(secret, 'status', 'conditions');
  const failed = (message: string, cause: string): void => {
    warn(cluster, secret, source, 'UpdateFailed', cause);
    const condition: Condition = { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message };
    const next = cluster.conditions(present, condition);
    // What was due while nobody looked failed when it was due.
    const since = turn.kind === 'scheduled' ? timestamp(turn.due) : undefined;
    cluster.setStatus(secret, { conditions: since === undefined ? next : dated(present, next, since) });
  };
  switch (outcome.kind) {
    case 'no data':
      return failed('could not get secret data from provider', outcome.cause);
    case 'no secret':
      return failed('could not update secret', outcome.cause);
    case 'done':
      cluster.setStatus(secret, {
        binding: { name: targetName(secret) },
        conditions: cluster.conditions(present, { type: 'Ready', status: 'True', ...outcome.why }),
        refreshTime: turn.kind === 'scheduled' ? timestamp(turn.last) : cluster.timestamp,
        syncedResourceVersion: versionOf(secret),
      });
  }
}

/** The conditions with the time of those that just changed set to another. */
const dated = (before: readonly unknown[], after: readonly unknown[], time: string): readonly unknown[] =>
  after.map((entry) => {
    const old = before.find((other) => text(other, 'type') === text(entry, 'type'));
    const isNew = text(old, 'status') !== text(entry, 'status');
    return isNew && isFields(entry) ? { ...entry, lastTransitionTime: time } : entry;
  });

const intervalOf = (secret: StoredObject): number =>
  at(secret, 'spec', 'refreshInterval') === undefined
    ? 3_600_000
    : (parseDuration(text(secret, 'spec', 'refreshInterval')) ?? 3_600_000);

/**
 * A time of the last copy that is still to come tells that the clock stands in the past, where a scenario begins: the last copy as of
 * then was some intervals before.
 */
function rewound(cluster: Cluster, secret: StoredObject): StoredObject {
  const refreshed = Date.parse(text(secret, 'status', 'refreshTime'));
  const interval = intervalOf(secret);
  const ahead = refreshed - cluster.now.getTime();
  if (Number.isNaN(refreshed) || interval === 0 || ahead <= 0) return secret;
  const before = new Date(refreshed - Math.ceil(ahead / interval) * interval);
  return cluster.setStatus(secret, { refreshTime: timestamp(before) });
}

/** [shouldRefresh]: what has failed is tried again at once, where a real one waits longer each time, up to a quarter of an hour. */
function turnOf(cluster: Cluster, secret: StoredObject): Turn {
  const refreshed = Date.parse(text(secret, 'status', 'refreshTime'));
  const isFailing = condition(secret['status'], 'Ready') !== 'True';
  const isKnown = text(secret, 'status', 'syncedResourceVersion') === versionOf(secret);
  const policy = text(secret, 'spec', 'refreshPolicy');
  if (policy === 'CreatedOnce' && !Number.isNaN(refreshed) && !isFailing) return { kind: 'not yet' };
  if (!isKnown || isFailing || Number.isNaN(refreshed) || !isIntact(cluster, secret)) return { kind: 'now' };
  const interval = intervalOf(secret);
  const elapsed = cluster.now.getTime() - refreshed;
  if (policy === 'OnChange' || interval === 0 || elapsed < interval) return { kind: 'not yet' };
  const turns = Math.floor(elapsed / interval);
  return { kind: 'scheduled', due: new Date(refreshed + interval), last: new Date(refreshed + turns * interval) };
}

/** What of its metadata asks for another copy: any change of a label or an annotation does, and the generation. */
export function versionOf({ metadata }: { metadata: Fields & { generation?: number } }): string {
  const { annotations, labels } = { annotations: {}, labels: {}, ...metadata };
  return `${metadata.generation ?? 1}-${digest({ annotations: sorted(annotations), labels: sorted(labels) })}`;
}

const digest = (value: unknown): string => sha3Hex(typeof value === 'string' ? value : JSON.stringify(value));

const sorted = (value: unknown): unknown =>
  Object.entries(fieldsOf(value)).sort(([one], [other]) => (one < other ? -1 : 1));

const targetName = (secret: StoredObject): string => text(secret, 'spec', 'target', 'name') || secret.metadata.name;

const targetOf = (cluster: Cluster, secret: StoredObject): StoredObject | undefined =>
  cluster.get(kinds.Secret, secret.metadata.namespace, targetName(secret));

const managed = 'reconcile.external-secrets.io/managed';
const createdBy = 'reconcile.external-secrets.io/created-by';
const dataHash = 'reconcile.external-secrets.io/data-hash';

const policyOf = (secret: StoredObject): string => text(secret, 'spec', 'target', 'creationPolicy') || 'Owner';

/** Whether the Secret is there as it was written [isSecretValid]. */
function isIntact(cluster: Cluster, secret: StoredObject): boolean {
  if (['None', 'Merge'].includes(policyOf(secret))) return true;
  const target = targetOf(cluster, secret);
  return (
    target !== undefined &&
    text(target, 'metadata', 'labels', managed) === 'true' &&
    text(target, 'metadata', 'annotations', dataHash) === digest(sorted(target['data']))
  );
}

type Outcome =
  | { kind: 'done'; why: Pick<Condition, 'reason' | 'message'> }
  | { kind: 'no data'; cause: string }
  | { kind: 'no secret'; cause: string };

function copy(cluster: Cluster, secret: StoredObject): Outcome {
  const read = keysOf(cluster, secret);
  if ('cause' in read) return { kind: 'no data', cause: read.cause };
  const target = targetOf(cluster, secret);
  const policy = policyOf(secret);
  const synced = { kind: 'done', why: { reason: 'SecretSynced', message: 'secret synced' } } as const;
  if (read.keys.length === 0 && text(secret, 'spec', 'target', 'deletionPolicy') === 'Delete') {
    if (target !== undefined) cluster.remove(target);
    return { kind: 'done', why: { reason: 'SecretDeleted', message: 'secret deleted due to DeletionPolicy=Delete' } };
  }
  if (read.keys.length === 0) {
    return { kind: 'done', why: { reason: 'SecretSynced', message: 'secret retained due to DeletionPolicy=Retain' } };
  }
  if (policy === 'None') return synced;
  const name = targetName(secret);
  if (target === undefined && policy === 'Merge') {
    const cause = `the desired secret ${name} was not found. With creationPolicy=Merge the secret won't be created`;
    return { kind: 'no secret', cause };
  }
  const owner = list(target, 'metadata', 'ownerReferences').find((entry) => at(entry, 'controller') === true);
  if (policy === 'Owner' && owner !== undefined && text(owner, 'uid') !== secret.metadata.uid) {
    const place = `${secret.metadata.namespace ?? ''}/${name}`;
    const cause = `could not set ExternalSecret controller reference: Object ${place} is already owned by another ${text(owner, 'kind')} controller ${text(owner, 'name')}`;
    return { kind: 'no secret', cause };
  }
  write(cluster, secret, target, read.keys);
  return synced;
}

function write(
  cluster: Cluster,
  secret: StoredObject,
  target: StoredObject | undefined,
  keys: readonly string[],
): void {
  const policy = policyOf(secret);
  const { namespace = '', name } = secret.metadata;
  const template = at(secret, 'spec', 'target', 'template');
  const templated = Object.keys(strings(template, 'data'));
  const isMerged = templated.length === 0 || text(template, 'mergePolicy') === 'Merge';
  const wanted = [...(isMerged ? keys : []), ...templated];
  const value = toBase64(placeholder);
  const kept = policy === 'Merge' ? strings(target, 'data') : {};
  const data = { ...kept, ...Object.fromEntries(wanted.map((key) => [key, kept[key] ?? value])) };
  const labels = {
    ...strings(target, 'metadata', 'labels'),
    ...strings(template, 'metadata', 'labels'),
    [managed]: 'true',
    ...(policy === 'Owner' ? { [createdBy]: digest(`${namespace}/${name}`) } : {}),
  };
  const annotations = {
    ...strings(target, 'metadata', 'annotations'),
    ...strings(template, 'metadata', 'annotations'),
    [dataHash]: digest(sorted(data)),
  };
  const ownerReferences =
    policy === 'Owner' ? [controlledBy(secret)] : list(target, 'metadata', 'ownerReferences').slice();
  const metadata: Fields = {
    labels,
    annotations,
    ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
  };
  const own = { namespace, name: targetName(secret) };
  if (target === undefined) {
    cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...own, ...metadata },
      type: text(template, 'type') || 'Opaque',
      data,
    });
    cluster.event(secret, source, 'Normal', 'Created', 'secret created');
    return;
  }
  const fresh: StoredObject = { ...target, metadata: { ...target.metadata, ...metadata }, data };
  if (same(fresh, target)) return;
  cluster.replace(fresh);
  cluster.event(secret, source, 'Normal', 'Updated', 'secret updated');
}

/** The keys that the Secret is to have, or why they cannot be had. Values are nobody's business here. */
function keysOf(cluster: Cluster, secret: StoredObject): { keys: readonly string[] } | { cause: string } {
  const keys: string[] = [];
  const isKept = (text(secret, 'spec', 'target', 'deletionPolicy') || 'Retain') === 'Retain';
  for (const [index, entry] of list(secret, 'spec', 'data').entries()) {
    const key = text(entry, 'remoteRef', 'key');
    const property = text(entry, 'remoteRef', 'property');
    const told = (cause: string): { cause: string } => ({
      cause: `error processing spec.data[${index}] (key: ${key}), err: ${cause}`,
    });
    const store = storeOf(cluster, secret, at(entry, 'sourceRef', 'storeRef'));
    if (isStoreFailure(store)) return told(store.failure);
    const found = store.read(key);
    if (isStoreFailure(found)) return told(found.failure);
    if (found.properties === undefined && isKept) return told('Secret does not exist');
    if (found.properties === undefined) continue;
    if (property !== '' && !found.properties.includes(property)) {
      return told(`cannot find secret data for key: "${property}"`);
    }
    keys.push(text(entry, 'secretKey'));
  }
  for (const [index, entry] of list(secret, 'spec', 'dataFrom').entries()) {
    const key = text(entry, 'extract', 'key');
    // Generators and searches find what they find: the demo has nothing to find.
    if (key === '') continue;
    const told = (cause: string): { cause: string } => ({
      cause: `error processing spec.dataFrom[${index}].extract, err: ${cause}`,
    });
    const store = storeOf(cluster, secret, at(entry, 'sourceRef', 'storeRef'));
    if (isStoreFailure(store)) return told(store.failure);
    const found = store.read(key);
    if (isStoreFailure(found)) return told(found.failure);
    if (found.properties === undefined && isKept) return told('Secret does not exist');
    keys.push(...(found.properties ?? []));
  }
  return { keys };
}

/** The store that an entry reads from, if it can be used [pkg/controllers/secretstore/client_manager.go]. */
function storeOf(cluster: Cluster, secret: StoredObject, own: unknown): Store | { failure: string } {
  const reference = own ?? at(secret, 'spec', 'secretStoreRef');
  const kind = text(reference, 'kind') || 'SecretStore';
  const name = text(reference, 'name');
  const isCluster = kind === 'ClusterSecretStore';
  const store = isCluster
    ? cluster.get(kinds.ClusterSecretStore, undefined, name)
    : cluster.get(kinds.SecretStore, secret.metadata.namespace, name);
  if (store === undefined) {
    return { failure: `could not get ${kind} "${name}", ${kind}.external-secrets.io "${name}" not found` };
  }
  if (condition(store['status'], 'Ready') !== 'True') return { failure: `${kind} "${name}" is not ready` };
  return connect(cluster, store, secret.metadata.namespace);
}
