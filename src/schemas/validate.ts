/**
 * What an API server would say of an object before it takes it, as far as the object's schema tells: fields that it does not
 * know, values that it refuses, values that it misses. Rules that an API server evaluates as CEL, and the defaults and checks of
 * admission webhooks, are the cluster's own.
 */
import { judgeMetadata } from './metadata.ts';
import { judgeKind } from './rules.ts';
import { dereference, schemaOf, type JsonSchema, type KindSchema } from './schema.ts';
import { hintFor } from './hints.ts';
import { judgeValues } from './values.ts';
import { pathOf, type Step, type Unjudged, type Violation } from './violation.ts';

/**
 * Every violation of an object, in the order in which its fields stand in the schema's eyes: unknown fields first.
 *
 * @returns undefined when no package knows the kind, so that nothing can be said.
 */
export async function validate(object: Unjudged): Promise<readonly Violation[] | undefined> {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const schema = await schemaOf(apiVersion, kind);
  if (schema === undefined) return undefined;
  const given = withoutNulls(object) as Unjudged;
  const violations = [
    ...unknownFields(given, schema),
    ...(await judgeValues(given, apiVersion, kind)),
    ...judgeMetadata(given),
    ...judgeKind(given),
  ];
  return [...new Map(violations.map((violation) => [violation.message, violation])).values()];
}

/** An API server takes a field that is null for one that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(given.map(([name, inner]) => [name, withoutNulls(inner)]));
}

function unknownFields(object: unknown, root: KindSchema): readonly Violation[] {
  const found: Violation[] = [];
  walk(object, root, []);
  return found;

  function walk(value: unknown, schema: JsonSchema, steps: readonly Step[]): void {
    const { properties, additionalProperties, items } = dereference(schema, root);
    if (Array.isArray(value)) {
      if (items !== undefined) value.forEach((item, index) => walk(item, items, [...steps, index]));
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const field =
        properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (field !== undefined) walk(inner, field, [...steps, name]);
      else if (properties !== undefined) {
        const path = pathOf([...steps, name]);
        const hint = hintFor(name, steps, { object, root });
        found.push({
          path,
          kind: 'unknown-field',
          message: `unknown field "${path}"`,
          observed: inner,
          ...(hint === undefined ? {} : { hint }),
        });
      }
    }
  }
}
