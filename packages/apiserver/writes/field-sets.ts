/** Sets of fields, as `managedFields` writes them: what an object has, what differs between two, and what remains of a set without another. */
import { fieldsOf, isFields } from '../objects/fields.ts';
import { same } from '../objects/same.ts';
import { keyDefaults, listTypeAt } from '../resources/list-types.ts';
import { builtinResources } from '../resources/built-in.ts';

/** `{"f:spec": {"f:replicas": {}}}`; an entry without children is a field that is owned as a whole. */
export type FieldSet = Readonly<Record<string, unknown>>;

/** Every field of a value. */
export function fieldSetOf(value: unknown, kind: string, path: readonly string[] = []): FieldSet {
  if (isFields(value)) {
    const fields = Object.entries(value).map(
      ([key, inner]) => [`f:${key}`, fieldSetOf(inner, kind, [...path, key])] as const,
    );
    return fields.length === 0 ? {} : { ...itself(kind, path), ...Object.fromEntries(fields) };
  }
  const items = itemsOf(value, kind, path);
  if (items === undefined) return {};
  return {
    ...itself(kind, path),
    ...Object.fromEntries(
      [...items].map(([key, item]) => [key, isFields(item) ? { '.': {}, ...fieldSetOf(item, kind, path) } : {}]),
    ),
  };
}

/** Kinds that are types of a program, which has some of their fields from the start. */
const types = new Set(['TokenRequest', 'Scale', ...builtinResources.map(({ kind }) => kind)]);

/** What the empty object of a type has already: nobody adds it. */
const inborn = new Set([
  '',
  'metadata',
  'spec',
  'status',
  'spec.containers',
  'spec.strategy',
  'spec.updateStrategy',
  'spec.template',
  'spec.template.metadata',
  'spec.template.spec',
  'spec.template.spec.containers',
  'spec.jobTemplate',
  'spec.jobTemplate.metadata',
  'spec.jobTemplate.spec',
  'spec.jobTemplate.spec.template',
  'spec.jobTemplate.spec.template.metadata',
  'spec.jobTemplate.spec.template.spec',
  'spec.jobTemplate.spec.template.spec.containers',
]);

/** The mark of a map or list that somebody added as such, and not only what is in it. */
function itself(kind: string, path: readonly string[]): FieldSet {
  const isInborn = types.has(kind) ? inborn.has(path.join('.')) : path.length === 0 || path.join('.') === 'metadata';
  return isInborn ? {} : { '.': {} };
}

/** The fields that differ and are there; undefined when none is. */
export function changedFields(
  old: unknown,
  fresh: unknown,
  kind: string,
  path: readonly string[] = [],
): FieldSet | undefined {
  if (same(old, fresh)) return undefined;
  if (isFields(old) && isFields(fresh)) {
    return some(
      Object.entries(fresh).map(([key, value]) => [
        `f:${key}`,
        key in old ? changedFields(old[key], value, kind, [...path, key]) : fieldSetOf(value, kind, [...path, key]),
      ]),
    );
  }
  const [before, after] = [itemsOf(old, kind, path), itemsOf(fresh, kind, path)];
  if (before === undefined || after === undefined) return fieldSetOf(fresh, kind, path);
  return some(
    [...after].map(([key, item]) => [
      key,
      before.has(key)
        ? changedFields(before.get(key), item, kind, path)
        : isFields(item)
          ? { '.': {}, ...fieldSetOf(item, kind, path) }
          : {},
    ]),
  );
}

function some(fields: readonly (readonly [string, FieldSet | undefined])[]): FieldSet | undefined {
  const present = fields.filter(([, set]) => set !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
}

/** The items of a list whose items have owners of their own, by the name that FieldsV1 gives them. */
export function itemsOf(
  value: unknown,
  kind: string,
  path: readonly string[],
): ReadonlyMap<string, unknown> | undefined {
  const type = listTypeAt(kind, path);
  if (!Array.isArray(value) || type === undefined) return undefined;
  return new Map(
    value.map((item: unknown) => {
      if (type.keys.length === 0 || !isFields(item)) return [`v:${JSON.stringify(item)}`, item];
      const keys = [...type.keys].sort().flatMap((key) => {
        const named = item[key] ?? keyDefaults[key];
        return named === undefined ? [] : [[key, named]];
      });
      return [`k:${JSON.stringify(Object.fromEntries(keys))}`, item];
    }),
  );
}

const isLeaf = (set: FieldSet): boolean => Object.keys(set).every((key) => key === '.');

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const merged = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const present = merged.get(key);
    merged.set(key, isFields(present) && isFields(value) ? union(present, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The fields of a set that are not in another; undefined when all are. */
export function without(set: FieldSet, others: FieldSet): FieldSet | undefined {
  const rest = Object.entries(set).flatMap(([key, value]): readonly [string, unknown][] => {
    const other = others[key];
    // A map or an item in which others own something is nobody's alone.
    if (key === '.') return [];
    if (!isFields(value) || !isFields(other)) return [[key, value]];
    if (isLeaf(value)) return [];
    // An empty map names none of the fields that another has in it.
    if (isLeaf(other)) return [[key, value]];
    const inner = without(value, other);
    return inner === undefined ? [] : [[key, inner]];
  });
  if (rest.length === 0) return undefined;
  const isApart = Object.keys(others).length === 0 && '.' in set;
  return { ...(isApart ? { '.': {} } : {}), ...Object.fromEntries(rest) };
}

/** The fields of a set that a value has, in their order. */
export function intersect(set: FieldSet, value: unknown): FieldSet {
  const entries = Object.entries(set).flatMap(([key, inner]): readonly [string, unknown][] => {
    if (key === '.') return [[key, inner]];
    const found = childOf(value, key);
    if (found === undefined || !isFields(inner)) return [];
    const children = intersect(inner, found);
    return isLeaf(children) && !isLeaf(inner) && !('.' in inner) ? [] : [[key, children]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What stands at a name of FieldsV1: `f:` a field, `k:` an item by its keys, `v:` an item by its value. */
export function childOf(value: unknown, name: string): unknown {
  if (name.startsWith('f:')) return isFields(value) ? value[name.slice(2)] : undefined;
  if (!Array.isArray(value)) return undefined;
  const wanted: unknown = JSON.parse(name.slice(2));
  if (name.startsWith('v:')) return value.find((item) => same(item, wanted));
  return value.find(
    (item: unknown) =>
      isFields(item) &&
      isFields(wanted) &&
      Object.entries(wanted).every(([key, named]) => (item[key] ?? keyDefaults[key]) === named),
  );
}

/** Paths as messages write them: `.spec.containers[name="app"].image`. */
export function* pathsOf(set: FieldSet, prefix = ''): Generator<string> {
  for (const [name, inner] of Object.entries(set)) {
    if (name === '.' || !isFields(inner)) continue;
    const path = prefix + stepOf(name);
    if (isLeaf(inner)) yield path;
    else yield* pathsOf(inner, path);
  }
}

function stepOf(name: string): string {
  if (name.startsWith('f:')) return `.${name.slice(2)}`;
  if (name.startsWith('v:')) return `[=${name.slice(2)}]`;
  const keys: unknown = JSON.parse(name.slice(2));
  const named = Object.entries(fieldsOf(keys)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${named.join(',')}]`;
}
