/**
 * Whether the values of an object are what its structure asks for, in the words of kube-openapi's validation as the API server hands
 * them on for custom resources [apiextensions-apiserver 0.36, pkg/apiserver/validation].
 *
 * Plain code rather than a JSON Schema library: those generate code, which a page's content security policy forbids, and say neither
 * the same words nor judge patterns as Go does.
 */
import { isOfFormat } from './formats.ts';
import { patternOf } from './patterns.ts';
import { quantityText } from './quantity.ts';
import { dereference, valuesOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject, pathOf, quoted, typeOf, violationAt, type Step, type Violation } from './violation.ts';

interface Found {
  violations: readonly Violation[];
  /** How much of what was asked is so: of alternatives that all fail, the one that fits best tells why. */
  matches: number;
}

/** Every violation of an object's values. Fields that the structure does not know are not looked at. */
export const judgeStructure = (
  value: unknown,
  schema: JsonSchema,
  root: KindSchema,
  steps: readonly Step[] = [],
): readonly Violation[] => judge(value, schema, root, steps).violations;

type Keyword = (value: unknown, schema: JsonSchema, steps: readonly Step[]) => readonly Violation[] | undefined;

function judge(value: unknown, given: JsonSchema, root: KindSchema, steps: readonly Step[]): Found {
  const schema = dereference(given, root);
  const mistyped = ofWrongType(value, schema, steps);
  if (mistyped !== undefined) return { violations: [mistyped], matches: 0 };
  const own = keywords.map((keyword) => keyword(value, schema, steps));
  const inner = [...children(value, schema, root, steps), ...combined(value, schema, root, steps)];
  return {
    violations: [...own.flatMap((found) => found ?? []), ...inner.flatMap(({ violations }) => violations)],
    matches: own.filter((found) => found?.length === 0).length + inner.reduce((sum, { matches }) => sum + matches, 1),
  };
}

const invalid = (steps: readonly Step[], value: unknown, text: string): Violation =>
  violationAt(steps, 'invalid', `Invalid value: ${quoted(value)}: ${bodyPath(steps)} in body ${text}`, value);

const bodyPath = (steps: readonly Step[]): string => pathOf(steps);

function ofWrongType(value: unknown, schema: JsonSchema, steps: readonly Step[]): Violation | undefined {
  const is = typeOf(value);
  const wanted = schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : [schema.type].flat();
  const fits = wanted.some(
    (type) =>
      type === undefined ||
      type === is ||
      (type === 'number' && is === 'integer') ||
      (is === 'null' && schema.nullable === true),
  );
  if (fits) return undefined;
  const text = `Invalid value: "${is}": ${bodyPath(steps)} in body must be of type ${wanted.join(',')}: "${is}"`;
  return violationAt(steps, 'wrong-type', text, value);
}

/** Each tells what is wrong, nothing when it is right, and undefined when the schema does not ask. */
const keywords: readonly Keyword[] = [
  (value, { enum: allowed }, steps) => {
    if (allowed === undefined) return undefined;
    if (allowed.some((one) => quoted(one) === quoted(value))) return [];
    const text = `Unsupported value: ${quoted(value)}: supported values: ${allowed.map(quoted).join(', ')}`;
    return [violationAt(steps, 'unsupported', text, value)];
  },
  ...numbers(),
  ...texts(),
  ...sizes(),
  (value, { required }, steps) => {
    if (required === undefined || !isObject(value)) return undefined;
    return required
      .filter((name) => value[name] === undefined)
      .map((name) => violationAt([...steps, name], 'missing', 'Required value', undefined));
  },
];

function numbers(): readonly Keyword[] {
  const bound =
    (
      pick: (schema: JsonSchema) => number | undefined,
      holds: (value: number, schema: JsonSchema) => boolean,
      text: (schema: JsonSchema) => string,
    ): Keyword =>
    (value, schema, steps) => {
      if (pick(schema) === undefined || typeof value !== 'number') return undefined;
      return holds(value, schema) ? [] : [invalid(steps, value, text(schema))];
    };
  return [
    bound(
      ({ minimum }) => minimum,
      (value, { minimum = 0, exclusiveMinimum }) => (exclusiveMinimum === true ? value > minimum : value >= minimum),
      ({ minimum, exclusiveMinimum }) =>
        `should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`,
    ),
    bound(
      ({ maximum }) => maximum,
      (value, { maximum = 0, exclusiveMaximum }) => (exclusiveMaximum === true ? value < maximum : value <= maximum),
      ({ maximum, exclusiveMaximum }) =>
        `should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`,
    ),
    bound(
      ({ multipleOf }) => multipleOf,
      (value, { multipleOf = 1 }) => Number.isInteger(value / multipleOf),
      ({ multipleOf }) => `should be a multiple of ${multipleOf}`,
    ),
  ];
}

