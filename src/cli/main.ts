#!/usr/bin/env node
/**
 * Starts the terminal. What Node makes of the program's files, types taken out and compiled, is kept beside the packages: a start from there
 * takes less than half of the work. Where that folder cannot be written, Node does without.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/handbook'));
await import('../sources/sound-stack.ts');
const { nameStack } = await import('./naming.ts');
try {
  nameStack(process.argv.slice(2));
} catch (error) {
  const { explain } = await import('./ending.ts');
  process.exit(explain(error));
}
await import('./program.ts');
