/** Serves the pages that are code, which live with the rest of the site rather than in `src/pages`. */
import type { AstroIntegration } from 'astro';

const pages = [
  { pattern: '404', file: '404.astro' },
  { pattern: 'reference/coverage', file: 'coverage.astro' },
  { pattern: 'schemas/report-v1.json', file: 'report-schema.ts' },
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
