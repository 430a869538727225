/** Says when the recorded runs do not fit: in the dev server, which goes on without them, and at the end of a build, which fails. */
import type { AstroIntegration } from 'astro';
import { recordFailure } from '../markdown/failures.ts';
import { misfit } from '../runbook/recordings.ts';

export function fittingRecordings(): AstroIntegration {
  return {
    name: 'fitting-recordings',
    hooks: {
      'astro:server:start': ({ logger }) => {
        // Who named another Gateway or domain for this start knows.
        if (misfit !== undefined && process.env['HANDBOOK_NAMED'] === undefined) logger.warn(misfit);
      },
      'astro:build:start': () => {
        if (misfit !== undefined) recordFailure({ where: 'src/site/runbook/recorded-runs.json', message: misfit });
      },
    },
  };
}
