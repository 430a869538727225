/**
 * Server-side apply: a manager says which fields it wants to have which values. It becomes their owner, gives up those that it no
 * longer names, and is refused what another manager owns with another value, unless it insists.
 */
import { same } from '../objects/same.ts';
import { fieldsOf, isFields, text, type Fields } from '../objects/fields.ts';
import { childOf, fieldSetOf, itemsOf, pathsOf, union, without, type FieldSet } from './field-sets.ts';
import { entriesOf, isBy, owned, recordApply, type ManagedFieldsEntry, type Writer } from './managed-fields.ts';
import { applyConflict } from '../http/statuses.ts';

/**
 * What an apply makes of an object, with its managedFields.
 *
 * @throws StatusError 409 when others own fields that it would change, and it does not insist.
 */
export function serverSideApply(old: Fields, applied: Fields, writer: Writer, isForced: boolean): Fields {
  const kind = text(applied, 'kind');
  const wanted = fieldSetOf(owned(applied), kind);
  const entries = entriesOf(old);
  const before = entries.find(isBy(writer));
  const merged = mergeApplied(old, applied, kind, []) as Fields;

  const conflicts = entries
    .filter((entry) => entry !== before)
    .map((entry) => ({ entry, fields: differing(entry.fieldsV1, wanted, old, merged) }))
    .filter(({ fields }) => Object.keys(fields).length > 0);
  if (conflicts.length > 0 && !isForced) throw conflictOf(conflicts);
  const taken = conflicts.reduce<FieldSet>((all, { fields }) => union(all, fields), {});

  const ownedByOthers = entries
    .filter((entry) => entry !== before)
    .reduce<FieldSet>((all, { fieldsV1 }) => union(all, fieldsV1), {});
  const givenUp = without(without(before?.fieldsV1 ?? {}, wanted) ?? {}, ownedByOthers) ?? {};
  const fresh = remove(merged, givenUp) as Fields;
  const managedFields = recordApply(fresh, wanted, entries, writer, taken);
  return { ...fresh, metadata: { ...fieldsOf(fresh, 'metadata'), managedFields } };
}

/** Maps and lists with keys merge; every other value is replaced. */
function mergeApplied(old: unknown, applied: unknown, kind: string, path: readonly string[]): unknown {
  if (isFields(applied)) {
    const merged = new Map(Object.entries(fieldsOf(old)));
    for (const [key, value] of Object.entries(applied)) {
      if (value === null) merged.delete(key);
      else merged.set(key, mergeApplied(merged.get(key), value, kind, [...path, key]));
    }
    return Object.fromEntries(merged);
  }
  const items = itemsOf(applied, kind, path);
  const present = itemsOf(old, kind, path);
  if (items === undefined || present === undefined) return applied;
  const merged = new Map(present);
  for (const [key, item] of items) merged.set(key, mergeApplied(merged.get(key), item, kind, path));
  // What the apply names stands in its order, before what only others know.
  return [...new Set([...items.keys(), ...merged.keys()])].map((key) => merged.get(key));
}

/** Fields of one set that the other names too and whose value would change. */
function differing(theirs: FieldSet, wanted: FieldSet, old: unknown, fresh: unknown): FieldSet {
  const isLeaf = (set: FieldSet): boolean => Object.keys(set).every((key) => key === '.');
  const found = Object.entries(theirs).flatMap(([name, inner]): readonly [string, FieldSet][] => {
    const mine = wanted[name];
    if (name === '.' || !isFields(inner) || !isFields(mine)) return [];
    const [before, after] = [childOf(old, name), childOf(fresh, name)];
    if (same(before, after)) return [];
    if (isLeaf(inner) || isLeaf(mine)) return isLeaf(inner) && isLeaf(mine) ? [[name, {}]] : [];
    const below = differing(inner, mine, before, after);
    return Object.keys(below).length === 0 ? [] : [[name, below]];
  });
  return Object.fromEntries(found);
}

/** A value without the fields of a set. */
function remove(value: unknown, set: FieldSet): unknown {
  let rest = value;
  for (const [name, inner] of Object.entries(set)) {
    const child = name === '.' ? undefined : childOf(rest, name);
    if (child === undefined || !isFields(inner)) continue;
    const isWhole = Object.keys(inner).every((key) => key === '.') || '.' in inner;
    const left = isWhole ? undefined : remove(child, inner);
    if (Array.isArray(rest)) {
      rest = rest.flatMap((item: unknown) => (item === child ? (left === undefined ? [] : [left]) : [item]));
    } else if (isFields(rest)) {
      const { [name.slice(2)]: _child, ...others } = rest;
      rest = left === undefined ? others : { ...rest, [name.slice(2)]: left };
    }
  }
  return rest;
}

interface Contested {
  entry: ManagedFieldsEntry;
  fields: FieldSet;
}

function conflictOf(conflicts: readonly Contested[]): Error {
  const causes = conflicts.flatMap(({ entry, fields }) =>
    [...pathsOf(fields)].map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${printed(entry)}`,
      field,
    })),
  );
  const [first] = causes;
  if (first !== undefined && causes.length === 1) {
    return applyConflict(`Apply failed with 1 conflict: ${first.message}: ${first.field}`, causes);
  }
  const each = conflicts.map(
    ({ entry, fields }) =>
      `conflicts with ${printed(entry)}:\n${[...pathsOf(fields)].map((path) => `- ${path}`).join('\n')}`,
  );
  return applyConflict(`Apply failed with ${causes.length} conflicts: ${each.join('\n')}`, causes);
}

/** A manager as messages name it (apimachinery, managedfields/internal/conflict.go). */
function printed(entry: ManagedFieldsEntry): string {
  const subresource = text(entry, 'subresource');
  const name =
    JSON.stringify(entry.manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return entry.operation === 'Update' ? `${name} using ${text(entry, 'apiVersion')}` : name;
}
