/**
 * An object's values as rules see them: by their structure, not by their looks. A whole number is an `int` or a `double` as its field
 * says, names that CEL does not take are escaped, and what the structure does not declare is not there.
 *
 * Source: k8s.io/apiserver 0.36, pkg/cel/common (values.go, schemas.go) and pkg/cel/escaping.go.
 */
import type { CelInput } from '@bufbuild/cel';
import { keysOf } from '../lists.ts';
import { dereference, valuesOf, type JsonSchema, type KindSchema } from '../schema.ts';
import { isObject, quoted } from '../violation.ts';

/** Words of CEL that a field may be called; an escaped one can be read. */
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** A field's name as a rule writes it: `__dot__`, `__dash__`, `__slash__`, and `__namespace__` for a word of CEL. */
function escaped(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  const text = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
  return /^[A-Za-z_]\w*$/.test(text) ? text : undefined;
}

/** Makes texts of a format the values that CEL has for them; what is none stays text. */
export interface Typed {
  timestamp: (text: string) => CelInput;
  duration: (text: string) => CelInput;
}

export interface Context extends Typed {
  root: KindSchema;
}

/** Undefined where the structure says nothing of a value: a rule cannot name it. */
export function toCel(value: unknown, given: JsonSchema, context: Context): CelInput | undefined {
  const schema = dereference(given, context.root);
  if (value === null) return null;
  if (Array.isArray(value)) return listToCel(value, schema, context);
  if (isObject(value)) return mapToCel(value, schema, context);
  if (typeof value === 'string') return textToCel(value, schema, context);
  if (typeof value === 'number') return numberToCel(value, schema);
  return typeof value === 'boolean' ? value : undefined;
}

function numberToCel(value: number, { type }: JsonSchema): CelInput {
  return type !== 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

function textToCel(value: string, { format }: JsonSchema, { timestamp, duration }: Context): CelInput {
  switch (format) {
    case 'date':
      return timestamp(`${value}T00:00:00Z`);
    case 'date-time':
      return timestamp(value);
    case 'duration':
      return duration(value);
    case 'byte':
      return Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0));
    default:
      return value;
  }
}

function listToCel(values: readonly unknown[], { items }: JsonSchema, context: Context): CelInput | undefined {
  if (items === undefined) return undefined;
  return values.flatMap((item) => {
    const inner = toCel(item, items, context);
    return inner === undefined ? [] : [inner];
  });
}

function mapToCel(
  value: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  context: Context,
): CelInput | undefined {
  const { properties = {} } = schema;
  const values = valuesOf(schema);
  const fields = { ...(schema['x-kubernetes-embedded-resource'] === true ? embedded : {}), ...properties };
  if (values === undefined && Object.keys(fields).length === 0 && schema.type !== 'object') return undefined;
  const entries = Object.entries(value).flatMap(([name, inner]): readonly [string, CelInput][] => {
    const isField = Object.hasOwn(fields, name);
    const field = isField ? fields[name] : values;
    const key = isField ? escaped(name) : name;
    const held = field === undefined || key === undefined ? undefined : toCel(inner, field, context);
    return key === undefined || held === undefined ? [] : [[key, held]];
  });
  return new Map(entries);
}

const name: JsonSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** What rules see of a whole object beside the fields of its definition. */
const embedded: Readonly<Record<string, JsonSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: name,
};

/** A kind's own structure as rules see it: of metadata the name only. */
export const asRulesSee = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: { ...schema.properties, ...embedded },
});

/**
 * A list as it was before, in the order of today's: of lists whose items are told apart by keys the order means nothing, so that
 * `self == oldSelf` holds where only the order differs.
 */
export function inOrderOf(old: unknown, value: unknown, schema: JsonSchema): unknown {
  const type = schema['x-kubernetes-list-type'];
  if (!Array.isArray(old) || !Array.isArray(value) || (type !== 'set' && type !== 'map')) return old;
  const identity = (item: unknown): string => quoted(type === 'set' ? item : keysOf(item, schema));
  const places = new Map(value.map((item, index) => [identity(item), index]));
  return (old as readonly unknown[]).toSorted(
    (one, other) => (places.get(identity(one)) ?? Infinity) - (places.get(identity(other)) ?? Infinity) || 0,
  );
}
