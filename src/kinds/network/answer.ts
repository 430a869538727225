/** An answer that objects may not be able to give: yes, no, or why nobody can tell from them. Pure. */

export interface Doubt {
  /** What is not known, as a clause: `it depends on how api.example.com resolves`. */
  because: string;
}

export type Answer = boolean | Doubt;

export const doubt = (because: string): Doubt => ({ because });

export const isDoubt = (answer: Answer): answer is Doubt => typeof answer === 'object';

/** Yes as soon as one is; otherwise the first doubt, if there is any. */
export function anyOf<T>(items: Iterable<T>, ask: (item: T) => Answer): Answer {
  let found: Answer = false;
  for (const item of items) {
    const answer = ask(item);
    if (answer === true) return true;
    if (isDoubt(answer) && found === false) found = answer;
  }
  return found;
}

/** No as soon as one is; otherwise the first doubt, if there is any. */
export function allOf(...questions: readonly (() => Answer)[]): Answer {
  let found: Answer = true;
  for (const ask of questions) {
    const answer = ask();
    if (answer === false) return false;
    if (isDoubt(answer) && found === true) found = answer;
  }
  return found;
}
