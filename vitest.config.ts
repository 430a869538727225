import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** What is true of the owner's stack has to be true of any other: these run once more with the names of `test/stacks/other.ts`. */
const ofAnyStack = ['test/stacks/*.test.ts', 'test/demo/homelab.test.ts', 'test/local/faults.test.ts'];

export default defineConfig({
  test: {
    // Some tests start kubectl or a whole server; a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'handbook', include: ['test/**/*.test.ts'], exclude: ['test/stacks/*.test.ts'] },
      },
      {
        extends: true,
        resolve: { conditions: ['handbook-other'] },
        ssr: { resolve: { conditions: ['handbook-other', ...defaultServerConditions] } },
        test: {
          name: 'another stack',
          include: ofAnyStack,
          // For what a test starts.
          env: { NODE_OPTIONS: '--conditions=handbook-other' },
        },
      },
    ],
  },
});
