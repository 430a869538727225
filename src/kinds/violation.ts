/** What is wrong with an object, and where, in the API server's words. */

export type ViolationKind =
  | 'unknown-field'
  | 'missing'
  | 'wrong-type'
  | 'unsupported'
  | 'invalid'
  /** Nothing is wrong by itself, but because of what else is, the rest was not looked at. */
  | 'unchecked';

export interface Violation {
  /** Where, as the API server writes it: `spec.listeners[0].allowedRoutes`; `<nil>` where it names no field. */
  path: string;
  /**
   * An unknown field is pruned from a custom resource, or refused where fields are validated strictly, as `kubectl apply` asks
   * for. Everything else is refused as Invalid (422).
   */
  kind: ViolationKind;
  /** The whole sentence of the API server, path included. */
  message: string;
  /** What stands there. */
  observed: unknown;
  /** The API server's reason, where a rule gives one of its own: `FieldValueForbidden`. */
  reason?: string;
  /** What to do, where the schema gives it away. */
  hint?: string;
}

/** An object as far as anything is known about it. */
export interface Unjudged {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: unknown;
}

/** A field's name, or a place in a list. */
export type Step = string | number;

/** A path as the API server writes it. */
export const pathOf = (steps: readonly Step[]): string =>
  steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    // A key of a map, such as a label, rather than a field.
    if (!/^[A-Za-z_$][\w-]*$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');

/** A path as the API server writes it, back in steps. */
export const stepsOf = (path: string): readonly Step[] =>
  path === '<nil>'
    ? []
    : [...path.matchAll(/\[(\d+)\]|\[([^\]]+)\]|([^.[\]]+)/g)].map(([, index, key, name]) =>
        index === undefined ? (key ?? name ?? '') : Number(index),
      );

/** A violation at a path; `text` is what the API server says after the path. */
export const violationAt = (
  steps: readonly Step[],
  kind: ViolationKind,
  text: string,
  observed: unknown,
  reason?: string,
): Violation => {
  const path = steps.length === 0 ? '<nil>' : pathOf(steps);
  return { path, kind, message: `${path}: ${text}`, observed, ...(reason === undefined ? {} : { reason }) };
};

/** A value as the API server prints one. */
export const quoted = (value: unknown): string => JSON.stringify(value ?? null);

/** What an API server calls the type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
