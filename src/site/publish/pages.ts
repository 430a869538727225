/** Every page of the handbook in reading order, as the feed, the previews and the forms for machines need it. */
import { getCollection } from 'astro:content';
import { fileOfPage, lastChange } from '../history.ts';
import { pagesOf, type PublishedPage } from './page-list.ts';

export type { PublishedPage } from './page-list.ts';

export const publishedPages = async (): Promise<readonly PublishedPage[]> =>
  pagesOf(await getCollection('docs'), (id) => lastChange(fileOfPage(id))?.date);
