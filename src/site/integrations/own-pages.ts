/** Serves `pages/404.astro`, which lives with the rest of the site rather than in `src/pages`. */
import type { AstroIntegration } from 'astro';

export const notFoundPage = (): AstroIntegration => ({
  name: 'not-found-page',
  hooks: {
    'astro:config:setup': ({ injectRoute }) => {
      injectRoute({ pattern: '404', entrypoint: new URL('../pages/404.astro', import.meta.url), prerender: true });
    },
  },
});
