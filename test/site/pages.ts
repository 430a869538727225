/** The pages that the stack has, as they are written, without what is about parts that it lacks. */
import { readFileSync } from 'node:fs';
import { presentFiles } from '../../src/site/absent-pages.ts';
import { withParts } from '../../src/site/markdown/parts.ts';

export const textOf = (file: string): string => withParts(readFileSync(file, 'utf8'));

/** Paths from the project's root. */
export const pageFiles: readonly string[] = presentFiles().map((file) => `content/${file}`);
