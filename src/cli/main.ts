#!/usr/bin/env node
/**
 * Starts the terminal. What Node makes of the program's files, types taken out and compiled, is kept beside the packages: a start from there
 * takes less than half of the work. Where that folder cannot be written, Node does without.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Thousands of files are read, and most of what is made of them is let go at once: a nursery that grows keeps it all for long.
setFlagsFromString('--semi-space-growth-factor=1');
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/handbook'));
await import('../sources/sound-stack.ts');
const { nameStack } = await import('../sources/naming.ts');
try {
  nameStack(process.argv.slice(2));
} catch (error) {
  const { explain } = await import('./ending.ts');
  process.exit(explain(error));
}
await import('./program.ts');
