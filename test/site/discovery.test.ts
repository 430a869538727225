/** How the built pages present themselves to search engines, to sites that show a preview, and to feed readers. */
import { globSync, readFileSync } from 'node:fs';
import sax from 'sax';
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { fileOfPage, history, lastChange } from '../../src/site/history.ts';
import { attribute, dist, type Element, fileOf, type Page, pages } from './dist.ts';

const site = new URL(stack.site.url);
const published = pages.filter(({ url }) => url !== '/404.html');

const all = (page: Page, tagName: string, name: string, value: string): Element[] =>
  page.elements.filter((element) => element.tagName === tagName && attribute(element, name) === value);

/** The only one of its kind on a page; two would leave the choice to whoever reads them. */
function only(page: Page, tagName: string, name: string, value: string, wanted: string): string {
  const found = all(page, tagName, name, value);
  expect(found, `${page.url}: ${tagName} ${name}=${value}`).toHaveLength(1);
  return found.map((element) => attribute(element, wanted) ?? '')[0] ?? '';
}

const meta = (page: Page, name: string): string =>
  only(page, 'meta', /^(og|article):/.test(name) ? 'property' : 'name', name, 'content');

/** An element of XML: what its children say, by their name. */
type Said = Record<string, string>;

/** The elements of a name in an XML file. The parser is a strict one: what is not well-formed ends the test. */
function elementsOf(file: string, wanted: string): Said[] {
  const parser = sax.parser(true, { trim: true });
  const found: Said[] = [];
  const open: string[] = [];
  parser.onopentag = ({ name }) => {
    if (name === wanted) found.push({});
    open.push(name);
  };
  parser.onclosetag = () => open.pop();
  parser.ontext = (said) => {
    const [parent, name] = open.slice(-2);
    const element = found.at(-1);
    if (element && parent === wanted && name !== undefined) element[name] = (element[name] ?? '') + said;
  };
  parser.onerror = (error) => {
    throw new Error(`${file} is not well-formed XML: ${error.message}`);
  };
  parser.write(readFileSync(`${dist}/${file}`, 'utf8')).close();
  return found;
}

describe.each(published.map((page) => [page.url, page] as const))('%s', (url, page) => {
  const address = new URL(url, site).href;

  it('has one address, and says it the same everywhere', () => {
    expect(only(page, 'link', 'rel', 'canonical', 'href')).toBe(address);
    expect(meta(page, 'og:url')).toBe(address);
  });

  it('describes itself in 50 to 160 characters', () => {
    const description = meta(page, 'description');
    expect(description.length, description).toBeGreaterThanOrEqual(50);
    expect(description.length, description).toBeLessThanOrEqual(160);
    expect(meta(page, 'og:description')).toBe(description);
  });

  it('says what a preview shows', () => {
    expect(meta(page, 'og:title')).not.toBe('');
    expect(meta(page, 'og:site_name')).toBe(stack.site.title);
    expect(meta(page, 'og:image:alt')).toContain(meta(page, 'og:title'));
    expect(meta(page, 'twitter:card')).toBe('summary_large_image');
  });

  it('has a preview of its own, 1200 by 630', () => {
    const image = new URL(meta(page, 'og:image'));
    expect(image.origin).toBe(site.origin);
    const png = readFileSync(fileOf(image.pathname) ?? '');
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
    expect([meta(page, 'og:image:width'), meta(page, 'og:image:height')]).toEqual(['1200', '630']);
    // Neither a time nor a program's name: only the drawing.
    expect(chunks(png).filter((type) => !['IHDR', 'sBIT', 'sRGB', 'IDAT', 'IEND'].includes(type))).toEqual([]);
  });

  it('leads to its Markdown and to the feed', () => {
    expect(fileOf(only(page, 'link', 'type', 'text/markdown', 'href'))).toBeDefined();
    expect(fileOf(only(page, 'link', 'type', 'application/rss+xml', 'href'))).toBeDefined();
  });

  it('tells a search engine what it is', () => {
    const [script, ...more] = all(page, 'script', 'type', 'application/ld+json');
    expect(more).toEqual([]);
    const text = script?.childNodes.map((node) => ('value' in node ? node.value : '')).join('') ?? '';
    const data = JSON.parse(text) as { '@type'?: string; '@graph'?: { '@type': string; url?: string }[] };
    const types = data['@graph']?.map((each) => each['@type']) ?? [data['@type']];
    expect(types).toEqual(url === '/' ? ['WebSite'] : ['TechArticle', 'BreadcrumbList']);
    expect(text).toContain(JSON.stringify(address));
    expect(text).toContain(JSON.stringify(meta(page, 'og:image')));
  });
});