function texts(): readonly Keyword[] {
  // Go counts characters, not the pairs that JavaScript stores some of them in.
  const length = (text: string): number => Array.from(text).length;
  return [
    (value, { minLength }, steps) => {
      if (minLength === undefined || typeof value !== 'string') return undefined;
      return length(value) >= minLength ? [] : [invalid(steps, value, `should be at least ${minLength} chars long`)];
    },
    (value, { maxLength }, steps) => {
      if (maxLength === undefined || typeof value !== 'string') return undefined;
      if (length(value) <= maxLength) return [];
      return [violationAt(steps, 'invalid', `Too long: may not be more than ${maxLength} bytes`, value)];
    },
    (value, { pattern }, steps) => {
      if (pattern === undefined || typeof value !== 'string') return undefined;
      return (patternOf(pattern)?.test(value) ?? true) ? [] : [invalid(steps, value, `should match '${pattern}'`)];
    },
    (value, { format }, steps) => {
      if (format === undefined || typeof value !== 'string') return undefined;
      if (isOfFormat(value, format)) return [];
      if (format === 'quantity')
        return [violationAt(steps, 'invalid', `Invalid value: ${quoted(value)}: ${quantityText}`, value)];
      const text = `Invalid value: ${quoted(value)}: ${bodyPath(steps)} in body must be of type ${format}: ${quoted(value)}`;
      return [violationAt(steps, 'wrong-type', text, value)];
    },
  ];
}

function sizes(): readonly Keyword[] {
  const tooMany = (steps: readonly Step[], value: unknown, size: number, most: number): Violation =>
    violationAt(steps, 'invalid', `Too many: ${size}: must have at most ${most} items`, value);
  return [
    (value, { minItems }, steps) => {
      if (minItems === undefined || !Array.isArray(value)) return undefined;
      return value.length >= minItems ? [] : [invalid(steps, value, `should have at least ${minItems} items`)];
    },
    (value, { maxItems }, steps) => {
      if (maxItems === undefined || !Array.isArray(value)) return undefined;
      return value.length <= maxItems ? [] : [tooMany(steps, value, value.length, maxItems)];
    },
    (value, { uniqueItems }, steps) => {
      if (uniqueItems !== true || !Array.isArray(value)) return undefined;
      const isUnique = new Set(value.map(quoted)).size === value.length;
      return isUnique ? [] : [invalid(steps, value, "shouldn't contain duplicates")];
    },
    (value, { minProperties }, steps) => {
      if (minProperties === undefined || !isObject(value)) return undefined;
      const isEnough = Object.keys(value).length >= minProperties;
      return isEnough ? [] : [invalid(steps, value, `should have at least ${minProperties} properties`)];
    },
    (value, { maxProperties }, steps) => {
      if (maxProperties === undefined || !isObject(value)) return undefined;
      const size = Object.keys(value).length;
      return size <= maxProperties ? [] : [tooMany(steps, value, size, maxProperties)];
    },
  ];
}

function children(value: unknown, schema: JsonSchema, root: KindSchema, steps: readonly Step[]): readonly Found[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.map((item, index) => judge(item, items, root, [...steps, index]));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
    const field = known ? schema.properties?.[name] : valuesOf(schema);
    return field === undefined || inner === undefined ? [] : [judge(inner, field, root, [...steps, name])];
  });
}

/** Alternatives, and what must not be. */
function combined(value: unknown, schema: JsonSchema, root: KindSchema, steps: readonly Step[]): readonly Found[] {
  const place = JSON.stringify(pathOf(steps));
  const none = (text: string): Violation => violationAt([], 'invalid', `Invalid value: "": ${place} ${text}`, value);
  const tried = (alternatives: readonly JsonSchema[] | undefined): readonly Found[] =>
    (alternatives ?? []).map((alternative) => judge(value, alternative, root, steps));
  const found: Found[] = [];
  // Whether it is text or a number the type has said already.
  const any = schema['x-kubernetes-int-or-string'] === true ? [] : tried(schema.anyOf);
  if (any.length > 0 && !any.some(isRight)) {
    found.push({ violations: [none('must validate at least one schema (anyOf)'), ...best(any)], matches: 0 });
  }
  const one = tried(schema.oneOf);
  const right = one.filter(isRight).length;
  if (one.length > 0 && right !== 1) {
    const count = right === 0 ? 'Found none valid' : `Found ${right} valid alternatives`;
    const why = right === 0 ? best(one) : [];
    found.push({ violations: [none(`must validate one and only one schema (oneOf). ${count}`), ...why], matches: 0 });
  }
  const all = tried(schema.allOf);
  if (!all.every(isRight)) {
    const more = all.some(isRight) ? '' : '. None validated';
    found.push({
      violations: [
        none(`must validate all the schemas (allOf)${more}`),
        ...all.flatMap(({ violations }) => violations),
      ],
      matches: 0,
    });
  }
  if (schema.not !== undefined && isRight(judge(value, schema.not, root, steps))) {
    found.push({ violations: [none('must not validate the schema (not)')], matches: 0 });
  }
  return found;
}

const isRight = ({ violations }: Found): boolean => violations.length === 0;

const best = (found: readonly Found[]): readonly Violation[] =>
  found.reduce((most, next) => (next.matches > most.matches ? next : most)).violations;
