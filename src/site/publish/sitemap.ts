/** The sitemap, with the date of each page's last change; Starlight's own, which this replaces, has no dates. */
import sitemap from '@astrojs/sitemap';
import type { AstroIntegration } from 'astro';
import { fileOfPage, lastChange } from '../history.ts';

export const datedSitemap = (): AstroIntegration =>
  sitemap({
    serialize: (item) => {
      const id = new URL(item.url).pathname.replace(/^\/|\/$/g, '');
      const date = lastChange(fileOfPage(id))?.date;
      return date ? { ...item, lastmod: date.toISOString() } : item;
    },
  });
