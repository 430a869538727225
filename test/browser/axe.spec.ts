/** Every page of the published build, by every rule of axe for WCAG 2.2 AA, in both themes, wide and narrow. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { publicUrl } from '../../playwright.config.ts';

const pages = readdirSync('dist', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => `/${file.replace(/index\.html$/, '')}`)
  .sort();

test('the build has pages', () => expect(pages.length).toBeGreaterThan(20));

for (const path of pages) {
  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    test(`${path} is accessible, ${theme}, ${width} wide`, async ({ browser }) => {
      const context = await browser.newContext({
        colorScheme: theme,
        viewport: { width, height: 900 },
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      await page.goto(publicUrl + path);
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
      await context.close();
    });
  }
}
