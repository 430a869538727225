/** What is wrong with an object, and where, in the API server's words. */

export type ViolationKind = 'unknown-field' | 'missing' | 'wrong-type' | 'unsupported' | 'invalid';

export interface Violation {
  /** Where, as the API server writes it: `spec.listeners[0].allowedRoutes`. */
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
