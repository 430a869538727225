/** What an API server fills in where an object says nothing, before it judges it [apiextensions-apiserver, structural defaulting]. */
import { dereference, fieldOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject } from './violation.ts';

export function withDefaults(value: unknown, given: JsonSchema, root: KindSchema): unknown {
  const schema = dereference(given, root);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(item, items, root));
  }
  if (!isObject(value)) return value;
  const missing = Object.entries(schema.properties ?? {}).flatMap(([name, field]): readonly [string, unknown][] => {
    const { default: filled } = dereference(field, root);
    return filled === undefined || value[name] !== undefined ? [] : [[name, filled]];
  });
  return Object.fromEntries(
    [...Object.entries(value), ...missing].map(([name, inner]) => {
      const field = fieldOf(schema, name);
      return [name, field === undefined ? inner : withDefaults(inner, field, root)];
    }),
  );
}
