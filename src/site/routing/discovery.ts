/**
 * Tells machines about a page what Starlight's head does not: its preview image, its Markdown, the feed, and its data for search engines.
 * A page for what is missing has none of these, and no address of its own.
 */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import { stack } from '#stack';
import { fileOfPage, firstChange } from '../history.ts';
import { absolute, feedPath, markdownPath, pagePath, previewPath } from '../publish/addresses.ts';
import { jsonLdText } from '../publish/json-ld.ts';
import { sectionOf } from '../sections.ts';

const ADDRESSES = ['canonical', 'og:url'];

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const route = locals.starlightRoute;
  const { id, data } = route.entry;
  if (id === '404') {
    route.head = route.head.filter(({ attrs = {} }) => !ADDRESSES.includes(String(attrs['rel'] ?? attrs['property'])));
    route.head.push({ tag: 'meta', attrs: { name: 'robots', content: 'noindex' } });
    return;
  }
  const image = absolute(previewPath(id));
  const { lastUpdated: updated } = route;
  const meta = (property: string, content: string) => ({ tag: 'meta' as const, attrs: { property, content } });
  const alternate = (type: string, href: string, title: string) => ({
    tag: 'link' as const,
    attrs: { rel: 'alternate', type, href, title },
  });
  route.head.push(
    meta('og:image', image),
    meta('og:image:width', '1200'),
    meta('og:image:height', '630'),
    meta('og:image:alt', `${data.title}, on the line map of the ${stack.site.title}`),
    ...(updated ? [meta('article:modified_time', updated.toISOString())] : []),
    alternate('text/markdown', markdownPath(id), 'This page as Markdown'),
    alternate('application/rss+xml', feedPath, `Changes of the ${stack.site.title}`),
    {
      tag: 'script',
      attrs: { type: 'application/ld+json' },
      content: jsonLdText({
        title: data.title,
        description: data.description ?? '',
        url: absolute(pagePath(id)),
        image,
        section: sectionOf(id)?.title,
        published: firstChange(fileOfPage(id))?.date,
        updated,
      }),
    },
  );
});
