/** What changed in the handbook, newest first, for feed readers. */
import rss from '@astrojs/rss';
import type { APIRoute } from 'astro';
import { stack } from '#stack';
import { fileOfPage, history } from '../history.ts';
import { absolute, feedPath } from '../publish/addresses.ts';
import { feedItems } from '../publish/feed.ts';
import { publishedPages } from '../publish/pages.ts';

export const GET: APIRoute = async () => {
  const pages = new Map((await publishedPages()).map((page) => [fileOfPage(page.id), page]));
  return rss({
    title: stack.site.title,
    description: `Pages that are new or changed in the ${stack.site.title}.`,
    site: stack.site.url,
    xmlns: { atom: 'http://www.w3.org/2005/Atom' },
    customData: `<language>en</language><atom:link href="${absolute(feedPath)}" rel="self" type="application/rss+xml"/>`,
    items: feedItems(history(), pages),
  });
};
