/** The runbook panel in the dev server: choose, run, read, copy; and who may not. */
import { expect, test, type Page } from '@playwright/test';
import { devUrl, publicUrl } from '../../playwright.config.ts';

const page = (id: string): string => `${devUrl}/issues/${id}/`;

async function run(on: Page, source: string): Promise<void> {
  await on.getByRole('combobox', { name: 'Cluster', exact: true }).selectOption(source);
  await on.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(on.locator('.rb-result .rb-report')).toBeVisible();
}

test('names the root cause first, then what to do, the proof, and what is fine', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  await run(browser, 'demo:operator-crash-loop');
  const report = browser.locator('.rb-result .rb-report');
  await expect(report).toHaveAttribute('data-outcome', 'failed');
  await expect(report.locator('.rb-finding')).toHaveCount(1);
  await expect(report.locator('.rb-finding h3')).toHaveText('The Tailscale Operator starts and ends again');
  await expect(report.locator('.rb-message')).toContainText(
    'Deployment tailscale/operator has 0 of 1 replicas available',
  );
  await expect(report.locator('.rb-evidence')).toContainText('status.availableReplicas is 0, expected 1');
  await expect(report.locator('.rb-remedy').first()).toContainText('kubectl logs');
  const yaml = report.locator('.rb-yaml').first();
  await yaml.locator('summary').click();
  await expect(yaml.locator('.shiki')).toContainText('k8s-operator');
  await expect(report.locator('summary', { hasText: 'Consequences' })).toBeVisible();
  await expect(browser.getByRole('status')).toHaveText(
    /^1 root cause: The Tailscale Operator starts and ends again\. \d+ blocked, \d+ passed/,
  );
});

test('counts the checks that are left, and speaks of the verdict alone', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  const said: string[] = [];
  await expect(browser.locator('.rb-status')).toBeAttached();
  await browser.exposeFunction('heard', (of: string, text: string) => said.push(`${of} ${text}`));
  await browser.evaluate(() => {
    const { heard } = window as unknown as { heard: (of: string, text: string) => void };
    for (const name of ['rb-status', 'rb-meter']) {
      const place = document.querySelector(`.${name}`);
      if (place === null) throw new Error(`There is no ${name}.`);
      new MutationObserver(() => void heard(name, place.textContent)).observe(place, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    }
  });
  await run(browser, 'demo:healthy');
  const left = (): readonly number[] =>
    said.flatMap((text) => {
      const count = /^rb-meter (\d+) checks left/.exec(text)?.[1];
      return count === undefined ? [] : [Number(count)];
    });
  await expect.poll(() => left().length).toBeGreaterThan(2);
  expect(left()).toEqual([...left()].sort((a, b) => b - a));
  const spoken = (): readonly string[] => said.filter((text) => text.startsWith('rb-status'));
  await expect.poll(spoken).toEqual([expect.stringMatching(/^rb-status Nothing is broken: \d+ passed/)]);
});

test('is stopped by who started it, says so, and runs again', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  // Nothing gets to the dev server until it is stopped, so that there is something to stop.
  let go = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (go = resolve));
  await browser.route('**/_runbook/run?*', async (route) => {
    await stopped;
    await route.continue().catch(() => undefined);
  });
  await browser.getByRole('combobox', { name: 'Cluster', exact: true }).selectOption('demo:healthy');
  const start = browser.getByRole('button', { name: 'Run', exact: true });
  const stop = browser.getByRole('button', { name: 'Stop', exact: true });
  await expect(stop).toBeHidden();
  await start.click();
  await stop.click();
  await expect(browser.getByRole('status')).toHaveText('Stopped.');
  await expect(browser.locator('.rb-meter')).toHaveText('Stopped. What was found by then stands here.');
  await expect(stop).toBeHidden();
  await expect(start).toBeFocused();
  go();
  await browser.unroute('**/_runbook/run?*');
  await run(browser, 'demo:healthy');
});

test('says of a healthy cluster that nothing is broken', async ({ page: browser }) => {
  await browser.goto(page('missing-sni'));
  await run(browser, 'demo:healthy');
  await expect(browser.locator('.rb-result .rb-healthy')).toHaveText('Nothing that this runbook looks at is broken.');
});

test('copies a command and the whole result', async ({ page: browser, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await browser.goto(page('cilium-socket-lb'));
  await run(browser, 'demo:socket-lb-covers-pods');
  await browser.locator('.rb-result .rb-remedy .rb-copy').first().click();
  const copied = (): Promise<string> => browser.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toContain('helm upgrade cilium');
  await browser.getByRole('button', { name: 'Copy the result as Markdown' }).click();
  await expect.poll(copied).toContain('### Root cause: Cilium’s socket load balancer');
});

test('works by keyboard alone', async ({ page: browser }) => {
  await browser.goto(page('missing-sni'));
  await browser.getByRole('combobox', { name: 'Cluster', exact: true }).focus();
  await browser.getByRole('combobox', { name: 'Cluster', exact: true }).selectOption('demo:apex-hostname');
  await browser.keyboard.press('Tab');
  await expect(browser.getByRole('button', { name: 'Run', exact: true })).toBeFocused();
  await browser.keyboard.press('Enter');
  await expect(browser.locator('.rb-result .rb-finding h3')).toContainText('sudhanva.me');
  // Whoever pressed it still stands there.
  await expect(browser.getByRole('button', { name: 'Run', exact: true })).toBeFocused();
});

test('watches: runs again by itself until told to stop', async ({ page: browser }) => {
  await browser.goto(page('missing-sni'));
  let runs = 0;
  browser.on('request', (request) => (runs += request.url().includes('/_runbook/run?') ? 1 : 0));
  await browser.getByRole('combobox', { name: 'Cluster', exact: true }).selectOption('demo:healthy');
  const watch = browser.getByRole('button', { name: 'Watch' });
  await watch.click();
  await expect(watch).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => runs, { timeout: 60_000 }).toBeGreaterThan(1);
  await watch.click();
  await expect(watch).toHaveAttribute('aria-pressed', 'false');
});

