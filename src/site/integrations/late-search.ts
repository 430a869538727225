/**
 * Loads the search when a reader reaches for it, and publishes no other. Starlight fetches its search interface on every page as soon as the browser is idle: 26 of
 * the 31 KB of script that a page would cost, for the few who search. Its script has no option for that, so this changes the one
 * line that waits for idleness, and stops the build if a new release has put it differently.
 */
import { readdirSync, rmSync } from 'node:fs';
import type { StarlightPlugin } from '@astrojs/starlight/types';
import type { AstroIntegration } from 'astro';

/**
 * Interfaces that Pagefind [1.5] writes beside its index: the site has its own. Pagefind is also ended before the largest of them is written to
 * its end, so that no two builds would be the same.
 */
const INTERFACES = /^pagefind-(?:(?:component-|modular-)?ui|highlight)\./;

const WAITS_FOR_IDLENESS = /const onIdle = window\.requestIdleCallback \|\| \([^;]*\);/;

/** In the scope of Starlight's search element: `dialog` and `openBtn` are its own. */
const WAITS_FOR_A_READER = `const onIdle = (load) => {
  let loading;
  const start = () => (loading ??= load());
  openBtn.addEventListener('pointerenter', start);
  openBtn.addEventListener('focus', start);
  new MutationObserver(async () => {
    if (!dialog.open) return;
    await start();
    dialog.querySelector('input')?.focus();
  }).observe(dialog, { attributeFilter: ['open'] });
};`;

export const lateSearch = (): AstroIntegration => ({
  name: 'late-search',
  hooks: {
    'astro:build:done': ({ dir }) => {
      const folder = new URL('pagefind/', dir);
      for (const file of readdirSync(folder).filter((name) => INTERFACES.test(name))) rmSync(new URL(file, folder));
    },
    'astro:config:setup': ({ updateConfig }) => {
      updateConfig({
        vite: {
          plugins: [
            {
              name: 'late-search',
              // The dev server has no index to search, and Starlight's script stops before this line there.
              apply: 'build',
              transform: {
                filter: { id: /starlight\/dist\/components\/Search\.astro\?astro&type=script/ },
                handler(code) {
                  if (!WAITS_FOR_IDLENESS.test(code)) {
                    this.error(
                      "Starlight's search no longer waits for idleness as expected; see src/site/integrations/late-search.ts.",
                    );
                  }
                  return { code: code.replace(WAITS_FOR_IDLENESS, WAITS_FOR_A_READER), map: null };
                },
              },
            },
          ],
        },
      });
    },
  },
});

/** What a reader of the dev server is told, where there is no index: Starlight's own words are for whoever makes a site. */
export const searchWords: StarlightPlugin = {
  name: 'search-words',
  hooks: {
    'i18n:setup': ({ injectTranslations }) => {
      injectTranslations({
        en: {
          'search.devWarning':
            'There is nothing to search here: what is searched is made when the site is built. To search the handbook, run “npm run build”, then “npm run preview”, and open the address that it prints.',
        },
      });
    },
    'config:setup': () => undefined,
  },
};
