/**
 * `npm start`. Says first how this process is to use memory and what it keeps for the next start, for both count only for what is loaded after;
 * then opens the handbook (`serve.ts`). `npm run bench:start` measures what comes of it.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// The bundler's allocator takes memory in huge pages, of which it uses a part: 180 MB that nothing is in.
process.env['MIMALLOC_ALLOW_THP'] ??= '0';
// V8 lets garbage grow to several times of what lives before it collects; a start makes much garbage, and a reader's machine has other things to hold.
setFlagsFromString('--heap-growing-percent=50');
setFlagsFromString('--semi-space-growth-factor=1');
// Where the folder cannot be written, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/handbook'));

await import('../sources/sound-stack.ts');
const { nameStack } = await import('../sources/naming.ts');
try {
  const named = nameStack(process.argv.slice(2));
  // Pages are then of another stack than what is drawn and recorded for them in Git.
  if (Object.keys(named).length > 0) process.env['HANDBOOK_NAMED'] = 'true';
} catch (error) {
  const { Refusal } = await import('../formats/refusal.ts');
  if (!(error instanceof Refusal)) throw error;
  console.error(`error: ${error.message}\n${error.hint}`);
  process.exit(64);
}
await import('./serve.ts');
