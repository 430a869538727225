/** Where rules of an object apply, and what they say there. */
import type { JsonSchema, KindSchema } from '../schema.ts';
import type { Step, Violation } from '../violation.ts';

export interface Ruled {
  violations: readonly Violation[];
  /** Rules that could not be judged: where, and why. */
  unjudged: readonly string[];
}

/** A place with rules: what stands there, and stood there before. */
export interface Place {
  schema: JsonSchema;
  steps: readonly Step[];
  value: unknown;
  old: unknown;
  isNew: boolean;
}

export type Evaluating = (places: readonly Place[], root: KindSchema) => Ruled;
