/** What the built site has for machines: each page as Markdown, the whole in one file, and the catalogue of runbooks. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runbooks } from '../../runbooks/index.ts';
import { stack } from '#stack';
import { type Catalogue, catalogueSchema } from '../../src/runbook/catalogue.ts';
import { checkCommands } from '../../src/runbook/conclude.ts';
import { diagramSources } from '../../src/site/coverage.ts';
import { replaceTokens } from '../../src/site/markdown/tokens.ts';
import { pageMarkdown } from '../../src/site/publish/markdown.ts';
import { pagesFromFiles } from '../../src/site/publish/page-files.ts';
import { attribute, dist, fileOf, pages } from './dist.ts';
import { pageFiles, textOf } from './pages.ts';

const site = new URL(stack.site.url);
const text = (path: string): string => readFileSync(fileOf(path) ?? `${dist}${path}`, 'utf8');
const published = pages
  .filter(({ url }) => url !== '/404.html')
  .map((page) => ({ ...page, markdown: text(page.url === '/' ? '/index.md' : page.url.replace(/\/$/, '.md')) }));

/** Addresses of this site in a text, and those that lead nowhere. */
const links = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\(([^)\s]+)\)|^url: (\S+)|^<(http\S+)>/gm)].map(([, a, b, c]) => a ?? b ?? c ?? '');
const broken = (markdown: string): string[] =>
  links(markdown).filter((href) => {
    if (href.startsWith('/')) return true;
    const url = URL.parse(href);
    return url?.origin === site.origin && fileOf(url.pathname) === undefined;
  });

describe.each(published.map((page) => [page.url, page] as const))('%s as Markdown', (url, page) => {
  it('says where it comes from, and leads somewhere from anywhere', () => {
    expect(page.markdown).toMatch(/^---\ntitle: /);
    expect(page.markdown).toContain(`\nurl: ${new URL(url, site).href}\n`);
    expect(broken(page.markdown)).toEqual([]);
  });

  it('has every diagram of the page, as its source', () => {
    const drawn = page.elements.filter(
      ({ attrs, tagName }) => tagName === 'figure' && attrs.some(({ value }) => value.startsWith('diagram ')),
    );
    expect(diagramSources(page.markdown)).toHaveLength(drawn.length);
  });

  it('has every heading of the text', () => {
    const headings = page.elements
      .filter(({ tagName, attrs }) => /^h[23]$/.test(tagName) && attrs.some(({ name }) => name === 'id'))
      .map((element) => attribute(element, 'id') ?? '')
      .filter((id) => !['runbook', 'starlight__on-this-page', 'starlight__on-this-page--mobile'].includes(id));
    const written = page.markdown.match(/^#{2,3} /gm) ?? [];
    expect(written.length).toBeGreaterThanOrEqual(headings.length);
  });
});

it('is the same for whoever has no build at hand, but for when a page was changed', () => {
  const files = new Map(pagesFromFiles().map((page) => [page.url, pageMarkdown(page)]));
  expect([...files.keys()].sort()).toEqual(published.map(({ url }) => new URL(url, site).href).sort());
  for (const { url, markdown } of published)
    expect(files.get(new URL(url, site).href), url).toBe(markdown.replace(/^updated: .*\n/m, ''));
});

it('leaves no name of the stack open', () => {
  const files = globSync('**/*.{md,txt,json,xml}', { cwd: dist });
  expect(files.length).toBeGreaterThan(published.length);
  const open = files.filter((file) =>
    /\{\{[a-z][\w.]*(?:\\?\|\w+)?\}\}/i.test(readFileSync(`${dist}/${file}`, 'utf8')),
  );
  expect(open).toEqual([]);
});

it.each(runbooks.map((runbook) => [runbook.id, runbook] as const))(
  'tells the checks of %s and how to see them by hand',
  (_, { page, id, summary, checks }) => {
    const markdown = published.find(({ url }) => url === page)?.markdown;
    expect(markdown).toContain(`\nrunbook: ${id}\n`);
    expect(markdown).toContain(summary);
    for (const check of checks) {
      expect(markdown).toContain(`- **${check.title}** (\`${check.id}\``);
      for (const command of checkCommands(check)) expect(markdown).toContain(`\`${command}\``);
    }
  },
);

describe('llms.txt', () => {
  const contents = text('/llms.txt');

  it('opens with the name and what it is about', () => {
    expect(contents).toMatch(new RegExp(`^# ${stack.site.title}\n\n> .{50,}\n`));
  });

  it('leads to every page but the first, as Markdown, and to nothing that is not there', () => {
    const markdown = links(contents).filter((href) => href.endsWith('.md'));
    const expected = published.filter(({ url }) => url !== '/').map(({ url }) => url.replace(/\/$/, '.md'));
    expect(markdown.map((href) => new URL(href).pathname).sort()).toEqual(expected.sort());
    expect(broken(contents)).toEqual([]);
  });
});

describe('llms-full.txt', () => {
  const full = text('/llms-full.txt');

  it('has every page', () => {
    for (const { url } of published) expect(full).toContain(`\n<${new URL(url, site).href}>\n`);
    expect(broken(full)).toEqual([]);
  });

  it('has every diagram', () => {
    const sources = pageFiles.flatMap((file) => diagramSources(replaceTokens(textOf(file))));
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) expect(full).toContain(source);
  });

  it('describes every check once', () => {
    for (const id of new Set(runbooks.flatMap(({ checks }) => checks.map((check) => check.id)))) {
      expect(full.split(`** (\`${id}\`, `), id).toHaveLength(2);
    }
  });
});

describe('runbooks.json', () => {
  const data: unknown = JSON.parse(text('/runbooks.json'));
  const catalogue = data as Catalogue;

  it('is what its schema says, in code and as published', () => {
    expect(catalogueSchema.safeParse(data).error).toBeUndefined();
    const path = new URL(catalogue.$schema).pathname;
    const schema = z.fromJSONSchema(JSON.parse(text(path)) as z.core.JSONSchema.JSONSchema);
    expect(schema.safeParse(data).error).toBeUndefined();
    expect(schema.safeParse({ ...catalogue, version: 2 }).success).toBe(false);
    expect(schema.safeParse({ ...catalogue, checks: [{ id: 'a/b' }] }).success).toBe(false);
  });

  it('has every runbook with its checks, and each check with what it reads', () => {
    expect(catalogue.runbooks.map(({ id, checks }) => ({ id, checks }))).toEqual(
      runbooks.map(({ id, checks }) => ({ id, checks: checks.map((check) => check.id) })),
    );
    const described = new Map(catalogue.checks.map((check) => [check.id, check]));
    expect(described.size).toBe(catalogue.checks.length);
    for (const { checks } of runbooks) {
      for (const check of checks) expect(described.get(check.id)?.reads.length, check.id).toBeGreaterThan(0);
    }
    const needed = catalogue.checks.flatMap(({ needs }) => needs);
    expect(needed.filter((id) => !described.has(id))).toEqual([]);
  });

  it('leads to pages', () => {
    const addresses = catalogue.runbooks.flatMap(({ page, markdown }) => [page, markdown]);
    expect(addresses.filter((address) => fileOf(new URL(address).pathname) === undefined)).toEqual([]);
  });
});
