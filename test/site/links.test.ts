/** Every link and every reference inside the built site leads somewhere, fragments included. */
import { expect, it } from 'vitest';
import { stack } from '#stack';
import { attribute, type Element, fileOf, type Page, pages } from './dist.ts';

const LINKS: Record<string, string> = {
  a: 'href',
  link: 'href',
  img: 'src',
  script: 'src',
  source: 'src',
  use: 'href',
};
/** Links within an element to another one by its id. */
const ID_REFERENCES = ['aria-labelledby', 'aria-describedby', 'aria-controls', 'popovertarget', 'for'];

const idsOf = new Map(
  pages.map(({ url, elements }) => [url, new Set(elements.map((element) => attribute(element, 'id')))]),
);
const site = new URL(stack.site.url);

function problem(page: Page, href: string): string | undefined {
  const target = new URL(href, new URL(page.url, site));
  if (target.origin !== site.origin) return undefined;
  if (!fileOf(target.pathname)) return `${href} leads to no file`;
  const id = decodeURIComponent(target.hash.slice(1));
  const ids = idsOf.get(target.pathname);
  if (id !== '' && ids && !ids.has(id)) return `${href}: the page has no #${id}`;
  return undefined;
}

function problems(page: Page): string[] {
  const links = page.elements.flatMap((element) => {
    const name = LINKS[element.tagName];
    const href = name && attribute(element, name);
    return href ? [href] : [];
  });
  const broken = [...new Set(links)].flatMap((href) => problem(page, href) ?? []);
  const ids = idsOf.get(page.url);
  const dangling = page.elements.flatMap((element: Element) =>
    ID_REFERENCES.flatMap((name) =>
      (attribute(element, name)?.split(/\s+/) ?? [])
        .filter((id) => !ids?.has(id))
        .map((id) => `${name} names #${id}, which is not there`),
    ),
  );
  return [...broken, ...dangling];
}

it.each(pages.map((page) => [page.url, page] as const))('%s links to what is there', (_, page) => {
  expect(problems(page)).toEqual([]);
});

it.each(pages.map((page) => [page.url, page] as const))('%s gives no id twice', (_, page) => {
  const ids = page.elements.flatMap((element) => attribute(element, 'id') ?? []);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

it('leaves no token in a page', () => {
  expect(pages.filter(({ html }) => /\{\{[a-z]\w*(\.\w+)*(\|\w+)?\}\}/i.test(html)).map(({ url }) => url)).toEqual([]);
});
