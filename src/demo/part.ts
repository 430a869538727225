/** The parts that a stack may lack, for what is made only where they are there. */
import type { Parts, Sections, Stack } from '../../runbooks/stack-type.ts';

export function partOf<P extends keyof Parts>(stack: Sections, part: P): Parts[P] {
  const own = stack[part];
  if (own === null) throw new Error(`The stack has no ${part}.`);
  return own;
}

/** What is made of a part; nothing in a stack without it. */
export const ifThere = <T>(stack: Stack, part: keyof Parts, make: (stack: Stack) => readonly T[]): readonly T[] =>
  stack[part] === null ? [] : make(stack);
