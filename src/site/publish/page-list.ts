/** Every page of the handbook in reading order, from what `content/` holds and what is made from the checks. Pure: it does not care who read it. */
import { runbooks } from '../../../runbooks/index.ts';
import { coveragePage, coverageRows } from '../coverage-page.ts';
import { explainedFindings, findingsPage } from '../findings-page.ts';
import { sections, sectionOf } from '../sections.ts';
import { absolute, pagePath } from './addresses.ts';
import { coverageMarkdown, findingsMarkdown, resolved, type MarkdownPage } from './markdown.ts';

/** A page as somebody wrote it: Markdown and, of its frontmatter, what has a place beyond the page itself. */
export interface WrittenPage {
  /** `issues/missing-sni`, or `index`. */
  id: string;
  data: {
    title: string;
    description?: string | undefined;
    draft?: boolean | undefined;
    /** The id of a runbook. */
    runbook?: string | undefined;
    hero?: { tagline?: string | undefined } | undefined;
    sidebar?: { order?: number | undefined } | undefined;
  };
  body?: string | undefined;
}

export interface PublishedPage extends MarkdownPage {
  /** `issues/missing-sni`, or `index`. */
  id: string;
  /** The title of its section; none for the landing page. */
  section: string | undefined;
}

/** @param updated When the page of an id was last changed, where that is known. */
export function pagesOf(
  entries: readonly WrittenPage[],
  updated: (id: string) => Date | undefined,
): readonly PublishedPage[] {
  const written = entries
    .filter(({ data }) => data.draft !== true)
    .map(({ id, data, body = '' }) => ({
      id,
      title: data.title,
      description: data.description ?? '',
      body: resolved([data.hero?.tagline, body].filter(Boolean).join('\n\n')),
      runbook: runbooks.find((runbook) => runbook.id === data.runbook),
      order: data.sidebar?.order ?? Number.POSITIVE_INFINITY,
    }))
    .sort((a, b) => place(a.id) - place(b.id) || compare(a.order, b.order) || compare(a.id, b.id));
  const made = [
    { ...findingsPage, body: findingsMarkdown(explainedFindings()), runbook: undefined },
    { ...coveragePage, body: coverageMarkdown(coverageRows(entries)), runbook: undefined },
  ];
  return [...written, ...made].map((page) => ({
    ...page,
    section: sectionOf(page.id)?.title,
    url: absolute(pagePath(page.id)),
    updated: updated(page.id),
  }));
}

const place = (id: string): number => sections.findIndex(({ folder }) => sectionOf(id)?.folder === folder);

const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
