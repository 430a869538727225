/** The pages of the handbook for an assistant: by their ids, as the site publishes them for machines. */
import { Refusal } from '../formats/refusal.ts';
import { suggested } from '../formats/closest-name.ts';
import { pageMarkdown } from '../site/publish/markdown.ts';
import { pagesFromFiles } from '../site/publish/page-files.ts';

export interface Page {
  id: string;
  uri: string;
  title: string;
  description: string;
  markdown: string;
}

export const scheme = 'handbook://';

let known: ReadonlyMap<string, Page> | undefined;

/** Read once, when somebody first asks. */
export const pages = (): ReadonlyMap<string, Page> =>
  (known ??= new Map(
    pagesFromFiles().map((page) => [
      page.id,
      {
        id: page.id,
        uri: scheme + page.id,
        title: page.title,
        description: page.description,
        markdown: pageMarkdown(page),
      },
    ]),
  ));

/**
 * @param asked An id, or an address of the page: `issues/missing-sni`, `handbook://issues/missing-sni`, `/issues/missing-sni/#fix`.
 * @throws {Refusal} when there is no such page.
 */
export function pageOf(asked: string): Page {
  const path = asked.trim().replace(/^handbook:\/\/|^https?:\/\/[^/]*/, '');
  const id = path.replace(/[?#].*$/s, '').replace(/^\/+|(?:\/+|\.md)$/g, '') || 'index';
  const found = pages().get(id);
  if (found !== undefined) return found;
  const meant = suggested(id, [...pages().keys()]);
  throw new Refusal(
    'usage',
    `The handbook has no page ${JSON.stringify(id.slice(0, 100))}.`,
    meant.length > 0
      ? `Did you mean ${meant.join(' or ')}? Without a page, read_page lists them all.`
      : 'Without a page, read_page lists them all.',
  );
}

/** A piece of a text that ends with a line, and where the next one begins; null at the end. */
export function piece(text: string, from: number, most: number): { text: string; next: number | null } {
  const rest = text.slice(from);
  if (rest.length <= most) return { text: rest, next: null };
  const line = rest.lastIndexOf('\n', most);
  const length = line > most / 2 ? line + 1 : most;
  return { text: rest.slice(0, length), next: from + length };
}
