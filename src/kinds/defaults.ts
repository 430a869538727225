/** What an API server fills in where an object says nothing, before it judges it [apiextensions-apiserver, structural defaulting]. */
import { dereference, fieldOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject } from './violation.ts';

/** More than any object lacks, and deeper than any is: a structure that leads back to itself would fill in for ever. */
const [mostFilled, deepest] = [10_000, 200];

export function withDefaults(given: unknown, schema: JsonSchema, root: KindSchema): unknown {
  let left = mostFilled;
  return filled(given, schema, 0);

  function filled(value: unknown, given: JsonSchema, depth: number): unknown {
    const schema = dereference(given, root);
    if (Array.isArray(value)) {
      const { items } = schema;
      return items === undefined ? value : value.map((item) => filled(item, items, depth + 1));
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(
      [...Object.entries(value), ...missingIn(value, schema)].map(([name, inner]) => {
        const field = fieldOf(schema, name);
        return [name, field === undefined || left <= 0 || depth > deepest ? inner : filled(inner, field, depth + 1)];
      }),
    );
  }

  function missingIn(
    value: Readonly<Record<string, unknown>>,
    { properties = {} }: JsonSchema,
  ): readonly (readonly [string, unknown])[] {
    const missing = Object.entries(properties).flatMap(([name, field]): readonly [string, unknown][] => {
      const { default: filling } = dereference(field, root);
      return filling === undefined || value[name] !== undefined ? [] : [[name, filling]];
    });
    left -= missing.length;
    return missing;
  }
}
