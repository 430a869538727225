/** The pages are of the stack that Node was told to take: `node --conditions=NAME` is for what Vite loads, too. */
import { defaultClientConditions, defaultServerConditions } from 'vite';
import type { AstroIntegration } from 'astro';

/** Conditions of package.json's `imports` that this process runs under. */
const told = [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].flatMap((options) =>
  [...options.matchAll(/(?:--conditions|-C)[= ](\S+)/g)].map(([, condition]) => condition ?? ''),
);

export function stackCondition(): AstroIntegration {
  return {
    name: 'stack-condition',
    hooks: {
      'astro:config:setup': ({ updateConfig }) => {
        if (told.length === 0) return;
        updateConfig({
          vite: {
            resolve: { conditions: [...told, ...defaultClientConditions] },
            ssr: { resolve: { conditions: [...told, ...defaultServerConditions] } },
          },
        });
      },
    },
  };
}
