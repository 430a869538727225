/** On a phone a flag in a line of text stands in one piece: nobody reads, or copies, `-` and `-flag`. */
import { expect, test } from '@playwright/test';
import { publicUrl } from '../../playwright.config.ts';

for (const path of [
  '/reference/terminal/',
  '/how-to/run-a-runbook/',
  '/tutorials/cilium/',
  '/issues/cilium-socket-lb/',
]) {
  test(`breaks no flag at the end of a line on ${path}`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(publicUrl + path);
    const [count, broken] = await page.evaluate(() => {
      let flags = 0;
      const found: string[] = [];
      for (const code of document.querySelectorAll('main code')) {
        const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          for (const { index, 0: flag } of (node.textContent ?? '').matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + flag.length);
            flags += 1;
            if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(flag);
          }
        }
      }
      return [flags, found] as const;
    });
    expect(count).toBeGreaterThan(3);
    expect(broken).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
  });
}
