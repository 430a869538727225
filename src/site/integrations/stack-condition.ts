/** The pages are of the stack that Node takes for `#stack`: under `node --conditions=NAME` it may be another, and what Vite loads follows. */
import { createRequire } from 'node:module';
import type { AstroIntegration } from 'astro';

export function stackCondition(): AstroIntegration {
  return {
    name: 'stack-condition',
    hooks: {
      'astro:config:setup': ({ updateConfig }) => {
        const stack = createRequire(import.meta.url).resolve('#stack');
        updateConfig({ vite: { resolve: { alias: { '#stack': stack } } } });
      },
    },
  };
}
