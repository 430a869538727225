/** The pages that the stack has, as they are written, without what is about parts that it lacks. */
import { globSync, readFileSync } from 'node:fs';
import { absentFiles } from '../../src/site/absent-pages.ts';
import { withParts } from '../../src/site/markdown/parts.ts';

export const textOf = (file: string): string => withParts(readFileSync(file, 'utf8'));

/** Paths from the project's root. */
export const pageFiles: readonly string[] = globSync('content/**/*.md').filter(
  (file) => !absentFiles.includes(file.slice('content/'.length)),
);
