/** The feed's items from the history: one for each change of a page, so that a reader of the feed sees every one of them. Pure. */
import type { RSSFeedItem } from '@astrojs/rss';
import type { Change } from '../history.ts';

/** What a feed reader needs on its first visit; later it keeps what it has seen. */
const NEWEST = 60;

export interface FeedPage {
  title: string;
  url: string;
  section: string | undefined;
}

/** `pages` by file; a change of a page that is gone since is nothing that one could read. */
export const feedItems = (changes: readonly Change[], pages: ReadonlyMap<string, FeedPage>): RSSFeedItem[] =>
  changes
    .flatMap(({ file, kind, date, commit, subject }) => {
      const page = pages.get(file);
      if (page === undefined || kind === 'removed') return [];
      return [
        {
          title: `${kind === 'added' ? 'New' : 'Changed'}: ${page.title}`,
          link: page.url,
          description: subject,
          pubDate: date,
          ...(page.section === undefined ? {} : { categories: [page.section] }),
          // A page changes more than once, so its address does not identify a change.
          customData: `<guid isPermaLink="false">${page.url}@${commit.slice(0, 12)}</guid>`,
        },
      ];
    })
    .slice(0, NEWEST);
