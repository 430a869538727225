/**
 * Where pages come from: Markdown in `content/`, a folder per kind of page. On top of Starlight's frontmatter a page may name
 * the runbook that examines what it describes.
 */
import { defineCollection } from 'astro:content';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { allParts } from '../runbooks/parts.ts';
import { absentFiles, pagePattern } from './site/absent-pages.ts';
import { ofStack } from './site/markdown/of-stack.ts';
import { replaceTokensDeep } from './site/markdown/tokens.ts';

const page = docsSchema({
  extend: z.object({
    /** The id of a runbook in `runbooks/`; `<!-- runbook -->` says where on the page it stands. */
    runbook: z.string().optional(),
    /** The fault of the demo cluster that the page is about before others: its recorded run is the first example. */
    example: z.string().optional(),
    /** What people type who look for this page, in their own words: messages, everyday names. Not shown; it counts most in search. */
    search: z.array(z.string()).default([]),
    /** The part of the stack that the page is about; without it there is no such page. */
    part: z.enum(allParts).optional(),
  }),
});

export const collections = {
  docs: defineCollection({
    loader: ofStack(glob({ base: './content', pattern: [pagePattern, ...absentFiles.map((file) => `!${file}`)] })),
    // Titles and descriptions name the stack too; an unknown token is then an error in the frontmatter.
    schema: (context) => z.preprocess(replaceTokensDeep, page(context)),
  }),
  // Starlight asks for words of ours in each language, and Astro warns where there is none. English, with no word changed.
  i18n: defineCollection({ loader: () => [{ id: 'en' }], schema: i18nSchema() }),
};
