/** What the controller says of something: conditions, each with the place of what it is about. */

export type Path = readonly (string | number)[];

export interface Verdict {
  type: string;
  status: 'True' | 'False';
  reason: string;
  message: string;
  /** Where in the object it stands that is spoken of; nowhere in particular when left out. */
  at?: Path;
}

/** Of a type the last verdict counts, where the first stood. */
export type Verdicts = Map<string, Verdict>;

export const say = (verdicts: Verdicts, verdict: Verdict): void => {
  verdicts.set(verdict.type, verdict);
};

/** Something that is wrong with a part of a route or policy, before it is known what follows. */
export interface Problem {
  type: string;
  reason: string;
  message: string;
  at: Path;
}

/** Several problems of one type as one: their reasons by name, their sentences a line each [internal/gatewayapi/status/error.go]. */
export function joined(problems: readonly [Problem, ...Problem[]]): Problem {
  const [first] = problems;
  if (problems.length === 1) return first;
  return {
    ...first,
    reason: [...new Set(problems.map(({ reason }) => reason))].sort().join(','),
    message: problems.map(({ message }) => sentence(message)).join('\n'),
  };
}

/** The controller's words as a condition has them: a capital, and a full stop. */
export const sentence = (words: string): string =>
  words === '' ? '' : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
