/**
 * What an API server would say of an object before it takes it: fields that it does not know, values that it refuses or misses, items
 * that stand twice, and what the rules of its kind ask, in that order. Admission webhooks are the cluster's own.
 */
import { judgeBuiltIn } from './built-in-rules.ts';
import { withDefaults } from './defaults.ts';
import { apiVersionOf, isServed, type Kind, type Kinds, type NotServed, type Release } from './kind.ts';
import { judgeLists } from './lists.ts';
import { judgeMetadata } from './metadata.ts';
import { judgeRules } from './rules.ts';
import { judgeStructure } from './structure.ts';
import { unknownFields } from './unknown-fields.ts';
import { isObject, violationAt, type Unjudged, type Violation } from './violation.ts';

export interface Judged {
  violations: readonly Violation[];
  /** Rules that could not be judged: where, and why. */
  unjudged: readonly string[];
  /** Which release the schema is of. */
  release: Release;
}

/**
 * Every violation of an object.
 *
 * @param old The object as it was, on an update: rules about changes are asked only then.
 * @returns undefined when nobody knows the kind, so that nothing can be said.
 */
export async function judgeObject(object: Unjudged, kinds: Kinds, old?: Unjudged): Promise<Judged | undefined> {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const found = await kinds.find(apiVersion, kind);
  if (found === undefined) return undefined;
  if (!isServed(found)) return notServed(apiVersion, kind, found);
  const given = withoutNulls(object) as Unjudged;
  const { violations, unjudged } = await judgeKind(given, found, old === undefined ? undefined : withoutNulls(old));
  const all = [
    ...unknownFields(given, found.structure),
    ...violations,
    ...judgeMetadata(given),
    ...judgeBuiltIn(given),
  ];
  return {
    violations: [...new Map(all.map((violation) => [violation.message, violation])).values()],
    unjudged,
    release: found.release,
  };
}

/** As `judgeObject`, for whoever wants the violations only. */
export const validate = async (object: Unjudged, kinds: Kinds): Promise<readonly Violation[] | undefined> =>
  (await judgeObject(object, kinds))?.violations;

async function judgeKind(
  given: object,
  { structure, judgeValues }: Kind,
  old: unknown,
): Promise<{ violations: readonly Violation[]; unjudged: readonly string[] }> {
  const full = withDefaults(given, structure, structure) as object;
  const values = judgeValues === undefined ? judgeStructure(full, structure, structure) : await judgeValues(full);
  const violations = [...values, ...judgeLists(full, structure, structure)];
  const before = old === undefined ? undefined : withDefaults(old, structure, structure);
  const ruled = violations.some(isBlocking)
    ? await unchecked(full, structure)
    : await judgeRules(full, structure, before);
  return { violations: [...violations, ...ruled.violations], unjudged: ruled.unjudged };
}

/** Rules take for granted that values are of their types, of a supported one, and not too many [customresource, hasBlockingErr]. */
const isBlocking = ({ kind, message }: Violation): boolean =>
  kind === 'missing' || kind === 'unsupported' || kind === 'wrong-type' || /: Too (?:long|many): /.test(message);

const uncheckedText =
  'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

async function unchecked(object: object, structure: Kind['structure']): ReturnType<typeof judgeRules> {
  const has = JSON.stringify(structure).includes('"x-kubernetes-validations"');
  return Promise.resolve({
    violations: has ? [violationAt([], 'unchecked', uncheckedText, object)] : [],
    unjudged: [],
  });
}

function notServed(apiVersion: string, kind: string, { served, release }: NotServed): Judged {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const group = apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0));
  const instead = served.map((name) => apiVersionOf(group, name)).join(' or ');
  return {
    release,
    unjudged: [],
    violations: [
      {
        path: 'apiVersion',
        kind: 'unsupported',
        // As kubectl says it, and what an API server answers is only 404.
        message: `no matches for kind "${kind}" in version "${apiVersion}"`,
        observed: apiVersion,
        hint: instead === '' ? `No version of it is served, ${version} neither.` : `Write ${instead}: that is served.`,
      },
    ],
  };
}

/** An API server takes a field that is null for one that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(given.map(([name, inner]) => [name, withoutNulls(inner)]));
}
