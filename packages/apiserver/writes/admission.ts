/**
 * What an API server says of an object before it stores it: fields that its kind does not have, values that they may not have, and
 * changes that may not be.
 */
import { same } from '../objects/same.ts';
import type { Kinds } from '../../../src/kinds/kind.ts';
import { judgeObject, validate } from '../../../src/kinds/validate.ts';
import { stepsOf, type Violation } from '../../../src/kinds/violation.ts';
import { isFields, text, type Fields } from '../objects/fields.ts';
import { contradictions, forbiddenChanges } from './field-rules.ts';
import type { Resource } from '../resources/resources.ts';
import { badRequest, invalid, type Cause } from '../http/statuses.ts';

/** How to treat fields that the kind does not have: `fieldValidation` of a write. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface Strictness {
  /** The kinds that are served. */
  kinds: Kinds;
  validation: FieldValidation;
  /** Fields that the body has twice. */
  duplicates?: readonly string[];
  /** Makes the error of a strict write from its problem; each kind of write has its own. */
  refuse: (problem: string) => Error;
}

export interface Admitted {
  object: Fields;
  warnings: readonly string[];
}

/**
 * An object without the fields that its kind does not have.
 *
 * What is wrong with an object already is not held against a change of something else: so much a fixture may differ from its schema.
 *
 * @throws StatusError where a strict write names unknown fields, or a value or a change may not be.
 */
export async function admit(
  object: Fields,
  old: Fields | undefined,
  resource: Resource,
  { kinds, validation, duplicates = [], refuse }: Strictness,
): Promise<Admitted> {
  const violations = await newViolations(object, old, kinds);
  const unknown = violations.filter(({ kind }) => kind === 'unknown-field');
  const problems = [
    ...duplicates.map((field) => `duplicate field "${field}"`),
    ...unknown.map(({ message }) => message),
  ];
  if (problems.length > 0 && validation === 'Strict') throw refuse(`strict decoding error: ${problems.join(', ')}`);
  const name = text(object, 'metadata', 'name');
  const mistyped = violations.find(({ kind }) => kind === 'wrong-type');
  if (mistyped !== undefined && !resource.custom) throw undecodable(resource, mistyped);
  const causes = [
    ...violations.filter(({ kind }) => kind !== 'unknown-field').map(toCause),
    ...(old === undefined || !same(old['spec'], object['spec']) ? contradictions(object) : []),
    ...(old === undefined ? [] : forbiddenChanges(object, old)),
  ];
  if (causes.length > 0) throw invalid(resource, name, causes);
  return {
    object: unknown.reduce<Fields>((rest, { path }) => withoutField(rest, stepsOf(path)) as Fields, object),
    warnings: validation === 'Warn' ? problems : [],
  };
}

/** What is wrong now and was not before; an API server does not hold against a change what it has taken already. */
async function newViolations(object: Fields, old: Fields | undefined, kinds: Kinds): Promise<readonly Violation[]> {
  const found = (await judgeObject(object, kinds, old))?.violations ?? [];
  if (found.length === 0 || old === undefined) return found;
  const present = new Set(((await validate(old, kinds)) ?? []).map(({ message }) => message));
  return found.filter(({ message }) => !present.has(message));
}

function toCause({ path, kind, message, reason }: Violation): Cause {
  const rest = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return { reason: reason ?? reasonOf(kind, rest), message: rest, field: path };
}

function reasonOf(kind: Violation['kind'], message: string): string {
  switch (kind) {
    case 'missing':
      return 'FieldValueRequired';
    case 'unsupported':
      return 'FieldValueNotSupported';
    case 'wrong-type':
      return 'FieldValueTypeInvalid';
    case 'unknown-field':
    case 'unchecked':
    case 'invalid':
      if (message.startsWith('Too long')) return 'FieldValueTooLong';
      if (message.startsWith('Too many')) return 'FieldValueTooMany';
      return message.startsWith('Duplicate value') ? 'FieldValueDuplicate' : 'FieldValueInvalid';
  }
}

/** Built-in kinds are Go types: what does not fit one cannot even be read. */
function undecodable({ kind, versions }: Resource, { path, observed, message }: Violation): Error {
  const [, wanted = 'string'] = /must be of type ([a-z]+)/.exec(message) ?? [];
  const given = Array.isArray(observed)
    ? 'array'
    : isFields(observed)
      ? 'object'
      : typeof observed === 'boolean'
        ? 'bool'
        : typeof observed;
  const type = wanted === 'integer' || wanted === 'number' ? 'int32' : wanted === 'boolean' ? 'bool' : wanted;
  const [root = ''] = path.split('.');
  const part = root === path ? kind : `${kind}${root.charAt(0).toUpperCase()}${root.slice(1)}`;
  return badRequest(
    `${kind} in version "${versions[0]}" cannot be handled as a ${kind}: json: cannot unmarshal ${given} into Go struct field ${part}.${path.replace(/\[\d+\]/g, '')} of type ${type}`,
  );
}

function withoutField(value: unknown, [step, ...rest]: readonly (string | number)[]): unknown {
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? withoutField(item, rest) : item));
  }
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): readonly [string, unknown][] =>
      key !== String(step) ? [[key, inner]] : rest.length === 0 ? [] : [[key, withoutField(inner, rest)]],
    ),
  );
}