/** The names of a PNG's parts. */
function chunks(png: Buffer): string[] {
  const found: string[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    found.push(png.subarray(at + 4, at + 8).toString('latin1'));
  }
  return found;
}

it('tells pages apart by title, by description and by preview', () => {
  const seen = [
    published.map((page) => meta(page, 'og:title')),
    published.map((page) => meta(page, 'description')),
    published.map((page) => readFileSync(fileOf(new URL(meta(page, 'og:image')).pathname) ?? '', 'latin1')),
  ];
  for (const values of seen) expect(new Set(values).size).toBe(published.length);
});

it('gives the page for what is missing no address, and keeps it out of indexes', () => {
  const page = pages.find(({ url }) => url === '/404.html');
  expect(page && only(page, 'meta', 'name', 'robots', 'content')).toBe('noindex');
  expect(page && [...all(page, 'link', 'rel', 'canonical'), ...all(page, 'meta', 'property', 'og:url')]).toEqual([]);
});

describe('the sitemap', () => {
  const urls = elementsOf('sitemap-index.xml', 'sitemap').flatMap(({ loc = '' }) =>
    elementsOf(new URL(loc).pathname, 'url').map(({ loc: address = '', lastmod }) => ({ loc: address, lastmod })),
  );

  it('names every page, and nothing else', () => {
    expect(urls.map(({ loc }) => loc).sort()).toEqual(published.map(({ url }) => new URL(url, site).href).sort());
  });

  it('says when a page changed, from the history of its file', () => {
    for (const { loc, lastmod } of urls) {
      const id = new URL(loc).pathname.replace(/^\/|\/$/g, '');
      expect(lastmod, loc).toBe(lastChange(fileOfPage(id))?.date.toISOString());
    }
  });

  it('is named by robots.txt, which shuts nobody out', () => {
    const robots = readFileSync(`${dist}/robots.txt`, 'utf8');
    expect(robots).toContain(`\nSitemap: ${new URL('/sitemap-index.xml', site).href}\n`);
    expect(robots).not.toContain('Disallow');
  });
});

describe('the feed', () => {
  const items = elementsOf('feed.xml', 'item');

  it('has an item for each change, as far as the history goes', () => {
    expect(elementsOf('feed.xml', 'channel')[0]).toMatchObject({
      title: stack.site.title,
      link: new URL('/', site).href,
    });
    if (history().length > 0) expect(items.length).toBeGreaterThan(0);
    expect(new Set(items.map(({ guid }) => guid)).size).toBe(items.length);
  });

  it('leads to pages, newest change first', () => {
    const addresses = new Set(published.map((page) => new URL(page.url, site).href));
    expect(items.filter(({ link = '' }) => !addresses.has(link))).toEqual([]);
    const times = items.map(({ pubDate = '' }) => Date.parse(pubDate));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('says of each what changed', () => {
    const subjects = new Set(history().map(({ subject }) => subject));
    expect(items.filter(({ description = '' }) => !subjects.has(description))).toEqual([]);
  });
});

/** Made from the stack by `npm run diagrams` and `npm run record`. */
const generated = /\/diagrams\/cache\/|\/recorded-runs\.json$|\/finding-examples\.json$/;

it('takes every address from runbooks/stack.ts', () => {
  const files = [
    'astro.config.mjs',
    'content/**/*.md',
    'public/*',
    'runbooks/**/*.ts',
    'src/{site,runbook,local,cli}/**/*.*',
  ]
    .flatMap((pattern) => globSync(pattern))
    .filter((file) => file !== 'runbooks/stack.ts' && !file.endsWith('.woff2') && !generated.test(file));
  expect(files.length).toBeGreaterThan(100);
  const named = files.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return [stack.domain, site.host, ...(stack.splitHorizon === null ? [] : [stack.splitHorizon.pages])].some((name) =>
      text.includes(name),
    );
  });
  expect(named).toEqual([]);
});
