/**
 * The rules in CEL of a kind's structure, on an object that is otherwise right [apiextensions-apiserver 0.36, pkg/apiserver/schema/cel].
 *
 * The evaluator is loaded when the first rule is asked: most kinds of a cluster have none.
 */
import type { Evaluating, Place, Ruled } from './cel/place.ts';
import { dereference, fieldOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject, type Step } from './violation.ts';

/** @param old The object as it was, on an update; rules about `oldSelf` are skipped without. */
export async function judgeRules(object: unknown, structure: KindSchema, old?: unknown): Promise<Ruled> {
  const places = placesIn(object, structure, structure, [], old);
  if (places.length === 0) return { violations: [], unjudged: [] };
  const { judgePlaces }: { judgePlaces: Evaluating } = await import('./cel/judge.ts');
  return judgePlaces(places, structure);
}

function placesIn(
  value: unknown,
  given: JsonSchema,
  root: KindSchema,
  steps: readonly Step[],
  old: unknown,
): readonly Place[] {
  const schema = dereference(given, root);
  const own = schema['x-kubernetes-validations'] ?? [];
  const here: readonly Place[] = own.length === 0 ? [] : [{ schema, steps, value, old, isNew: old === undefined }];
  return [...here, ...placesBelow(value, schema, root, steps, old)];
}

function placesBelow(
  value: unknown,
  schema: JsonSchema,
  root: KindSchema,
  steps: readonly Step[],
  old: unknown,
): readonly Place[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return [];
    return value.flatMap((item, index) => placesIn(item, items, root, [...steps, index], sameItem(item, old, schema)));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = fieldOf(schema, name);
    const before = isObject(old) ? old[name] : undefined;
    return field === undefined ? [] : placesIn(inner, field, root, [...steps, name], before);
  });
}

/** An item as it was before: only a list whose items have keys tells which it was. */
function sameItem(item: unknown, old: unknown, schema: JsonSchema): unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return old.find(
    (other: unknown) => isObject(item) && isObject(other) && keys.every((key) => item[key] === other[key]),
  );
}
