/**
 * What this room adds to the site in the dev server: the API and the panel's script. A published build gets nothing of them.
 */
import { realpathSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { AstroIntegration, HookParameters } from 'astro';
import { createApi } from './api/api.ts';
import { apiPath, door } from './fence/door.ts';
import { createFence, guardUpgrades, mendRequestLines } from './fence/fence.ts';
import { Practice } from './api/practice.ts';
import { lean } from './lean.ts';

type ViteServer = HookParameters<'astro:server:setup'>['server'];

/** What pages load from. The rest of the clone is nobody's: people keep kubeconfigs and snapshots there. */
const servedFolders = ['src', 'runbooks', 'packages', 'public', 'node_modules'].map((folder) =>
  realpathSync(join(import.meta.dirname, '../..', folder)),
);

export function localRunbooks(): AstroIntegration {
  return {
    name: 'local-runbooks',
    hooks: {
      'astro:config:setup': ({ addMiddleware, command, injectScript, updateConfig }) => {
        updateConfig({
          image: { endpoint: { route: '/_image', entrypoint: './src/server/no-images.ts' } },
          vite: {
            // No page of another origin, not even another port of this machine, may read what this server serves.
            server: { cors: false, fs: { allow: servedFolders } },
            plugins: [
              ...(command === 'dev' ? [lean()] : []),
              {
                name: 'fence',
                enforce: 'pre' as const,
                configureServer: ({ middlewares, httpServer }: ViteServer) => {
                  if (httpServer !== null) {
                    mendRequestLines(httpServer as Server);
                    guardUpgrades(httpServer as Server, door.origins);
                    door.origins.open(httpServer as Server);
                  }
                  middlewares.use(createFence(door.origins));
                },
              },
            ],
          },
        });
        if (command === 'dev') {
          addMiddleware({ order: 'pre', entrypoint: new URL('./fence/policy.ts', import.meta.url) });
          injectScript('page', `import { open } from '/src/server/page/open.ts'; open(${JSON.stringify(apiPath)});`);
        }
      },
      'astro:server:setup': ({ server }) => {
        const { HANDBOOK_KUBECONFIG: kubeconfig, HANDBOOK_CONTEXT: context } = process.env;
        const practice = new Practice();
        server.httpServer?.once('close', () => void practice.close());
        server.middlewares.use(
          createApi({ door, ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) }, practice),
        );
      },
    },
  };
}
