/**
 * Reading fields of objects whose shape nobody promised: they come from YAML that a person edits.
 *
 * A field that is absent or of another type reads as `undefined`, `''`, or an empty list; nothing here throws.
 */
export type Fields = { [field: string]: unknown };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path: `at(pod, 'status', 'phase')`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((parent, key) => (isFields(parent) ? parent[key] : undefined), value);
}

/** A scalar at a path as text; empty when there is none. */
export function text(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

export function number(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The fields of an object at a path; none when there is no object. */
export function fieldsOf(value: unknown, ...path: readonly string[]): Fields {
  const found = at(value, ...path);
  return isFields(found) ? found : {};
}

/** A map of strings at a path, such as labels or a selector. */
export function strings(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const found = at(value, ...path);
  if (!isFields(found)) return {};
  return Object.fromEntries(Object.entries(found).map(([key, entry]) => [key, text(entry)]));
}

/** The `status` of the condition of a type: `True`, `False`, `Unknown`, or empty when there is no such condition. */
export const condition = (value: unknown, type: string): string =>
  text(
    list(value, 'conditions').find((entry) => text(entry, 'type') === type),
    'status',
  );
