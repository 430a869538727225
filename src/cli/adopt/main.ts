/** Starts `npm run adopt`: puts somebody's names into the stack file. */
import '../../sources/sound-stack.ts';

await import('./adopt.ts');
