/**
 * `metadata.managedFields`: who wrote which field, and when. Every write of a client is recorded, field by field, as an API server
 * does (structured-merge-diff, FieldsV1). What controllers and fixtures wrote gets its owners in `owners.ts`.
 */
import { type Fields, isFields, list, text } from '../objects/fields.ts';
import { same } from '../objects/same.ts';
import { changedFields, type FieldSet, intersect, union, without } from './field-sets.ts';

export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** Empty for the object itself. */
  subresource: string;
  time: string;
}

export interface ManagedFieldsEntry extends Fields {
  manager: string;
  operation: string;
  fieldsV1: FieldSet;
}

/** What every object has, or the API server writes: nobody owns it. */
const unowned = new Set(['apiVersion', 'kind']);

const unownedMetadata = new Set([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
]);

/** The entries of an object, after a write that made it what it is from what it was. */
export function recordUpdate(
  old: unknown,
  fresh: Fields,
  entries: readonly ManagedFieldsEntry[],
  writer: Writer,
): readonly ManagedFieldsEntry[] {
  const changed = changedFields(owned(old ?? {}), owned(fresh), text(fresh, 'kind')) ?? {};
  const kept = entries.flatMap((entry) =>
    isBy(writer)(entry) ? [] : withFields(entry, without(entry.fieldsV1, changed)),
  );
  const own = entries.find(isBy(writer));
  const isNew = Object.keys(changed).length > 0;
  const mine: ManagedFieldsEntry = {
    ...entryOf(writer, union(own?.fieldsV1 ?? {}, changed)),
    ...(own !== undefined && !isNew ? { time: own['time'] } : {}),
  };
  return existing([...kept, mine], fresh);
}

/** The entries of an object, after its writer applied a set of fields and took those that others own, too. */
export function recordApply(
  fresh: Fields,
  applied: FieldSet,
  entries: readonly ManagedFieldsEntry[],
  writer: Writer,
  taken: FieldSet,
): readonly ManagedFieldsEntry[] {
  const own = entries.find(isBy(writer));
  const isSame = own !== undefined && same(own.fieldsV1, applied);
  const others = entries
    .filter((entry) => entry !== own)
    .flatMap((entry) => withFields(entry, without(entry.fieldsV1, taken)));
  const mine: ManagedFieldsEntry = {
    ...entryOf(writer, applied),
    ...(isSame ? { time: own['time'] } : {}),
  };
  return existing([mine, ...others], fresh);
}

/** The entries that an object carries; what is none is left out. */
export const entriesOf = (object: unknown): readonly ManagedFieldsEntry[] =>
  list(object, 'metadata', 'managedFields').filter(
    (entry): entry is ManagedFieldsEntry =>
      isFields(entry) && typeof entry['manager'] === 'string' && isFields(entry['fieldsV1']),
  );

export const isBy =
  ({ manager, operation, apiVersion, subresource }: Writer) =>
  (entry: ManagedFieldsEntry): boolean =>
    entry.manager === manager &&
    entry.operation === operation &&
    (operation === 'Apply' || text(entry, 'apiVersion') === apiVersion) &&
    text(entry, 'subresource') === subresource;

const entryOf = (
  { manager, operation, apiVersion, subresource, time }: Writer,
  fieldsV1: FieldSet,
): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...(subresource === '' ? {} : { subresource }),
});

/** The entry of a writer for fields of an object, in their order. */
export const entryFor = (writer: Writer, fields: FieldSet, object: Fields): ManagedFieldsEntry =>
  entryOf(writer, intersect(fields, object));

const withFields = (entry: ManagedFieldsEntry, fieldsV1: FieldSet | undefined): readonly ManagedFieldsEntry[] =>
  fieldsV1 === undefined ? [] : [{ ...entry, fieldsV1 }];

/** Entries reduced to the fields that the object still has. */
const existing = (entries: readonly ManagedFieldsEntry[], object: Fields): readonly ManagedFieldsEntry[] =>
  entries.flatMap((entry) => {
    const fields = intersect(entry.fieldsV1, object);
    return Object.keys(fields).length === 0 ? [] : [{ ...entry, fieldsV1: fields }];
  });

/** An object without what nobody owns. */
export function owned(object: unknown): Fields {
  if (!isFields(object)) return {};
  const entries = Object.entries(object).flatMap(([key, value]): readonly [string, unknown][] => {
    if (unowned.has(key)) return [];
    if (key !== 'metadata' || !isFields(value)) return [[key, value]];
    const own = Object.entries(value).filter(([field]) => !unownedMetadata.has(field));
    return own.length === 0 ? [] : [[key, Object.fromEntries(own)]];
  });
  return Object.fromEntries(entries);
}
