/**
 * What somebody meant by a field that its schema does not know: a field beside it that is spelt almost alike, or one of the
 * same name a little further up or down.
 */
import { closest } from '../formats/closest-name.ts';
import { dereference, schemaAt, type JsonSchema, type KindSchema } from './schema.ts';
import { pathOf, type Step } from './violation.ts';

interface Whole {
  object: unknown;
  root: KindSchema;
}

/** @param steps Where the field's parent stands. */
export function hintFor(name: string, steps: readonly Step[], { object, root }: Whole): string | undefined {
  const parent = schemaAt(steps, root);
  if (parent === undefined) return undefined;
  const here = { steps, schema: parent, value: valueAt(object, steps) };
  const place = below(name, here, root) ?? above(name, steps, { object, root });
  const [meant] = closest(name, Object.keys(parent.properties ?? {}));
  // The same name elsewhere says more than a like name here, unless the like one differs in nothing but case.
  if (meant !== undefined && (place === undefined || meant.toLowerCase() === name.toLowerCase())) {
    return `Did you mean "${meant}"?`;
  }
  if (place === undefined) return undefined;
  const parentName = steps.length === 0 ? 'The object itself' : pathOf(steps);
  return `${parentName} has no such field; ${place === '' ? 'the object itself' : place} has. Move it there.`;
}

interface Here {
  steps: readonly Step[];
  schema: JsonSchema;
  value: unknown;
}

const deepest = 3;

/** Level by level, so that the nearest place wins; among places of a level, one that the object has. */
function below(name: string, start: Here, root: KindSchema): string | undefined {
  let level: readonly Here[] = [start];
  for (let depth = 1; depth <= deepest; depth++) {
    level = level.flatMap((here) => children(here, root));
    const having = level.filter(
      ({ schema }) => schema.properties !== undefined && Object.hasOwn(schema.properties, name),
    );
    // Too many places to belong to say nothing.
    const present = having.filter(({ value }) => value !== undefined);
    const chosen = present[0] ?? (having.length === 1 ? having[0] : undefined);
    if (chosen !== undefined) {
      const inList = /\[\d+\]$/;
      const path = pathOf(chosen.steps);
      const siblings = present.filter(({ steps }) => pathOf(steps).replace(inList, '') === path.replace(inList, ''));
      return siblings.length > 1 ? path.replace(inList, '[*]') : path;
    }
  }
  return undefined;
}

function children({ steps, schema, value }: Here, root: KindSchema): readonly Here[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): readonly Here[] => {
    const inner = dereference(field, root);
    const held = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    if (name === 'status') return [];
    if (inner.items === undefined) return [{ steps: [...steps, name], schema: inner, value: held }];
    const item = dereference(inner.items, root);
    const items: readonly unknown[] = Array.isArray(held) && held.length > 0 ? held : [undefined];
    return items.map((one, index) => ({ steps: [...steps, name, index], schema: item, value: one }));
  });
}

/** The nearest ancestor that knows the field, or has a child that does. */
function above(name: string, steps: readonly Step[], { root, object }: Whole): string | undefined {
  for (let length = steps.length - 1; length >= 0; length--) {
    const outer = steps.slice(0, length);
    const schema = schemaAt(outer, root);
    if (schema?.properties === undefined) continue;
    if (Object.hasOwn(schema.properties, name)) return pathOf(outer);
    const beside = children({ steps: outer, schema, value: valueAt(object, outer) }, root).find(
      ({ schema: child, value }) =>
        value !== undefined && child.properties !== undefined && Object.hasOwn(child.properties, name),
    );
    if (beside !== undefined) return pathOf(beside.steps);
  }
  return undefined;
}

const valueAt = (object: unknown, steps: readonly Step[]): unknown =>
  steps.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Record<Step, unknown>)[step] : undefined),
    object,
  );
