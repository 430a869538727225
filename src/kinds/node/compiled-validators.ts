/**
 * Whether an object's values are what its schema asks for. The packages' compiled validators judge; what they find is said in the
 * words of the API server (apimachinery's field errors, and kube-openapi's validation for custom resources).
 */
import { moduleOf } from './packages.ts';
import { quantityText } from '../quantity.ts';
import { pathOf, quoted as quote, typeOf, type Step, type Violation, type ViolationKind } from '../violation.ts';

/** What ajv says of a value. */
interface AjvError {
  instancePath: string;
  keyword: string;
  params: Readonly<Record<string, unknown>>;
}

interface Model {
  prototype: { validate(this: object): void };
}

export async function judgeValues(object: object, apiVersion: string, kind: string): Promise<readonly Violation[]> {
  const module = moduleOf(apiVersion, kind);
  if (module === undefined) return [];
  const model = ((await import(module)) as Readonly<Record<string, Model>>)[kind];
  try {
    model?.prototype.validate.call(object);
    return [];
  } catch (error) {
    return errorsOf(error).map((found) => toViolation(found, object));
  }
}

function errorsOf(error: unknown): readonly AjvError[] {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors)) throw error;
  const errors = error.errors as readonly AjvError[];
  const at = (path: string): readonly AjvError[] => errors.filter(({ instancePath }) => instancePath === path);
  const isAlternative = ({ keyword }: AjvError): boolean => keyword === 'anyOf' || keyword === 'oneOf';
  // Each alternative says why it does not fit; that none fits says it all, in one error that keeps what they wanted.
  const none = errors.filter(isAlternative).map((found) => {
    const wanted = at(found.instancePath).filter(({ keyword }) => keyword === 'type' || keyword === 'format');
    return { ...found, params: { wanted: wanted.flatMap(({ params }) => [params['type'] ?? params['format']]) } };
  });
  const rest = errors.filter(
    (found) =>
      !isAlternative(found) &&
      !none.some(({ instancePath: path }) => found.instancePath === path || found.instancePath.startsWith(`${path}/`)),
  );
  // Of a value that is of the wrong type, nothing else is worth saying.
  const mistyped = new Set(rest.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  return [...none, ...rest.filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))];
}

/** What is wrong with a value: of which kind, and what the API server says after the path, or after the path in the body. */
type Complaint = { kind: ViolationKind; text: string } | { body: string };

interface Seen {
  path: string;
  observed: unknown;
  params: AjvError['params'];
}

const mistyped = (types: string, { path, observed }: Seen): Complaint => ({
  kind: 'wrong-type',
  text: `Invalid value: "${typeOf(observed)}": ${path} in body must be of type ${types}: "${typeOf(observed)}"`,
});

const unsupported = (values: readonly unknown[], { observed }: Seen): Complaint => ({
  kind: 'unsupported',
  text: `Unsupported value: ${quote(observed)}: supported values: ${values.map(quote).join(', ')}`,
});

const tooMany = ({ observed, params }: Seen): Complaint => ({
  kind: 'invalid',
  text: `Too many: ${sizeOf(observed)}: must have at most ${Number(params['limit'])} items`,
});

/** None of several alternatives fits; their types are told where that is all that tells them apart. */
function noAlternative(mustFit: string, seen: Seen): Complaint {
  const wanted = seen.params['wanted'] as readonly string[];
  if (wanted.includes('quantity') && typeof seen.observed === 'string') {
    return { kind: 'invalid', text: `Invalid value: ${quote(seen.observed)}: ${quantityText}` };
  }
  const types = [...new Set(wanted)].filter((name) => ['string', 'integer', 'number'].includes(name));
  return types.length > 1 ? mistyped(types.join(' or '), seen) : { body: `must validate ${mustFit}` };
}

/** What the API server says of each keyword of a schema. [kube-openapi, pkg/validation/errors] */
const complaints: Readonly<Record<string, (seen: Seen) => Complaint>> = {
  type: (seen) => mistyped([seen.params['type']].flat().join(' or '), seen),
  enum: (seen) => unsupported([seen.params['allowedValues']].flat(), seen),
  const: (seen) => unsupported([seen.params['allowedValue']], seen),
  pattern: ({ params }) => ({ body: `should match '${String(params['pattern'])}'` }),
  format: ({ params, observed }) => ({ body: `must be of type ${String(params['format'])}: ${quote(observed)}` }),
  minimum: ({ params }) => ({ body: `should be greater than or equal to ${Number(params['limit'])}` }),
  maximum: ({ params }) => ({ body: `should be less than or equal to ${Number(params['limit'])}` }),
  minLength: ({ params }) => ({ body: `should be at least ${Number(params['limit'])} chars long` }),
  maxLength: ({ params }) => ({
    kind: 'invalid',
    text: `Too long: may not be more than ${Number(params['limit'])} bytes`,
  }),
  minItems: ({ params }) => ({ body: `should have at least ${Number(params['limit'])} items` }),
  maxItems: tooMany,
  minProperties: ({ params }) => ({ body: `should have at least ${Number(params['limit'])} properties` }),
  maxProperties: tooMany,
  uniqueItems: ({ observed }) => ({ kind: 'invalid', text: `Duplicate value: ${quote(observed)}` }),
  anyOf: (seen) => noAlternative('at least one schema (anyOf)', seen),
  oneOf: (seen) => noAlternative('one and only one schema (oneOf)', seen),
};

function toViolation({ instancePath, keyword, params }: AjvError, object: object): Violation {
  const steps = stepsOf(instancePath, object);
  const observed = steps.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Record<Step, unknown>)[step] : undefined),
    object,
  );
  if (keyword === 'required') {
    const path = pathOf([...steps, String(params['missingProperty'])]);
    return { path, kind: 'missing', message: `${path}: Required value`, observed: undefined };
  }
  const path = pathOf(steps);
  const complaint = complaints[keyword]?.({ path, observed, params }) ?? { body: `does not satisfy ${keyword}` };
  const { kind, text } =
    'body' in complaint
      ? { kind: 'invalid' as const, text: `Invalid value: ${quote(observed)}: ${path} in body ${complaint.body}` }
      : complaint;
  return { path, kind, message: `${path}: ${text}`, observed };
}

/** A JSON pointer as steps; a number is a place in a list only where a list stands. */
function stepsOf(pointer: string, object: unknown): readonly Step[] {
  const steps: Step[] = [];
  let here = object;
  for (const raw of pointer.split('/').slice(1)) {
    const text = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(here) ? Number(text) : text;
    steps.push(step);
    here = typeof here === 'object' && here !== null ? (here as Record<Step, unknown>)[step] : undefined;
  }
  return steps;
}

const sizeOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
