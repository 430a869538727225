/**
 * Pages that the stack does without: those about a part that it lacks, by `part:` in their frontmatter, and those of a runbook that counts only with
 * such a part. They are not published, and nothing may lead to them.
 */
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { allParts, has } from '../../runbooks/parts.ts';
import { runbookParts } from '../../runbooks/present.ts';
import { components, isComponent } from '../../runbooks/components.ts';
import type { Part } from '../../runbooks/stack-type.ts';
import { componentHref } from './line.ts';

/** What a page says of itself, as far as it decides whether there is such a page. */
interface Frontmatter {
  part?: string;
  runbook?: string;
}

const frontmatterOf = (file: string): Frontmatter =>
  (parse(/^---\n([\s\S]*?)\n---/.exec(readFileSync(file, 'utf8'))?.[1] ?? '') ?? {}) as Frontmatter;

const partsOf = ({ part: name, runbook }: Frontmatter): readonly Part[] => [
  ...allParts.filter((known) => known === name),
  ...(runbook === undefined ? [] : [runbookParts[runbook] ?? []].flat()),
];

/** The files that a stack does without, from `content/` on, such as `issues/secrets-not-synced.md`. */
export const absentFilesOf = (isThere: (part: Part) => boolean): readonly string[] =>
  globSync('content/**/*.md')
    .filter((file) => !partsOf(frontmatterOf(file)).every(isThere))
    .map((file) => file.slice('content/'.length));

/** Those that this one does without. */
export const absentFiles = absentFilesOf(has);

const absentPaths = new Set(absentFiles.map((file) => `/${file.replace(/\.md$/, '')}/`));

/** Why a link leads nowhere in this stack; undefined for one that does not. */
export function leadsNowhere(url: string): string | undefined {
  const [path = '', hash = ''] = url.split('#');
  if (absentPaths.has(path)) return `the stack has no such page as ${path}`;
  const isGone = isComponent(hash) && !components.some(({ id }) => id === hash);
  return isGone && url === componentHref(hash) ? `the stack has no component ${hash}` : undefined;
}
