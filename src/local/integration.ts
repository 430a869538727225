/**
 * What the local rooms add to the site in the dev server: the API and the panel's script. A published build gets nothing of them.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AstroIntegration, HookParameters } from 'astro';
import { apiPath, createApi } from './api.ts';
import { fence, mendRequestLines } from './fence.ts';
import { Practice } from './practice.ts';

type ViteServer = HookParameters<'astro:server:setup'>['server'];

export function localRunbooks(): AstroIntegration {
  const token = randomBytes(32).toString('base64url');
  return {
    name: 'local-runbooks',
    hooks: {
      'astro:config:setup': ({ command, injectScript, updateConfig }) => {
        updateConfig({
          image: { endpoint: { route: '/_image', entrypoint: './src/local/no-images.ts' } },
          vite: {
            // No page of another origin, not even another port of this machine, may read what this server serves.
            server: { cors: false },
            plugins: [
              {
                name: 'fence',
                enforce: 'pre' as const,
                configureServer: ({ middlewares, httpServer }: ViteServer) => {
                  if (httpServer !== null) mendRequestLines(httpServer as Server);
                  middlewares.use(fence);
                },
              },
            ],
          },
        });
        if (command === 'dev') {
          const session = JSON.stringify({ token, path: apiPath });
          injectScript('page', `import { mountPanels } from '/src/local/page/panel.ts'; mountPanels(${session});`);
        }
      },
      'astro:server:setup': ({ server }) => {
        const { HANDBOOK_KUBECONFIG: kubeconfig, HANDBOOK_CONTEXT: context } = process.env;
        const practice = new Practice();
        server.httpServer?.once('close', () => void practice.close());
        server.middlewares.use(
          createApi({ token, ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) }, practice),
        );
      },
    },
  };
}
