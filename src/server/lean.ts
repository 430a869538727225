/**
 * What the dev server need not do to show a page. Vite transforms each module that a page imports, and keeps its text three times: as Vite's own,
 * as V8's, and in a source map. For most modules none of that helps anybody who edits a page.
 */
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HookParameters } from 'astro';

type Config = Parameters<HookParameters<'astro:config:setup'>['updateConfig']>[0];
type Plugin = Extract<NonNullable<NonNullable<Config['vite']>['plugins']>[number], { name: string }>;

const root = join(import.meta.dirname, '../..');

/** Rooms that the local API has loaded already: Node's copy serves the pages, too, so that a page and a run never differ. */
const shared = /^(?:runbooks|src\/(?:formats|report|runbook))\/.*\.ts$/;
/** The addresses of their modules, as `resolveId` gives them. */
const sharedUrl = /^file:.*\/(?:runbooks|src\/(?:formats|report|runbook))\/[^?]*\.ts$/;

/** A source map that maps nothing, in Vite's notation. */
const noMap = { mappings: '' } as const;

/** What no page is made of, and nobody waits for. */
const unwatched = ['.bench-build', 'apps', 'bench', 'dist', 'docs', 'infrastructure', 'test', 'test-results', 'tools'];

const inProject = (file: string): string => relative(root, file).replaceAll('\\', '/');

export const lean = (): Plugin => ({
  name: 'lean',
  enforce: 'pre',
  config: () => ({ server: { watch: { ignored: unwatched.map((folder) => `${root}/${folder}/**`) } } }),
  configEnvironment: (name) =>
    name === 'client' ? undefined : { resolve: { builtins: [...builtinModules, /^node:/, sharedUrl] } },
  applyToEnvironment: ({ config }) => config.consumer === 'server',

  resolveId: {
    // Ids that an alias has resolved, too: the stack may hold names that this start was given.
    filter: { id: /^(?:\.|\/|[A-Z]:).*\.ts$/i },
    handler(source, importer) {
      if (importer === undefined) return undefined;
      const file = resolve(dirname(importer.replace(/\?.*$/, '')), source);
      return shared.test(inProject(file)) ? { id: pathToFileURL(file).href, external: true } : undefined;
    },
  },

  // Packages come with maps of their own, which Vite and Node would read, join and keep. A stack still names the file.
  load: {
    filter: { id: /\/node_modules\/[^?]*\.m?js$/ },
    async handler(id) {
      const code = await readFile(id, 'utf8');
      const own = code.replace(/\n\/\/# sourceMappingURL=\S*\s*$/, '\n');
      return { code: `${own}\n//# sourceURL=${encodeURI(id)}\n`, map: noMap };
    },
  },
  // An error in the site's own code is still told with its line.
  transform: {
    filter: { id: { exclude: /\/src\/[^?]*\.(?:astro|ts)(?:\?|$)/ } },
    handler: (code) => ({ code, map: noMap }),
  },

  configureServer({ watcher }) {
    let isTold = false;
    watcher.on('change', (file) => {
      if (isTold || !shared.test(inProject(file))) return;
      isTold = true;
      console.log(`${inProject(file)} has changed. To use it, stop the handbook with Ctrl+C and start it again.`);
    });
  },
});
