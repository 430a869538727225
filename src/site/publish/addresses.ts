/** Where a page and its other forms are published. Every address starts from the one in `runbooks/stack.ts`. */
import { stack } from '#stack';

/** A path of the site as an absolute address. */
export const absolute = (path: string): string => new URL(path, stack.site.url).href;

/** The name of a page's other forms: the landing page's id is empty to Starlight, and they need one. */
const named = (id: string): string => (id === '' ? 'index' : id);

/** Paths of a page by its id, such as `issues/missing-sni`. */
export const pagePath = (id: string): string => (named(id) === 'index' ? '/' : `/${id}/`);
export const markdownPath = (id: string): string => `/${named(id)}.md`;
export const previewPath = (id: string): string => `/og/${named(id)}.png`;

/** What is published once for the whole handbook. */
export const feedPath = '/feed.xml';
export const sitemapPath = '/sitemap-index.xml';
export const cataloguePath = '/runbooks.json';
export const catalogueSchemaPath = '/schemas/runbooks-v1.json';
export const reportSchemaPath = '/schemas/report-v2.json';
export const acceptedSchemaPath = '/schemas/accepted-v1.json';
export const diffSchemaPath = '/schemas/diff-v1.json';
export const llmsFullPath = '/llms-full.txt';
