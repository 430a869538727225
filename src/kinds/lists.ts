/** Lists whose items are told apart by something: none may be there twice [apiextensions-apiserver, schema/listtype]. */
import { dereference, fieldOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject, quoted, violationAt, type Step, type Violation } from './violation.ts';

/** @param value With its defaults: a key that an item leaves out may have one. */
export function judgeLists(
  value: unknown,
  given: JsonSchema,
  root: KindSchema,
  steps: readonly Step[] = [],
): readonly Violation[] {
  const schema = dereference(given, root);
  if (Array.isArray(value)) {
    const { items } = schema;
    const inner =
      items === undefined ? [] : value.flatMap((item, index) => judgeLists(item, items, root, [...steps, index]));
    return [...duplicates(value, schema, steps), ...inner];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = fieldOf(schema, name);
    return field === undefined ? [] : judgeLists(inner, field, root, [...steps, name]);
  });
}

function duplicates(items: readonly unknown[], schema: JsonSchema, steps: readonly Step[]): readonly Violation[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const seen = new Set<string>();
  return items.flatMap((item, index): readonly Violation[] => {
    const identity = type === 'set' ? item : keysOf(item, schema);
    const key = quoted(identity);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [violationAt([...steps, index], 'invalid', `Duplicate value: ${key}`, identity)];
  });
}

/** What tells an item of a list from others: the values of its keys, in the keys' alphabetical order, as Go prints a map. */
export function keysOf(item: unknown, schema: JsonSchema): Readonly<Record<string, unknown>> {
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort();
  return Object.fromEntries(
    keys.flatMap((key) => (isObject(item) && item[key] !== undefined ? [[key, item[key]]] : [])),
  );
}
