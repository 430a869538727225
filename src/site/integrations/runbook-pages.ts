/**
 * Every Common Issue has a runbook and every runbook has its page: the build fails when a page in `content/issues` names no runbook
 * or one that is not there, or when a runbook is named by no page or by two.
 */
import { readFileSync } from 'node:fs';
import type { AstroIntegration } from 'astro';
import { runbooks } from '../../../runbooks/index.ts';
import { presentFiles } from '../absent-pages.ts';
import { recordFailure, type Failure } from '../markdown/failures.ts';
import { parted } from '../markdown/frontmatter.ts';

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
const issuePages = (): readonly IssuePage[] =>
  presentFiles()
    .filter((file) => file.startsWith('issues/') && !file.endsWith('/index.md'))
    .map((page) => {
      const file = `content/${page}`;
      const { runbook }: { runbook?: string } = parted(readFileSync(file, 'utf8')).frontmatter;
      return { file, runbook };
    });

export const runbookPages = (): AstroIntegration => ({
  name: 'runbook-pages',
  hooks: {
    'astro:build:start': () => {
      const ids = runbooks.map(({ id }) => id);
      for (const failure of mismatches(issuePages(), ids)) recordFailure(failure);
    },
  },
});
