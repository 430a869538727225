/** The published build, as a reader without script sees it. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { publicUrl } from '../../playwright.config.ts';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../../src/demo/node/faults.ts';

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  // `example` in the page's frontmatter.
  const typical = (id: string): string =>
    /^example: (\S+)$/m.exec(readFileSync(`content/issues/${id}.md`, 'utf8'))?.[1] ?? 'none';

  for (const { id, page: path, checks } of runbooks) {
    test(`${id} shows what it checks, and examples`, async ({ page }) => {
      await page.goto(publicUrl + path);
      const panel = page.locator('[data-runbook]');
      await expect(page.getByRole('heading', { name: 'Run the runbook' })).toBeVisible();
      await expect(panel.locator('.rb-brief .rb-command')).toHaveText(`npm run --silent runbook -- run ${id}`);
      // An example says that it is one, and is shown to who asks for it.
      const examples = panel.locator('.rb-example');
      const faults = loadFaults().filter((fault) => fault.runbook === id);
      await expect(examples).toHaveCount(faults.length + 1);
      await expect(examples.first()).toBeHidden();
      await panel.locator('.rb-examples > summary').click();
      await expect(examples.first().locator('.rb-report')).toBeHidden();
      await expect(examples.first()).toContainText(faults.find((fault) => fault.id === typical(id))?.title ?? 'none');
      for (const tag of await examples.locator('.rb-tag').all()) await expect(tag).toHaveText('Example');
      await examples.first().locator('summary').first().click();
      await expect(examples.first().locator('.rb-kicker').first()).toContainText('Root cause');
      // One is open at a time, by the browser's own means.
      await examples.last().locator('summary').first().click();
      await expect(examples.last().locator('.rb-healthy')).toBeVisible();
      await expect(examples.first().locator('.rb-kicker').first()).toBeHidden();

      await panel.locator('.rb-checks > summary').click();
      await expect(panel.locator('.rb-checks > ol > li')).toHaveCount(checks.length);
      const titles = await panel.locator('.rb-check-title').allTextContents();
      expect(titles).toHaveLength(checks.length);
      for (const [index, { title }] of checks.entries()) expect(titles[index]).toContain(title);
      await expect(panel.locator('.rb-checks .rb-command').first()).toContainText('kubectl');
      await expect(panel.locator('button, select')).toHaveCount(0);
    });
  }

  for (const [colorScheme, paper] of [
    ['light', 'rgb(250, 247, 240)'],
    ['dark', 'rgb(20, 27, 38)'],
  ] as const) {
    test(`is ${colorScheme} as the reader's system is, and offers nothing that needs script`, async ({ browser }) => {
      const page = await browser.newPage({ javaScriptEnabled: false, colorScheme });
      await page.goto(`${publicUrl}/issues/missing-sni/`);
      await expect(page.locator('body')).toHaveCSS('background-color', paper);
      const code = page.locator('.expressive-code .ec-line span[style]').first();
      const [red = 0] = (await code.evaluate((span) => getComputedStyle(span).color)).match(/\d+/g)?.map(Number) ?? [];
      // Bright on dark, or the other way round.
      expect(red > 128).toBe(colorScheme === 'dark');
      for (const control of await page.locator('site-search, starlight-theme-select').all())
        await expect(control).toBeHidden();
      await page.close();
    });
  }

  test('shows its diagrams', async ({ page }) => {
    await page.goto(`${publicUrl}/explanation/request-path/`);
    await expect(page.locator('figure.diagram svg').first()).toBeVisible();
    expect(await page.locator('figure.diagram [data-node]').count()).toBeGreaterThan(5);
  });
});

test('keeps to a phone’s width, with everything open', async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
  for (const { page: path } of runbooks) {
    await page.goto(publicUrl + path);
    const wider = await page.locator('.rb').evaluate((panel) => {
      for (const details of panel.querySelectorAll('details')) {
        // Of one name only one is open.
        details.removeAttribute('name');
        details.open = true;
      }
      return [...panel.querySelectorAll('*')]
        .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
        .map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`);
    });
    expect(wider, path).toEqual([]);
  }
  await page.close();
});

test('asks nobody else, and no local API', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const { page: path } of runbooks) await page.goto(publicUrl + path, { waitUntil: 'networkidle' });
  expect(asked.filter((url) => !url.startsWith(`${publicUrl}/`))).toEqual([]);
  expect(asked.filter((url) => url.includes('/_runbook'))).toEqual([]);
});

test('does not shift while it loads, piece by piece', async ({ page, context }) => {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const slow = { offline: false, latency: 50, downloadThroughput: 25_000, uploadThroughput: 25_000 };
  await session.send('Network.emulateNetworkConditions', slow);
  await page.goto(publicUrl + '/issues/gateway-not-programmed/', { waitUntil: 'networkidle' });
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 500);
      }),
  );
  expect(shift).toBeLessThan(0.001);
});

test('has a 404 page of its own', async ({ page }) => {
  const response = await page.goto(publicUrl + '/no/such/page/');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('finds pages by search', async ({ page }) => {
  await page.goto(publicUrl);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').or(page.locator('dialog input')).first().fill('filter_chain_not_found');
  await expect(page.locator('dialog a[href*="/issues/missing-sni/"]').first()).toBeVisible();
});
