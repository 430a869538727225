/** The site with its real headers, in a real browser, from the mirror: its policy lets everything run that the pages need. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { publicUrl } from '../../playwright.config.ts';
import { type Server, startMirror } from '../support/nginx.ts';

let mirror: Server;
test.beforeAll(async () => {
  mirror = await startMirror('dist');
});
test.afterAll(() => mirror.stop());

const pages = readdirSync('dist', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => `/${file.replace(/index\.html$/, '').replace(/\.html$/, '')}`)
  .sort();

test('no page asks for what its policy forbids', async ({ page }) => {
  test.slow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  for (const path of pages) {
    const response = await page.goto(mirror.url + path);
    expect(response?.status(), path).toBe(200);
    expect(response?.headers()['content-security-policy'], path).toContain("default-src 'none'");
  }
  expect(complaints).toEqual([]);
});

test('the policy stops a script that is not of the site', async ({ page }) => {
  await page.goto(`${mirror.url}/how-to/adopt/`);
  const stopped = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "changed"';
    document.body.append(script);
  });
  await stopped;
  expect(await page.title()).not.toBe('changed');
});

test('search, theme and anchors work under the policy', async ({ page }) => {
  await page.goto(mirror.url);
  await page.keyboard.press('Control+k');
  await page.getByRole('searchbox').or(page.locator('dialog input')).first().fill('filter_chain_not_found');
  await page.locator('dialog a[href*="/issues/missing-sni/"]').first().click();
  await expect(page).toHaveURL(/\/issues\/missing-sni\//);
  await page.locator('starlight-theme-select select').first().selectOption('light');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
});

for (const width of [1280, 390]) {
  test(`the mirror says that it is one, of which commit and day, ${width} wide`, async ({ browser }) => {
    // Without script, too: it is the server's word.
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 800 } });
    const page = await context.newPage();
    for (const path of ['/', '/how-to/adopt/', '/nothing/here/']) {
      await page.goto(mirror.url + path);
      const note = page.locator('.mirror-note');
      await expect(note).toBeVisible();
      await expect(note).toBeInViewport();
      await expect(note).toContainText(/Mirror inside the cluster: commit [0-9a-f]{7} of \d{1,2} [A-Z][a-z]+ \d{4}/);
      await expect(note.locator('time')).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\d$/);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      // On the public site the same page says nothing of it.
      await page.goto(publicUrl + path);
      await expect(page.locator('.mirror-note')).toBeHidden();
    }
    await context.close();
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the mirror's note is accessible, ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(`${mirror.url}/how-to/adopt/`);
    const { violations, passes } = await new AxeBuilder({ page }).include('.mirror-note').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    await context.close();
  });
}
