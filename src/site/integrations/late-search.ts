/**
 * Loads the search when a reader reaches for it. Starlight fetches its search interface on every page as soon as the browser is idle: 26 of
 * the 31 KB of script that a page would cost, for the few who search. Its script has no option for that, so this changes the one
 * line that waits for idleness, and stops the build if a new release has put it differently.
 */
import type { AstroIntegration } from 'astro';

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
