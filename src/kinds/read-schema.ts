/** Reads a schema that somebody else wrote: what is not of its type is not there, so that nobody stumbles over it later. */
import type { JsonSchema, Rule } from './schema.ts';
import { isObject } from './violation.ts';

/** As deep as no maker's schema is; what is below holds anything. */
const deepest = 100;

type Reader = (value: unknown, depth: number) => unknown;

const text: Reader = (value) => (typeof value === 'string' ? value : undefined);
const number: Reader = (value) => (typeof value === 'number' ? value : undefined);
const truth: Reader = (value) => (typeof value === 'boolean' ? value : undefined);
const list: Reader = (value) => (Array.isArray(value) ? value : undefined);
const texts: Reader = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined);
const anything: Reader = (value) => value;
const schema: Reader = (value, depth) => (isObject(value) ? readSchema(value, depth + 1) : undefined);
const schemas: Reader = (value, depth) =>
  Array.isArray(value) ? value.filter(isObject).map((item) => readSchema(item, depth + 1)) : undefined;
const fields: Reader = (value, depth) =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => isObject(field))
          .map(([name, field]) => [name, readSchema(field, depth + 1)]),
      )
    : undefined;
const values: Reader = (value, depth) => truth(value, depth) ?? schema(value, depth);
const type: Reader = (value) =>
  ['object', 'array', 'string', 'number', 'integer', 'boolean'].includes(String(value)) ? value : undefined;
const rules: Reader = (value) => (Array.isArray(value) ? value.filter(isObject).flatMap(readRule) : undefined);
const kinds: Reader = (value) => (Array.isArray(value) ? value.filter(isObject) : undefined);

const readers: Readonly<Record<keyof JsonSchema, Reader>> = {
  description: text,
  type,
  format: text,
  properties: fields,
  required: texts,
  additionalProperties: values,
  items: schema,
  enum: list,
  default: anything,
  nullable: truth,
  minimum: number,
  maximum: number,
  exclusiveMinimum: truth,
  exclusiveMaximum: truth,
  multipleOf: number,
  minLength: number,
  maxLength: number,
  pattern: text,
  minItems: number,
  maxItems: number,
  uniqueItems: truth,
  minProperties: number,
  maxProperties: number,
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  not: schema,
  $ref: text,
  'x-kubernetes-preserve-unknown-fields': truth,
  'x-kubernetes-embedded-resource': truth,
  'x-kubernetes-int-or-string': truth,
  'x-kubernetes-list-type': text,
  'x-kubernetes-list-map-keys': texts,
  'x-kubernetes-map-type': text,
  'x-kubernetes-validations': rules,
  'x-kubernetes-group-version-kind': kinds,
};

export function readSchema(value: unknown, depth = 0): JsonSchema {
  if (!isObject(value) || depth > deepest) return { 'x-kubernetes-preserve-unknown-fields': true };
  const read = Object.entries(value).flatMap(([key, inner]): readonly [string, unknown][] => {
    const reader = Object.hasOwn(readers, key) ? readers[key as keyof JsonSchema] : undefined;
    const found = reader?.(inner, depth);
    return found === undefined ? [] : [[key, found]];
  });
  return Object.fromEntries(read);
}

const reasons = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'] as const;

function readRule(value: Readonly<Record<string, unknown>>): readonly Rule[] {
  const { rule, message, messageExpression, reason, fieldPath, optionalOldSelf } = value;
  if (typeof rule !== 'string') return [];
  const known = reasons.find((one) => one === reason);
  return [
    {
      rule,
      ...(typeof message === 'string' ? { message } : {}),
      ...(typeof messageExpression === 'string' ? { messageExpression } : {}),
      ...(known === undefined ? {} : { reason: known }),
      ...(typeof fieldPath === 'string' ? { fieldPath } : {}),
      ...(optionalOldSelf === true ? { optionalOldSelf } : {}),
    },
  ];
}
