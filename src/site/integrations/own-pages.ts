/** Serves the pages that are code, which live with the rest of the site rather than in `src/pages`. */
import type { AstroIntegration } from 'astro';

const pages = [
  { pattern: '404', file: '404.astro' },
  { pattern: 'reference/coverage', file: 'coverage.astro' },
  { pattern: 'reference/findings', file: 'findings.astro' },
  { pattern: 'schemas/accepted-v1.json', file: 'accepted-schema.ts' },
  { pattern: 'schemas/diff-v1.json', file: 'diff-schema.ts' },
  { pattern: 'schemas/report-v2.json', file: 'report-schema.ts' },
  { pattern: 'schemas/runbooks-v1.json', file: 'catalogue-schema.ts' },
  { pattern: 'runbooks.json', file: 'catalogue.ts' },
  { pattern: 'robots.txt', file: 'robots.ts' },
  { pattern: 'feed.xml', file: 'feed.ts' },
  { pattern: 'llms.txt', file: 'llms.ts' },
  { pattern: 'llms-full.txt', file: 'llms-full.ts' },
  { pattern: '[...page].md', file: 'page-markdown.ts' },
  { pattern: 'og/[...page].png', file: 'preview.ts' },
] as const;

export const ownPages = (): AstroIntegration => ({
  name: 'own-pages',
  hooks: {
    'astro:config:setup': ({ injectRoute }) => {
      for (const { pattern, file } of pages) {
        injectRoute({ pattern, entrypoint: new URL(`../pages/${file}`, import.meta.url), prerender: true });
      }
    },
  },
});
