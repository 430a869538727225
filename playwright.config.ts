/** Browser tests: the dev server with its runbooks, and the published build as a plain static site. */
import { defineConfig } from '@playwright/test';
import { findBrowser } from './test/support/browser.ts';
import { freePorts } from './test/support/ports.ts';

// Each worker reads this file, too, and has to find the ports of the first.
const ports = (process.env['BROWSER_TEST_PORTS'] ??= (await freePorts(3)).join()).split(',').map(Number);
const [devPort = 0, publicPort = 0, doorPort = 0] = ports;

export const devUrl = `http://127.0.0.1:${devPort}`;
export const publicUrl = `http://127.0.0.1:${publicPort}`;
/** Where a test starts a dev server of its own, after another server was there. */
export { doorPort };

export default defineConfig({
  testDir: 'test/browser',
  timeout: 90_000,
  workers: 2,
  // A slow machine is no failure. What passes only when tried again is named at the end of `npm test`.
  expect: { timeout: 15_000 },
  retries: process.env['CI'] === undefined ? 0 : 1,
  fullyParallel: true,
  reporter: [['list'], ['json', { outputFile: 'test-results/browser.json' }]],
  use: {
    launchOptions: {
      executablePath: findBrowser() ?? '',
      // As root, which containers are, Chromium refuses to start its sandbox.
      args: ['--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    },
    // A trace takes as much work as the test itself. Where nothing is tried again: --trace retain-on-failure.
    trace: 'on-first-retry',
  },
  webServer: [
    {
      // No kubeconfig, whatever the machine has: the tests bring their own clusters.
      command: `node src/server/start.ts --port ${devPort}`,
      env: { KUBECONFIG: '', HOME: 'test-results/no-home' },
      url: `${devUrl}/issues/gateway-not-programmed/`,
      timeout: 60_000,
    },
    {
      command: `node test/support/static-server.ts dist ${publicPort}`,
      url: publicUrl,
      timeout: 10_000,
    },
  ],
});
