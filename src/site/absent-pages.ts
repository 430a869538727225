/**
 * Pages that the stack does without: those about a part that it lacks, by `part:` in their frontmatter, and those of a runbook that counts only with
 * such a part. They are not published, and nothing may lead to them.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allParts, has } from '../../runbooks/parts.ts';
import { runbookParts } from '../../runbooks/present.ts';
import { components, isComponent } from '../../runbooks/components.ts';
import type { Part } from '../../runbooks/stack-type.ts';
import { componentHref } from './line.ts';
import { parted } from './markdown/frontmatter.ts';

/** What a page says of itself, as far as it decides whether there is such a page. */
interface Frontmatter {
  part?: string;
  runbook?: string;
}

const partsOf = ({ part: name, runbook }: Frontmatter): readonly Part[] => [
  ...allParts.filter((known) => known === name),
  ...(runbook === undefined ? [] : [runbookParts[runbook] ?? []].flat()),
];

/** Which files are pages. */
export const pagePattern = '**/[^_]*.md';

/** The pages in a folder, from there on, such as `issues/secrets-not-synced.md`. */
const pagesIn = (folder: string): readonly string[] =>
  globSync(pagePattern, { cwd: folder })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

/** Those that a stack does without; one that has every part does without none. */
export const absentFilesOf = (isThere: (part: Part) => boolean, folder = 'content'): readonly string[] =>
  allParts.every(isThere)
    ? []
    : pagesIn(folder).filter(
        (file) => !partsOf(parted(readFileSync(join(folder, file), 'utf8')).frontmatter).every(isThere),
      );

/** Those that this one does without. */
export const absentFiles = absentFilesOf(has);

/** Those that it has. */
export function presentFiles(folder = 'content'): readonly string[] {
  const absent = absentFilesOf(has, folder);
  return pagesIn(folder).filter((file) => !absent.includes(file));
}

const absentPaths = new Set(absentFiles.map((file) => `/${file.replace(/\.md$/, '')}/`));

/** Why a link leads nowhere in this stack; undefined for one that does not. */
export function leadsNowhere(url: string): string | undefined {
  const [path = '', hash = ''] = url.split('#');
  if (absentPaths.has(path)) return `the stack has no such page as ${path}`;
  const isGone = isComponent(hash) && !components.some(({ id }) => id === hash);
  return isGone && url === componentHref(hash) ? `the stack has no component ${hash}` : undefined;
}
