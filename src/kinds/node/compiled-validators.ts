/**
 * Whether an object's values are what its schema asks for. The packages' compiled validators judge; what they find is said in the
 * words of the API server (apimachinery's field errors, and kube-openapi's validation for custom resources).
 */
import { moduleOf } from './packages.ts';
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

function toViolation({ instancePath, keyword, params }: AjvError, object: object): Violation {
  const steps = stepsOf(instancePath, object);
  const observed = steps.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Record<Step, unknown>)[step] : undefined),
    object,
  );
  const path = pathOf(steps);
  const said = (kind: ViolationKind, text: string, at = path, seen = observed): Violation => ({
    path: at,
    kind,
    message: `${at}: ${text}`,
    observed: seen,
  });
  const invalid = (text: string): Violation =>
    said('invalid', `Invalid value: ${quote(observed)}: ${path} in body ${text}`);
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'required':
      return said('missing', 'Required value', pathOf([...steps, String(params['missingProperty'])]), undefined);
    case 'type': {
      const wanted = [params['type']].flat().join(' or ');
      return said(
        'wrong-type',
        `Invalid value: "${typeOf(observed)}": ${path} in body must be of type ${wanted}: "${typeOf(observed)}"`,
      );
    }
    case 'enum':
    case 'const': {
      const values = keyword === 'enum' ? [params['allowedValues']].flat() : [params['allowedValue']];
      return said(
        'unsupported',
        `Unsupported value: ${quote(observed)}: supported values: ${values.map(quote).join(', ')}`,
      );
    }
    case 'pattern':
      return invalid(`should match '${String(params['pattern'])}'`);
    case 'format':
      return invalid(`must be of type ${String(params['format'])}: ${quote(observed)}`);
    case 'minimum':
      return invalid(`should be greater than or equal to ${limit}`);
    case 'maximum':
      return invalid(`should be less than or equal to ${limit}`);
    case 'minLength':
      return invalid(`should be at least ${limit} chars long`);
    case 'maxLength':
      return said('invalid', `Too long: may not be more than ${limit} bytes`);
    case 'minItems':
      return invalid(`should have at least ${limit} items`);
    case 'maxItems':
      return said('invalid', `Too many: ${sizeOf(observed)}: must have at most ${limit} items`);
    case 'minProperties':
      return invalid(`should have at least ${limit} properties`);
    case 'maxProperties':
      return said('invalid', `Too many: ${sizeOf(observed)}: must have at most ${limit} items`);
    case 'uniqueItems':
      return said('invalid', `Duplicate value: ${quote(observed)}`);
    case 'anyOf':
    case 'oneOf': {
      const wanted = params['wanted'] as readonly string[];
      if (wanted.includes('quantity') && typeof observed === 'string') {
        return said('invalid', `Invalid value: ${quote(observed)}: ${quantityText}`);
      }
      const types = [...new Set(wanted)].filter((name) => ['string', 'integer', 'number'].includes(name));
      return types.length > 1
        ? said(
            'wrong-type',
            `Invalid value: "${typeOf(observed)}": ${path} in body must be of type ${types.join(' or ')}: "${typeOf(observed)}"`,
          )
        : invalid(
            `must validate ${keyword === 'anyOf' ? 'at least one schema (anyOf)' : 'one and only one schema (oneOf)'}`,
          );
    }
    default:
      return invalid(`does not satisfy ${keyword}`);
  }
}

/** As apimachinery's resource.ErrFormatWrong. */
const quantityText = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

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
