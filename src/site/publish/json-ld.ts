/** What a search engine is told about a page, as schema.org names it. Pure. */
import { stack } from '#stack';
import { absolute } from './addresses.ts';

export interface DescribedPage {
  title: string;
  description: string;
  url: string;
  image: string;
  section: string | undefined;
  published: Date | undefined;
  updated: Date | undefined;
}

const site = { '@type': 'WebSite', '@id': absolute('/#site'), name: stack.site.title, url: absolute('/') };

/** The landing page is the site itself, every other page an article of it. */
function jsonLd({ title, description, url, image, section, published, updated }: DescribedPage): object {
  if (url === site.url) return { '@context': 'https://schema.org', ...site, description, image, inLanguage: 'en' };
  return {
    '@context': 'https://schema.org',
    '@graph': [
      {
        '@type': 'TechArticle',
        headline: title,
        description,
        url,
        image,
        inLanguage: 'en',
        ...(section === undefined ? {} : { articleSection: section }),
        ...(published === undefined ? {} : { datePublished: published.toISOString() }),
        ...(updated === undefined ? {} : { dateModified: updated.toISOString() }),
        isPartOf: site,
      },
      {
        '@type': 'BreadcrumbList',
        itemListElement: [
          { '@type': 'ListItem', position: 1, name: stack.site.title, item: site.url },
          { '@type': 'ListItem', position: 2, name: title, item: url },
        ],
      },
    ],
  };
}

/** As the content of a script element: nothing in it can end the element. */
export const jsonLdText = (page: DescribedPage): string => JSON.stringify(jsonLd(page)).replaceAll('<', '\\u003c');
