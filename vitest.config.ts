import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Some tests start kubectl or a whole server; a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for a process or a server: a core is not lost to the one that counts them.
    maxWorkers: availableParallelism(),
  },
});
