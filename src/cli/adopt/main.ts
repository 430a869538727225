/** Starts `npm run adopt`: puts somebody's names into the stack file. What Node makes of its files is kept as that of the terminal is. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/handbook'));
await import('../../sources/sound-stack.ts');
await import('./adopt.ts');
