/** The pages of `content/` by themselves, for whoever has no build of the site at hand. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { presentFiles } from '../absent-pages.ts';
import { parted } from '../markdown/frontmatter.ts';
import { withParts } from '../markdown/parts.ts';
import { replaceTokensDeep } from '../markdown/tokens.ts';
import { pagesOf, type PublishedPage, type WrittenPage } from './page-list.ts';

const content = resolve(import.meta.dirname, '../../../content');

/** Of the frontmatter, what has a place beyond the page itself; the site's own schema holds the whole of it. */
const schema = z.object({
  title: z.string(),
  description: z.string().optional(),
  draft: z.boolean().optional(),
  runbook: z.string().optional(),
  hero: z.object({ tagline: z.string().optional() }).optional(),
  sidebar: z.object({ order: z.number().optional() }).optional(),
});

/** The same pages as the site publishes, but for when each was last changed, which Git would have to be asked. */
export const pagesFromFiles = (): readonly PublishedPage[] =>
  pagesOf(
    presentFiles(content).map((file) =>
      written(file.replace(/\.md$/, ''), withParts(readFileSync(join(content, file), 'utf8'))),
    ),
    () => undefined,
  );

function written(id: string, text: string): WrittenPage {
  const { frontmatter, body } = parted(text);
  return { id, data: schema.parse(replaceTokensDeep(frontmatter)), body: body.trim() };
}
