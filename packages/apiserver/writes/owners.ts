/**
 * Who wrote what nobody is recorded for. An API server records every write; the fixtures say it of few objects, and
 * controllers of this process write without a record. So an object without entries in `metadata.managedFields`, and every status, belongs to whoever
 * writes such objects in a real cluster, since it was made. (Of what a client wrote, defaults are nobody's.) It is worked out when
 * somebody asks to see the object.
 */
import { at, list, strings, text } from '../objects/fields.ts';
import { entriesOf, entryFor, isBy, owned, type Writer } from './managed-fields.ts';
import { fieldSetOf, union, without, type FieldSet } from './field-sets.ts';
import { groupOf, type StoredObject } from '../objects/object.ts';

/** Field managers, as the programs name themselves, of what no client of this API server wrote. */
export interface Authors {
  /** By the API group of what they make, or whose status they write. */
  groups: Readonly<Record<string, string>>;
  /** By a label of what they make: `name=value`. */
  labels: Readonly<Record<string, string>>;
  /** By the kind whose status they write. */
  statuses: Readonly<Record<string, string>>;
}

/** In a cluster that nothing is installed in. */
export const bareAuthors: Authors = { groups: {}, labels: {}, statuses: {} };

export class Owners {
  readonly #authors: Authors;
  readonly #known = new WeakMap<StoredObject, StoredObject>();

  constructor(authors: Authors) {
    this.#authors = authors;
  }

  /** The same object, every field of which has an owner. */
  withOwners(object: StoredObject): StoredObject {
    const before = this.#known.get(object);
    if (before !== undefined) return before;
    const completed = complete(object, this.#authors);
    this.#known.set(object, completed);
    this.#known.set(completed, completed);
    return completed;
  }
}

function complete(object: StoredObject, authors: Authors): StoredObject {
  const entries = [...entriesOf(object)];
  const covered = entries.reduce<FieldSet>((set, { fieldsV1 }) => union(set, fieldsV1), {});
  const { 'f:status': status, ...rest } = without(fieldSetOf(owned(object), object.kind), covered) ?? {};
  const uncovered: readonly (readonly [FieldSet, string, string])[] = [
    [entries.some((entry) => text(entry, 'subresource') === '') ? {} : rest, writerOf(object, authors), ''],
    [status === undefined ? {} : { 'f:status': status }, statusWriterOf(object, authors), 'status'],
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

const controllerManager = 'kube-controller-manager';

function writerOf(object: StoredObject, { groups, labels }: Authors): string {
  const { metadata } = object;
  if (object.kind === 'Event') return text(object, 'source', 'component') || text(object, 'reportingComponent');
  const owner = list(metadata, 'ownerReferences').find((reference) => at(reference, 'controller') === true);
  if (owner !== undefined) return groups[groupOf(text(owner, 'apiVersion'))] ?? controllerManager;
  const own = strings(metadata, 'labels');
  const labelled = Object.entries(own).find(([name, value]) => `${name}=${value}` in labels);
  return labelled === undefined ? 'kubectl-create' : (labels[labelled.join('=')] ?? '');
}

function statusWriterOf({ apiVersion, kind }: StoredObject, { groups, statuses }: Authors): string {
  if (kind === 'Pod' || kind === 'Node') return 'kubelet';
  return statuses[kind] ?? groups[groupOf(apiVersion)] ?? controllerManager;
}
