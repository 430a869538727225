/** Ends the build when a page could not be rendered as written; see `markdown/failures.ts` for why that needs saying. */
import type { AstroIntegration } from 'astro';
import { recordedFailures } from '../markdown/failures.ts';

export function failOnProblems(): AstroIntegration {
  return {
    name: 'fail-on-problems',
    hooks: {
      'astro:build:done': () => {
        const failures = recordedFailures();
        if (failures.length === 0) return;
        const list = failures
          .map(({ where, message }) => `  ${where}\n    ${message.replaceAll('\n', '\n    ')}`)
          .join('\n');
        throw new Error(
          `${failures.length === 1 ? 'One place' : `${failures.length} places`} could not be rendered:\n${list}`,
        );
      },
    },
  };
}
