/**
 * What a read brought: a value, or a problem of a closed set. Problems are never collapsed into one another:
 * "may not read", "does not exist" and "did not answer" call for different deeds.
 */

export const problemKinds = [
  /** 404 on the kind: its CustomResourceDefinition is not installed. */
  'kind-not-installed',
  /** 404 on the object. */
  'not-found',
  /** 403: this user may not read it. */
  'forbidden',
  /** 401: the server does not know this user. */
  'unauthenticated',
  /** No connection, a failed TLS handshake, or a 5xx: the server did not answer the question. */
  'unreachable',
  /** No answer in time. */
  'timed-out',
  /** An answer that is not what the API promises. */
  'malformed',
] as const;

export type ProblemKind = (typeof problemKinds)[number];

export interface Problem {
  kind: ProblemKind;
  /** What was tried and what came back, in one sentence; never a secret. */
  message: string;
}

export type Fact<T = unknown> = { ok: true; value: T } | { ok: false; problem: Problem };

export const value = <T>(value: T): Fact<T> => ({ ok: true, value });

export const problem = (kind: ProblemKind, message: string): Fact<never> => ({ ok: false, problem: { kind, message } });
