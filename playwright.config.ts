/** Browser tests: the dev server with its runbooks, and the published build as a plain static site. */
import { defineConfig } from '@playwright/test';
import { findBrowser } from './test/support/browser.ts';

export const devUrl = 'http://127.0.0.1:4341';
export const publicUrl = 'http://127.0.0.1:4342';

export default defineConfig({
  testDir: 'test/browser',
  timeout: 90_000,
  workers: 2,
  // A slow machine is no failure.
  expect: { timeout: 15_000 },
  fullyParallel: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/browser.json' }]],
  use: {
    launchOptions: {
      executablePath: findBrowser() ?? '',
      // As root, which containers are, Chromium refuses to start its sandbox.
      args: ['--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
    trace: 'retain-on-failure',
  },
  webServer: [
    {
      // No kubeconfig, whatever the machine has: the tests bring their own clusters.
      command: 'node src/server/start.ts --port 4341',
      env: { KUBECONFIG: '', HOME: 'test-results/no-home' },
      url: `${devUrl}/issues/gateway-not-programmed/`,
      timeout: 60_000,
    },
    {
      command: 'node test/support/static-server.ts dist 4342',
      url: publicUrl,
      timeout: 10_000,
    },
  ],
});
