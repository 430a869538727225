/** What a judge says: an outcome, and of what was found all that is to be told. */
import type { Problem } from './fact.ts';
import type { Shell } from './shell.ts';

/** The object that a piece of evidence is about. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** `Gateway network/internal`, as every output calls an object, and as whoever accepts a finding writes it. */
export const objectName = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** A place in a file; lines and columns count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

export interface Evidence {
  object: ObjectRef;
  /** Field path as `kubectl explain` writes it, or what was observed of the object. */
  path: string;
  observed: unknown;
  expected: unknown;
  /** Where it stands in Git, where whoever tells of it knows better than the object and the path do. */
  source?: Position;
}

/** What to write where, in the object's manifest. */
export interface Change {
  object: ObjectRef;
  /** Field path, as in evidence. */
  path: string;
  /** What belongs there; null where the field has to go. */
  to: unknown;
}

/** One way to mend what was found. Its commands are steps, in order. */
export interface Remedy {
  /** What to do, as a sentence. */
  title: string;
  /** What to change in Git, where one field is to be changed. */
  change?: Change;
  /** Exact commands, for the reader to run: the software itself never writes. */
  commands: readonly Shell[];
  /** What the remedy interrupts while it takes effect. */
  disturbs: string;
}

/** The words of a controller, a log or an Event, as they were said. */
export interface Quote {
  text: string;
  /** Who said them: `Envoy Gateway, in the condition Accepted`. */
  by: string;
}

/** What was found, told about a subject. */
interface Found {
  /** Id of the finding, `<check>#<what>`. */
  finding: string;
  /** In at most 70 characters, with the name of the object. */
  headline: string;
  /** What was seen, in a sentence that a person can act on. */
  message: string;
  quote: Quote | null;
  /** The object at fault first: the cause, not the place where the pain shows. */
  evidence: readonly [Evidence, ...Evidence[]];
  /** Ways to mend it, of which one is enough. */
  remedies: readonly Remedy[];
  /** Commands that show it, where `kubectl get` of the evidence's objects does not say enough. */
  commands?: readonly Shell[];
  /** Which of the check's needs would explain this finding if they failed; all of them when left out. */
  explainedBy?: readonly string[];
  /** The page that explains it, where that is not the page of findings. */
  page?: string;
}

export type Judgement =
  | { outcome: 'passed'; message: string }
  | ({ outcome: 'failed' } & Found)
  | ({ outcome: 'warned' } & Found)
  | { outcome: 'skipped'; message: string; explainedBy?: readonly string[] }
  | { outcome: 'unknown'; message: string; problem?: Problem };
