/** Every page of the handbook in reading order, as the feed, the previews and the forms for machines need it. */
import { getCollection } from 'astro:content';
import { runbooks } from '../../../runbooks/index.ts';
import { coveragePage, coverageRows } from '../coverage-page.ts';
import { explainedFindings, findingsPage } from '../findings-page.ts';
import { fileOfPage, lastChange } from '../history.ts';
import { sections, sectionOf } from '../sections.ts';
import { absolute, pagePath } from './addresses.ts';
import { coverageMarkdown, findingsMarkdown, resolved, type MarkdownPage } from './markdown.ts';

export interface PublishedPage extends MarkdownPage {
  /** `issues/missing-sni`, or `index`. */
  id: string;
  /** The title of its section; none for the landing page. */
  section: string | undefined;
}

export async function publishedPages(): Promise<readonly PublishedPage[]> {
  const entries = await getCollection('docs', ({ data }) => !data.draft);
  const written = entries
    .map(({ id, data, body = '' }) => ({
      id,
      title: data.title,
      description: data.description ?? '',
      body: resolved([data.hero?.tagline, body].filter(Boolean).join('\n\n')),
      runbook: runbooks.find((runbook) => runbook.id === data.runbook),
      order: data.sidebar.order ?? Number.POSITIVE_INFINITY,
    }))
    .sort((a, b) => place(a.id) - place(b.id) || compare(a.order, b.order) || compare(a.id, b.id));
  const made = [
    { ...findingsPage, body: findingsMarkdown(explainedFindings()), runbook: undefined },
    { ...coveragePage, body: coverageMarkdown(await coverageRows()), runbook: undefined },
  ];
  return [...written, ...made].map((page) => ({
    ...page,
    section: sectionOf(page.id)?.title,
    url: absolute(pagePath(page.id)),
    updated: lastChange(fileOfPage(page.id))?.date,
  }));
}

const place = (id: string): number => sections.findIndex(({ folder }) => sectionOf(id)?.folder === folder);

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
