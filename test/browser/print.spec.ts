/** A page on paper: A4 within its margins, nothing to press, nothing hidden that a press would show. */
import { expect, test } from '@playwright/test';
import { publicUrl } from '../../playwright.config.ts';
import { runbooks } from '../../runbooks/index.ts';

/** A4 less 16 mm on either side, at 96 dots an inch. */
const SHEET = Math.round(((210 - 32) / 25.4) * 96);

test.use({ viewport: { width: SHEET, height: 990 }, colorScheme: 'dark' });

test.beforeEach(({ page }) => page.emulateMedia({ media: 'print' }));

test('a runbook opens its checks and commands', async ({ page }) => {
  const [runbook] = runbooks;
  await page.goto(publicUrl + (runbook?.page ?? ''));
  await expect(page.locator('.rb-check-title').last()).toBeVisible();
  await expect(page.locator('.rb-checks .rb-command').last()).toBeVisible();
  // Of the examples what somebody opened.
  await expect(page.locator('.rb-examples')).toBeHidden();
  for (const details of [page.locator('.rb-examples'), page.locator('.rb-example').first()])
    await details.evaluate((element) => element.setAttribute('open', ''));
  await expect(page.locator('.rb-example').first().locator('.rb-more .rb-command').first()).toBeVisible();
  await expect(page.locator('.rb-example').last()).toBeHidden();
});

test('keeps to the sheet, code and tables included', async ({ page }) => {
  for (const { page: path } of runbooks) {
    await page.goto(publicUrl + path);
    const wider = await page.evaluate(
      (sheet) =>
        [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > sheet + 1)
          .map((element) => element.textContent.trim().slice(0, 40)),
      SHEET,
    );
    expect(wider, path).toEqual([]);
  }
});

test('has no navigation and no buttons', async ({ page }) => {
  for (const path of ['/', '/explanation/request-path/', runbooks[0]?.page ?? '']) {
    await page.goto(publicUrl + path);
    for (const way of ['nav.sidebar', 'starlight-toc', 'mobile-starlight-toc', '.pagination-links', '.actions']) {
      for (const each of await page.locator(way).all()) await expect(each).toBeHidden();
    }
    for (const button of await page.locator('button, select').all()) await expect(button).toBeHidden();
  }
});

test('shows diagrams whole, in ink on white', async ({ page }) => {
  await page.goto(`${publicUrl}/explanation/control-plane/`);
  for (const diagram of await page.locator('figure.diagram svg').all()) {
    const box = await diagram.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(SHEET);
    // Less than the 263 mm between the margins.
    expect(box?.height).toBeLessThan((263 / 25.4) * 96);
  }
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)']).toContain(paper);
});

test('says where links lead that leave the handbook', async ({ page }) => {
  await page.goto(`${publicUrl}/explanation/overview/`);
  const link = page.locator(".sl-markdown-content a[href^='http']").first();
  expect(await link.evaluate((each) => getComputedStyle(each, '::after').content)).toContain('http');
});
