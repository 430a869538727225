/** Ends a program that is about to be made of a stack file which cannot be used, and says what is wrong with it. */
import { stack } from '#stack';
import { stackTroubles } from '../../runbooks/stack-troubles.ts';

const troubles = stackTroubles(stack);
if (troubles.length > 0) {
  console.error(
    [
      'error: runbooks/stack.ts cannot be used.',
      ...troubles.map((trouble) => `  ${trouble}`),
      'Correct the file; its fields are told in runbooks/stack-type.ts.',
    ].join('\n'),
  );
  // As for any input that cannot be used [sysexits.h, EX_NOINPUT].
  process.exit(66);
}
