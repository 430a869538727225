/** The site: Starlight over `content/`, drawn and checked by what is in `src/site/`. */
import starlight from '@astrojs/starlight';
import { satteri } from '@astrojs/markdown-satteri';
import { defineConfig } from 'astro/config';
import { stack } from '#stack';
import { stackTroubles } from './runbooks/stack-troubles.ts';
import { localRunbooks } from './src/server/integration.ts';
import { failOnProblems } from './src/site/integrations/fail-on-problems.ts';
import { fittingRecordings } from './src/site/integrations/fitting-recordings.ts';
import { hostingFiles } from './src/site/integrations/hosting-files.ts';
import { lateSearch, searchWords } from './src/site/integrations/late-search.ts';
import { ownPages } from './src/site/integrations/own-pages.ts';
import { runbookPages } from './src/site/integrations/runbook-pages.ts';
import { stackCondition } from './src/site/integrations/stack-condition.ts';
import { absentLinks } from './src/site/markdown/absent-links.ts';
import { mermaidDiagrams } from './src/site/markdown/mermaid.ts';
import { namedCode } from './src/site/markdown/named-code.ts';
import { scrollingTables } from './src/site/markdown/scrolling-tables.ts';
import { stationStrips } from './src/site/markdown/station-strips.ts';
import { wholeFlags, wholeFlagsInBlocks } from './src/site/markdown/whole-flags.ts';
import { stackTokens } from './src/site/markdown/stack-tokens.ts';
import { datedSitemap } from './src/site/publish/sitemap.ts';
import { sections } from './src/site/sections.ts';

// Nothing about who builds this, and what, leaves the machine.
process.env['ASTRO_TELEMETRY_DISABLED'] = '1';

const troubles = stackTroubles(stack);
if (troubles.length > 0) throw new Error(['runbooks/stack.ts cannot be used.', ...troubles].join('\n'));

/** Pages that are made from code. */
const referencePages = [
  { label: 'Findings', link: '/reference/findings/' },
  { label: 'Coverage', link: '/reference/coverage/' },
];

/**
 * A sidebar group per folder of `content/`. The folder's path starts at the project's root because Starlight takes `src/content/docs` for
 * the collection's base; with a path from there, the group would be empty without a word.
 * @param {string} label
 * @param {string} folder
 * @param {{ label: string, link: string }[]} more Pages that are code.
 */
const group = (label, folder, more = []) => ({
  label,
  items: [{ autogenerate: { directory: `content/${folder}` } }, ...more],
});

export default defineConfig({
  site: stack.site.url,
  server: { host: '127.0.0.1', port: 4321 },
  devToolbar: { enabled: false },
  // Tokens first: diagrams are drawn from the names that they end up with.
  markdown: {
    processor: satteri({
      mdastPlugins: [stackTokens, absentLinks, mermaidDiagrams, stationStrips],
      hastPlugins: [scrollingTables, wholeFlags],
    }),
  },
  integrations: [
    starlight({
      title: stack.site.title,
      description:
        'How a request on a tailnet reaches an app in a homelab cluster, and what to examine when it does not.',
      favicon: '/favicon.svg',
      editLink: { baseUrl: `${stack.site.repository}/edit/${stack.site.branch}/` },
      // The date comes from `routeMiddleware`; Starlight's own look-up finds nothing outside `src/content/docs`.
      lastUpdated: false,
      routeMiddleware: ['last-updated', 'discovery'].map((name) => `./src/site/routing/${name}.ts`),
      markdown: { processedDirs: ['./content'] },
      disable404Route: true,
      sidebar: sections.map(({ title, folder }) => group(title, folder, folder === 'reference' ? referencePages : [])),
      components: {
        Banner: './src/site/components/Banner.astro',
        Head: './src/site/components/Head.astro',
        Hero: './src/site/components/Hero.astro',
        MarkdownContent: './src/site/components/MarkdownContent.astro',
        SiteTitle: './src/site/components/SiteTitle.astro',
      },
      plugins: [searchWords],
      customCss: ['./src/site/styles/site.css'],
      expressiveCode: {
        themes: ['vitesse-dark', 'vitesse-light'],
        useStarlightUiThemeColors: true,
        // Commands are text to copy; a drawing of a terminal window around each says nothing.
        defaultProps: { overridesByLang: { 'bash,sh,shell,console': { frame: 'none', wrap: true, hangingIndent: 2 } } },
        plugins: [namedCode, wholeFlagsInBlocks],
        styleOverrides: {
          borderRadius: '0.25rem',
          codeFontFamily: 'var(--sl-font-mono)',
          frames: { shadowColor: 'transparent' },
        },
      },
    }),
    stackCondition(),
    fittingRecordings(),
    datedSitemap(),
    lateSearch(),
    localRunbooks(),
    ownPages(),
    runbookPages(),
    // Last but for the verdict: it lists the scripts of every page.
    hostingFiles(),
    failOnProblems(),
  ],
});
