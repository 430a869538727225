/** What a page weighs, what it runs and whom it asks: budgets that fail the build rather than a reader's patience. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { attribute, fileOf, type Page, pages, wireSize } from './dist.ts';

const KB = 1024;
const site = new URL(stack.site.url);

const local = (href: string | undefined): string[] => {
  if (!href || href.startsWith('data:')) return [];
  const url = new URL(href, site);
  const file = url.origin === site.origin ? fileOf(url.pathname) : undefined;
  return file ? [file] : [];
};

/** Modules that a script imports as it starts, however deep; what it imports later, on a click, is not part of the page. */
function scripts(entries: string[], seen = new Set<string>()): Set<string> {
  for (const file of entries) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    const imports = [...source.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w*{}\s,$]+from\s*)?["'](\.[^"']+)["']/g)];
    scripts(
      imports.flatMap(([, path]) => local(new URL(path as string, new URL(file.replace(/^[^/]*/, ''), site)).pathname)),
      seen,
    );
  }
  return seen;
}

function weigh(page: Page) {
  const of = (tag: string, name: string, rel?: string) =>
    page.elements
      .filter((element) => element.tagName === tag && (rel === undefined || attribute(element, 'rel') === rel))
      .filter((element) => attribute(element, 'media') !== 'print')
      .flatMap((element) => local(attribute(element, name)));
  const js = [...scripts([...of('script', 'src'), ...of('link', 'href', 'modulepreload')])];
  const css = of('link', 'href', 'stylesheet');
  // The fonts of every page are preloaded; italics come when a page uses them.
  const fonts = of('link', 'href', 'preload');
  const italic = /<em[ >]/.test(page.html)
    ? [
        ...new Set(
          css.flatMap((file) =>
            [...readFileSync(file, 'utf8').matchAll(/url\(([^)]*italic[^)]*\.woff2)\)/g)].flatMap(([, href]) =>
              local(href),
            ),
          ),
        ),
      ]
    : [];
  const sum = (files: Iterable<string>): number =>
    [...new Set(files)].reduce((total, file) => total + wireSize(file), 0);
  const html = local(page.url);
  return {
    js: sum(js),
    all: sum([...html, ...js, ...css, ...fonts, ...italic]),
    html: sum(html),
    css: sum(css),
    fonts: sum([...fonts, ...italic]),
  };
}

const weights = pages.map((page) => ({ url: page.url, ...weigh(page) })).sort((a, b) => b.all - a.all);

describe('the heaviest page, gzipped', () => {
  const [heaviest] = weights;
  it(`is ${heaviest?.url} and stays within 84 KB`, () => {
    expect(heaviest?.all, JSON.stringify(heaviest)).toBeLessThanOrEqual(84 * KB);
  });
  it('carries at most 35 KB of JavaScript', () => {
    expect(Math.max(...weights.map(({ js }) => js))).toBeLessThanOrEqual(35 * KB);
  });
});

it('shows no diagram as its source', () => {
  // Where a fence was not drawn, it stands in the page as code.
  const sources = pages.filter(({ html }) => /data-language="mermaid"|<code class="[^"]*\bmermaid\b/.test(html));
  expect(sources.map(({ url }) => url)).toEqual([]);
});

it('draws diagrams without a script', () => {
  const withDiagrams = pages.filter(({ html }) => html.includes('class="diagram'));
  expect(withDiagrams.length).toBeGreaterThan(0);
  for (const { url, elements } of withDiagrams) {
    const sources = elements
      .filter(({ tagName }) => tagName === 'script')
      .flatMap((element) => local(attribute(element, 'src')));
    for (const file of scripts(sources))
      expect(readFileSync(file, 'utf8'), `${url} runs ${file}`).not.toMatch(/mermaid/i);
  }
});

it('asks nobody else for anything', () => {
  const foreign = pages.flatMap(({ url, elements }) =>
    elements
      .filter(
        ({ tagName }) =>
          ['script', 'img', 'iframe', 'source', 'video', 'audio'].includes(tagName) || tagName === 'link',
      )
      .filter((element) => !['canonical', 'sitemap', 'alternate'].includes(attribute(element, 'rel') ?? ''))
      .map((element) => attribute(element, 'src') ?? attribute(element, 'href') ?? '')
      .filter((href) => /^(https?:)?\/\//.test(href) && new URL(href, site).origin !== site.origin)
      .map((href) => `${url}: ${href}`),
  );
  expect(foreign).toEqual([]);
});
