/**
 * A check states what is true when it passes, reads what proves it, and judges purely: same values, same judgement.
 */
import type { KindName, KubeObject } from './kinds.ts';
import { apiVersion } from './kinds.ts';
import type { Problem } from './fact.ts';
import { bind, type Find, type Findings } from './finding.ts';
import type { Judgement, ObjectRef } from './judgement.ts';
import type { Inputs, Need, Values } from './read.ts';
import type { Shell } from './shell.ts';

export type { Evidence, Judgement, ObjectRef, Remedy } from './judgement.ts';

export const pass = (message: string): Judgement => ({ outcome: 'passed', message });
/**
 * There is nothing to judge; say why. Where a failed need may be the reason this becomes a consequence of it, unless
 * `explainedBy` is empty: then the check does not apply whatever its needs are.
 */
export const skip = (message: string, explainedBy?: readonly string[]): Judgement => ({
  outcome: 'skipped',
  message,
  ...(explainedBy === undefined ? {} : { explainedBy }),
});
/** What was read does not tell; say what would. */
export const unknown = (message: string, problem?: Problem): Judgement => ({
  outcome: 'unknown',
  message,
  ...(problem === undefined ? {} : { problem }),
});

export interface JudgeContext {
  /** The time of the run; judges never look at a clock. */
  now: Date;
  inputs: Inputs;
}

/** A judge chooses among the check's findings and names their subjects. */
export type Judge<N extends Readonly<Record<string, Need>>, F extends Findings> = (
  values: Values<N>,
  context: JudgeContext & { find: Find<F> },
) => Judgement | readonly Judgement[];

export interface Check<N extends Readonly<Record<string, Need>> = Readonly<Record<string, Need>>> {
  /** `<component>/<what-is-true>`, never reused for another meaning. */
  id: `${string}/${string}`;
  /** A statement that is true when the check passes. */
  title: string;
  /** Id of the component that the check is about: the first part of its id. */
  component: string;
  /** Why it matters, in a sentence for the reader who has not run it yet. */
  why: string;
  /** Checks whose failure explains a failure of this one. */
  needs: readonly Check[];
  reads: N;
  /** Commands that show by hand what the check looks at; from the reads when left out. */
  commands?: readonly Shell[];
  /** Everything that it can find, by name. */
  findings: Findings;
  judge: (values: Values<N>, context: JudgeContext) => Judgement | readonly Judgement[];
}

type Declaration<N extends Readonly<Record<string, Need>>, F extends Findings> = Omit<
  Check<N>,
  'needs' | 'component' | 'findings' | 'judge'
> & { needs?: readonly Check[]; findings?: F; judge: Judge<N, F> };

/** A check that declares none can only pass, skip or not know. */
type NoFindings = Readonly<Record<string, never>>;

/** Gives a check its types; `needs` defaults to none. */
export function defineCheck<const N extends Readonly<Record<string, Need>>, const F extends Findings = NoFindings>(
  declared: Declaration<N, F>,
): Check {
  const { id, findings = {} as F, judge } = declared;
  const find = bind(id, findings);
  const check = {
    needs: [],
    ...declared,
    component: id.slice(0, id.indexOf('/')),
    findings,
    judge: (values: Values<N>, context: JudgeContext) => judge(values, { ...context, find }),
  };
  // Widened on purpose: outside its definition nobody calls a judge but the engine, which builds the values from `reads`.
  return check as unknown as Check;
}

/** The reference of an object that was read. */
export const refOf = (object: KubeObject): ObjectRef => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name,
});

/** The reference of an object that was not read, perhaps because it does not exist. */
export const refTo = (kind: KindName, { namespace, name }: { namespace?: string; name: string }): ObjectRef => ({
  apiVersion: apiVersion(kind),
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
});

/** `namespace/name`, as sentences and commands write an object. */
export const nameOf = ({ metadata }: { metadata: { namespace?: string; name: string } }): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;
