/** Every page of the published build, by every rule of axe for WCAG 2.2 AA, in both themes, wide and narrow. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { publicUrl } from '../../playwright.config.ts';

const pages = readdirSync('dist', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => `/${file.replace(/index\.html$/, '')}`)
  .sort();

/** Code that scrolls sideways and cannot be reached by keyboard; it can be a moment after the page has its width. */
const unreachable = (): readonly string[] =>
  [...document.querySelectorAll('pre')]
    .filter(({ scrollWidth, clientWidth, tabIndex }) => scrollWidth > clientWidth && tabIndex < 0)
    .map(({ outerHTML }) => outerHTML.slice(0, 80));

test('the build has pages', () => expect(pages.length).toBeGreaterThan(20));

test.use({ reducedMotion: 'reduce' });

for (const path of pages) {
  test(`${path} is accessible, dark and 390 wide, then light and 1280 wide`, async ({ page }) => {
    for (const [theme, width] of [
      ['dark', 390],
      ['light', 1280],
    ] as const) {
      await test.step(`${theme}, ${width} wide`, async () => {
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height: 900 });
        // Loaded once: no script of the site asks how wide it is, and the theme follows the reader's system.
        if (theme === 'dark') await page.goto(publicUrl + path);
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
        await expect.poll(() => page.evaluate(unreachable), 'code that scrolls is reached by keyboard').toEqual([]);
        const { violations } = await new AxeBuilder({ page })
          // Half the time: pages have no frames to gather from, and what is fine is not told node by node.
          .setLegacyMode(true)
          .options({ resultTypes: ['violations'] })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
          // Experimental, and it takes the hint "Ctrl K" on Starlight's search button for a part of its label.
          .disableRules('label-content-name-mismatch')
          .analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, 'the page must not scroll sideways').toBeLessThanOrEqual(0);
      });
    }
  });
}
