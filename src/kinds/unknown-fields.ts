/** Fields that a kind does not have. An API server drops them, or refuses the object where fields are validated strictly. */
import { hintFor } from './hints.ts';
import { dereference, fieldOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject, pathOf, type Step, type Violation } from './violation.ts';

export function unknownFields(object: unknown, root: KindSchema): readonly Violation[] {
  const found: Violation[] = [];
  walk(object, root, []);
  return found;

  function walk(value: unknown, given: JsonSchema, steps: readonly Step[]): void {
    const schema = dereference(given, root);
    if (Array.isArray(value)) {
      const { items } = schema;
      if (items !== undefined) value.forEach((item, index) => walk(item, items, [...steps, index]));
      return;
    }
    if (!isObject(value)) return;
    const isClosed = isClosedTo(schema);
    for (const [name, inner] of Object.entries(value)) {
      const field = fieldOf(schema, name);
      if (field !== undefined) walk(inner, field, [...steps, name]);
      else if (isClosed) found.push(unknownField(name, inner, steps));
    }
  }

  function unknownField(name: string, observed: unknown, steps: readonly Step[]): Violation {
    const path = pathOf([...steps, name]);
    const hint = hintFor(name, steps, { object, root });
    const message = `unknown field "${path}"`;
    return { path, kind: 'unknown-field', message, observed, ...(hint === undefined ? {} : { hint }) };
  }
}

/** Whether an object of this schema has no fields but those that are named. */
const isClosedTo = (schema: JsonSchema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] !== true &&
  schema['x-kubernetes-embedded-resource'] !== true &&
  schema.additionalProperties === undefined &&
  (schema.properties !== undefined || schema.type === 'object');
