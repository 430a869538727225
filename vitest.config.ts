import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Some tests start kubectl or a whole server; a slow machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