test('says why there is no cluster to ask, and offers the demo', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  await expect(browser.locator('.rb-source')).toContainText(
    'There is no cluster of a kubeconfig to ask: the handbook’s terminal says why.',
  );
  await expect(browser.getByRole('combobox', { name: 'Cluster', exact: true })).toHaveValue('demo:healthy');
});

test('moves nothing below it while it runs', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  await expect(browser.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
  await browser.evaluate(() => {
    const seen = ((window as unknown as { shifts: number[] }).shifts = [] as number[]);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift' });
  });
  for (const source of ['demo:operator-crash-loop', 'demo:healthy']) {
    await run(browser, source);
    await expect(browser.locator('.rb-meter')).toContainText('As of');
    await browser.waitForTimeout(700);
  }
  const shifts = await browser.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.02);
});

test('marks the component at fault in a diagram of the page', async ({ page: browser }) => {
  await browser.goto(page('gateway-not-programmed'));
  // The page has no diagram of its own, so one is put there as the site draws it.
  await browser.evaluate(() =>
    document.body.insertAdjacentHTML('beforeend', '<svg><g data-node="tailscale-operator"></g></svg>'),
  );
  await run(browser, 'demo:operator-crash-loop');
  await expect(browser.locator('[data-node="tailscale-operator"][data-state="failed"]')).toHaveCount(1);
});

const problem = (on: Page) => on.locator('.rb-result > .rb-problem');
const earlier = (on: Page) => on.locator('.rb-result > .rb-earlier');

test('puts no result of before under a problem as if it were of now', async ({ page: browser }) => {
  await browser.goto(page('request-path'));
  await run(browser, 'demo:healthy');
  await browser.getByRole('textbox', { name: 'Hostname' }).fill('a b');
  await browser.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(problem(browser)).toHaveText(
    /^The hostname cannot be “a b”\. It takes a name of at least two labels, .+, such as docs\.sudhanva\.me\.$/,
  );
  await expect(browser.locator('.rb-meter')).toContainText('No new result at');
  await expect(earlier(browser).locator('summary').first()).toContainText('What was found before, at');
  await expect(browser.locator('.rb-result .rb-report')).toBeHidden();

  await browser.route('**/_runbook/run?*', (route) => route.abort());
  await browser.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(problem(browser)).toContainText('The dev server did not answer');
  await expect(problem(browser)).toHaveCount(1);
  await expect(earlier(browser)).toHaveCount(1);
  await browser.unroute('**/_runbook/run?*');

  // What one pastes.
  await browser.getByRole('textbox', { name: 'Hostname' }).fill('https://docs.sudhanva.me/x');
  await browser.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(browser.locator('.rb-result > .rb-report')).toHaveAttribute('data-outcome', 'passed');
  await expect(problem(browser)).toHaveCount(0);
  await expect(earlier(browser)).toHaveCount(0);
});

test('answers no other origin', async ({ page: browser, request }) => {
  // From a page of another port of this machine, with all that a script there can try.
  await browser.goto(publicUrl);
  const attempts = await browser.evaluate(async (url) => {
    const attempt = async (path: string, init: RequestInit): Promise<string> => {
      try {
        const response = await fetch(url + path, init);
        return response.type === 'opaque' ? 'opaque' : `${response.status} ${await response.text()}`;
      } catch {
        return 'blocked';
      }
    };
    return Promise.all([
      attempt('/_runbook/sources', {}),
      attempt('/_runbook/sources', { mode: 'no-cors' }),
      attempt('/_runbook/sources', { headers: { 'x-runbook-page': 'none' } }),
      attempt('/issues/gateway-not-programmed/', {}),
      attempt('/@id/astro:scripts/page.js', {}),
    ]);
  }, devUrl);
  expect(attempts).toEqual(['blocked', 'opaque', 'blocked', 'blocked', 'blocked']);

  expect((await request.get(`${devUrl}/_runbook/sources`)).status()).toBe(403);
  const foreign = await request.get(`${devUrl}/issues/gateway-not-programmed/`, { headers: { host: 'evil.example' } });
  expect(foreign.status()).toBe(403);
});

test('serves no picture from anywhere', async ({ request }) => {
  const picture = `${devUrl}/_image?href=${encodeURIComponent('/@fs' + process.cwd() + '/public/favicon.svg')}&f=svg`;
  expect((await request.get(picture)).status()).toBe(404);
});
