/**
 * Who wrote what nobody is recorded for. An API server records every write; the fixtures say it of few objects, and the demo's
 * controllers write without a record. So an object without entries in `metadata.managedFields`, and every status, belongs to whoever
 * writes such objects in a real cluster, since it was made. (Of what a client wrote, defaults are nobody's.) It is worked out when
 * somebody asks to see the object.
 */
import { at, list, strings, text } from '../objects/fields.ts';
import {
  entriesOf,
  entryFor,
  isBy,
  owned,
  fieldSetOf,
  union,
  without,
  type FieldSet,
  type Writer,
} from './managed-fields.ts';
import { groupOf, type StoredObject } from '../objects/object.ts';

const known = new WeakMap<StoredObject, StoredObject>();

/** The same object, every field of which has an owner. */
export function withOwners(object: StoredObject): StoredObject {
  const before = known.get(object);
  if (before !== undefined) return before;
  const completed = complete(object);
  known.set(object, completed);
  return completed;
}

function complete(object: StoredObject): StoredObject {
  const entries = [...entriesOf(object)];
  const covered = entries.reduce<FieldSet>((set, { fieldsV1 }) => union(set, fieldsV1), {});
  const { 'f:status': status, ...rest } = without(fieldSetOf(owned(object), object.kind), covered) ?? {};
  const uncovered: readonly (readonly [FieldSet, string, string])[] = [
    [entries.some((entry) => text(entry, 'subresource') === '') ? {} : rest, writerOf(object), ''],
    [status === undefined ? {} : { 'f:status': status }, statusWriterOf(object), 'status'],
  ];
  for (const [fields, manager, subresource] of uncovered) {
    if (Object.keys(fields).length === 0) continue;
    const { apiVersion, metadata } = object;
    const writer: Writer = { manager, operation: 'Update', apiVersion, subresource, time: metadata.creationTimestamp };
    const index = entries.findIndex(isBy(writer));
    if (index < 0) entries.push(entryFor(writer, fields, object));
    else entries[index] = entryFor(writer, union(entries[index]?.fieldsV1 ?? {}, fields), object);
  }
  return { ...object, metadata: { ...object.metadata, managedFields: entries } };
}

/** Field managers as the programs name themselves, by the API group of what they make or whose status they write. */
const programs: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io': 'envoy-gateway',
  'gateway.envoyproxy.io': 'envoy-gateway',
  'cert-manager.io': 'cert-manager',
  'acme.cert-manager.io': 'cert-manager',
  'external-secrets.io': 'external-secrets',
  'tailscale.com': 'operator',
  'cilium.io': 'cilium-operator-generic',
};
const controllerManager = 'kube-controller-manager';

function writerOf(object: StoredObject): string {
  const { metadata } = object;
  if (object.kind === 'Event') return text(object, 'source', 'component') || text(object, 'reportingComponent');
  const owner = list(metadata, 'ownerReferences').find((reference) => at(reference, 'controller') === true);
  if (owner !== undefined) return programs[groupOf(text(owner, 'apiVersion'))] ?? controllerManager;
  const labels = strings(metadata, 'labels');
  if (labels['app.kubernetes.io/managed-by'] === 'envoy-gateway') return 'envoy-gateway';
  if (labels['tailscale.com/managed'] === 'true') return 'operator';
  return 'kubectl-create';
}

function statusWriterOf({ apiVersion, kind }: StoredObject): string {
  if (kind === 'Pod' || kind === 'Node') return 'kubelet';
  if (kind === 'Service') return 'operator';
  return programs[groupOf(apiVersion)] ?? controllerManager;
}
