/** Reads the built site for the tests about it; without a build it says how to make one. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

export type Element = DefaultTreeAdapterTypes.Element;

export const dist = process.env['DIST'] ?? 'dist';

if (!existsSync(join(dist, 'index.html'))) {
  throw new Error(`There is no built site in ${dist}. These tests read it: run "npm run build" first.`);
}

export interface Page {
  /** As a reader's browser has it: `/how-to/adopt/`, or `/404.html`. */
  url: string;
  html: string;
  elements: Element[];
}

export const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((each) => each.name === name)?.value;

export const pages: Page[] = globSync('**/*.html', { cwd: dist })
  .sort()
  .map((file) => {
    const html = readFileSync(join(dist, file), 'utf8');
    return {
      url: `/${file.replaceAll('\\', '/').replace(/(^|\/)index\.html$/, '$1')}`,
      html,
      elements: elementsOf(html),
    };
  });

function elementsOf(html: string): Element[] {
  const found: Element[] = [];
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) node.childNodes.forEach(walk);
  };
  walk(parse(html));
  return found;
}

/** The file that a path of the site is served from, if there is one. */
export function fileOf(path: string): string | undefined {
  const plain = join(dist, decodeURIComponent(path));
  return [plain, join(plain, 'index.html')].find((file) => existsSync(file) && statSync(file).isFile());
}

const sizes = new Map<string, number>();

/** Bytes on the wire: fonts are compressed already, everything else is gzipped. */
export function wireSize(file: string): number {
  const known = sizes.get(file);
  if (known !== undefined) return known;
  const bytes = readFileSync(file);
  const size = file.endsWith('.woff2') ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  sizes.set(file, size);
  return size;
}
