/**
 * What the packages of models do not carry, written out by us: rules, defaults, keys of lists and versions that are no longer served,
 * of the kinds that runbooks judge. Each names its source; where a definition is at hand, it tells all of this itself and none of it
 * is asked.
 */
import { dereference, valuesOf, type JsonSchema, type KindSchema, type Rule } from '../schema.ts';

/** Where a fact was read. */
export interface Source {
  project: string;
  release: string;
  file: string;
}

export interface Facts {
  group: string;
  kind: string;
  versions: readonly string[];
  source: Source;
  /** By place: `spec.listeners[].tls`, with `[]` for every item of a list, and `{}` for every value of a map. */
  at: Readonly<Record<string, Fact>>;
}

export interface Fact {
  default?: unknown;
  /** Defaults of fields at this place. */
  defaults?: Readonly<Record<string, unknown>>;
  /** The fields by which items are told apart; none for a list of plain values. */
  keys?: readonly string[];
  rules?: readonly Rule[];
  /** Fields that an installed release may leave out, though that of the packages asks for them. */
  optional?: readonly string[];
  /** Values that an installed release may have beside those of the packages' release. */
  values?: readonly string[];
}

/** A rule as facts are written: what must hold, and what the API server says when it does not. */
export const rule = (holds: string, message: string): Rule => ({ rule: holds, message });

/** The same facts at several places. */
export const everywhere = (
  places: readonly string[],
  facts: Readonly<Record<string, Fact>>,
): Readonly<Record<string, Fact>> =>
  Object.fromEntries(places.flatMap((place) => Object.entries(facts).map(([path, fact]) => [`${place}${path}`, fact])));

/** Values that a place may have beside those of the packages' release. */
export function valuesAt(steps: readonly (string | number)[], { at }: Facts): readonly string[] {
  const place = (names: readonly (string | number)[]): string =>
    names
      .map((step) => (typeof step === 'number' ? '[]' : step === '{}' ? step : `.${step}`))
      .join('')
      .slice(1);
  return at[place(steps)]?.values ?? at[place([...steps.slice(0, -1), '{}'])]?.values ?? [];
}

/** A structure with what facts say of its places; a place that it does not have is passed over. */
export function withFacts(structure: KindSchema, { at }: Facts): KindSchema {
  let schema: JsonSchema = structure;
  // Shorter places first: a place below one of them is reached through it.
  for (const [path, fact] of Object.entries(at).sort(([one], [other]) => one.length - other.length)) {
    schema = changed(schema, stepsOf(path), fact, structure);
  }
  return { ...schema, properties: schema.properties ?? {}, $defs: structure.$defs };
}

/** `spec.rules[].matches` as spec, rules, [], matches. */
const stepsOf = (path: string): readonly string[] =>
  path
    .replaceAll('[]', '.[]')
    .split('.')
    .filter((step) => step !== '');

function changed(given: JsonSchema, [step, ...rest]: readonly string[], fact: Fact, root: KindSchema): JsonSchema {
  const schema = dereference(given, root);
  if (step === undefined) return withFact(schema, fact);
  if (step === '[]')
    return schema.items === undefined ? schema : { ...schema, items: changed(schema.items, rest, fact, root) };
  const values = valuesOf(schema);
  if (step === '{}')
    return values === undefined ? schema : { ...schema, additionalProperties: changed(values, rest, fact, root) };
  const field = schema.properties?.[step];
  if (field === undefined) return schema;
  return { ...schema, properties: { ...schema.properties, [step]: changed(field, rest, fact, root) } };
}

function withFact(schema: JsonSchema, fact: Fact): JsonSchema {
  const { default: filled, defaults = {}, keys, rules = [], optional = [] } = fact;
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]): readonly [string, JsonSchema] => [
    name,
    name in defaults ? { ...field, default: defaults[name] } : field,
  ]);
  return {
    ...schema,
    ...(schema.properties === undefined ? {} : { properties: Object.fromEntries(properties) }),
    ...(schema.required === undefined ? {} : { required: schema.required.filter((name) => !optional.includes(name)) }),
    ...(filled === undefined ? {} : { default: filled }),
    ...(keys === undefined ? {} : listOf(keys)),
    ...(rules.length === 0
      ? {}
      : { 'x-kubernetes-validations': [...(schema['x-kubernetes-validations'] ?? []), ...rules] }),
  };
}

const listOf = (keys: readonly string[]): JsonSchema =>
  keys.length === 0
    ? { 'x-kubernetes-list-type': 'set' }
    : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
