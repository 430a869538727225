/**
 * Every Common Issue has a runbook and every runbook has its page: the build fails when a page in `content/issues` names no runbook
 * or one that is not there, or when a runbook is named by no page or by two.
 */
import { globSync, readFileSync } from 'node:fs';
import type { AstroIntegration } from 'astro';
import { parse } from 'yaml';
import { runbooks } from '../../../runbooks/index.ts';
import { absentFiles } from '../absent-pages.ts';
import { recordFailure, type Failure } from '../markdown/failures.ts';

export interface IssuePage {
  /** Path from the project's root. */
  file: string;
  runbook: string | undefined;
}

/** Pure, for its test: what does not match between the pages and the runbooks. */
export function mismatches(pages: readonly IssuePage[], runbookIds: readonly string[]): Failure[] {
  const failures: Failure[] = [];
  const pageOf = new Map<string, string>();
  for (const { file, runbook } of pages) {
    if (runbook === undefined) {
      failures.push({
        where: file,
        message: 'a Common Issue needs a runbook: add "runbook: <id>" to the frontmatter.',
      });
      continue;
    }
    if (!runbookIds.includes(runbook)) {
      failures.push({
        where: file,
        message: `there is no runbook "${runbook}"; runbooks/index.ts has ${runbookIds.join(', ') || 'none'}.`,
      });
    }
    const other = pageOf.get(runbook);
    if (other) failures.push({ where: file, message: `runbook "${runbook}" already has the page ${other}.` });
    else pageOf.set(runbook, file);
  }
  for (const id of runbookIds) {
    if (!pageOf.has(id))
      failures.push({
        where: 'runbooks/index.ts',
        message: `runbook "${id}" has no page: add content/issues/${id}.md.`,
      });
  }
  return failures;
}

/** An `index.md` introduces the issues; it is not one. */
function issuePages(): IssuePage[] {
  return globSync('content/issues/**/*.md')
    .filter((file) => !file.endsWith('/index.md') && !absentFiles.includes(file.slice('content/'.length)))
    .sort()
    .map((file) => {
      const frontmatter = /^---\n([\s\S]*?)\n---/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
      const { runbook } = (parse(frontmatter) ?? {}) as { runbook?: string };
      return { file, runbook };
    });
}

export const runbookPages = (): AstroIntegration => ({
  name: 'runbook-pages',
  hooks: {
    'astro:build:start': () => {
      const ids = runbooks.map(({ id }) => id);
      for (const failure of mismatches(issuePages(), ids)) recordFailure(failure);
    },
  },
});
