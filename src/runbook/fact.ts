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

export type Fact<T = unknown> =
  | {
      ok: true;
      value: T;
      /** It stands in a manifest, and no server was asked. */
      written?: true;
      /** A list of some namespaces: why not of all. */
      within?: Within;
    }
  | { ok: false; problem: Problem };

/** The namespaces in which objects were listed, because those of all namespaces may not be. */
export interface Within {
  namespaces: readonly string[];
  /** Others that are known of: asked in vain, or not at all. */
  besides: readonly string[];
  problem: Problem;
}

export const value = <T>(value: T): Fact<T> => ({ ok: true, value });

export const problem = (kind: ProblemKind, message: string): Fact<never> => ({ ok: false, problem: { kind, message } });

const onlyCluster = ': only a cluster can tell.';

/** Whether something is unknown because no cluster was asked, rather than because one did not answer. */
export const needsCluster = (problem: Problem | null): boolean => problem?.message.endsWith(onlyCluster) === true;

/**
 * Thrown by a fact that does not hold all of an object or of a list, when a judge looks at what it does not hold: manifests have
 * no status, and a cluster has more Services than they do. The engine takes it for the check's outcome: unknown.
 */
export class NeedsCluster extends Error {
  override readonly name = 'NeedsCluster';
  readonly problem: Problem;
  /** @param what What was looked at, as a sentence begins: `The status of Gateway infra/web`. */
  constructor(what: string) {
    const message = `${what}${onlyCluster}`;
    super(message);
    this.problem = { kind: 'unreachable', message };
  }
}

/** In place of a value that manifests leave to somebody else: whoever looks at it is told that only a cluster can tell. */
export class Untold {
  /** As a sentence begins: `What DOMAIN stands for in HTTPRoute web/web`. */
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/**
 * Thrown by a field that does not hold what its kind promises, when a judge looks at it; and by one that was taken out of a snapshot. The
 * engine takes it for the check's outcome: unknown. Whoever does not look at the field judges as if all were well.
 */
export class MalformedField extends Error {
  override readonly name = 'MalformedField';
  readonly problem: Problem;
  readonly what: string;
  /** @param what Object, field, and what it is instead: `Pod docs/a: spec.containers is null, not a list`. */
  constructor(what: string) {
    const message = `${what}.`;
    super(message);
    this.what = what;
    this.problem = { kind: 'malformed', message };
  }
}

/**
 * Thrown by what could not be read, when a judge looks at it. The engine takes it for the check's outcome: unknown. Whoever does not look
 * judges without it.
 */
export class Unread extends Error {
  override readonly name = 'Unread';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Thrown at the end of a list of some namespaces. What was judged up to there counts, as far as it goes. */
export class Elsewhere extends Unread {
  readonly scope: string;
  /** @param what What was listed, in the plural. */
  constructor(what: string, { namespaces, problem }: Within) {
    const where = named(namespaces);
    super({ kind: problem.kind, message: `The ${what} of ${where} alone were seen. ${problem.message}` });
    this.scope = `That is as far as the ${what} of ${where} tell: others may not be listed.`;
  }
}

/** The first of many names, and how many there are besides. */
const named = (names: readonly string[]): string =>
  names.length > mostNames
    ? `${names.slice(0, mostNames - 1).join(', ')} and ${names.length - mostNames + 1} other namespaces`
    : names.join(', ');
const mostNames = 5;

/** What a judge meets where something is not told, or is not what it should be. */
export type Missed = NeedsCluster | MalformedField | Unread;

/**
 * What was not told, from what was thrown.
 *
 * @throws what was thrown, where that is something else.
 */
export function missed(error: unknown): Missed {
  if (error instanceof NeedsCluster || error instanceof MalformedField || error instanceof Unread) return error;
  throw error;
}

/**
 * For checks that learn from a fact that a server serves its kind.
 *
 * @throws {NeedsCluster} when a fact stands in manifests only.
 */
export function provesServed(...facts: readonly Fact[]): void {
  for (const fact of facts) onlyOfACluster(fact, 'Which kinds are installed');
}

/**
 * For what a cluster must have, and manifests may leave to others.
 *
 * @throws {NeedsCluster} when a fact stands in manifests only.
 */
export function onlyOfACluster(fact: Fact, what: string): void {
  if (fact.ok && fact.written === true) throw new NeedsCluster(what);
}
