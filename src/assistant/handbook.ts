/** The pages of the handbook for an assistant: by their ids, as the site publishes them for machines. */
import { Refusal } from '../formats/refusal.ts';
import { didYouMean } from '../formats/closest-name.ts';
import { findingAnchor } from '../runbook/finding.ts';
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
  throw new Refusal(
    'usage',
    `The handbook has no page ${JSON.stringify(id.slice(0, 100))}.`,
    [didYouMean(id, [...pages().keys()]), 'Without a page, read_page lists them all.']
      .filter((sentence) => sentence !== undefined)
      .join(' '),
  );
}

/** Where on a page an address leads, by what follows its `#`: a heading as the page calls it, or a finding; the beginning where it leads nowhere. */
export function placeOf(asked: string, markdown: string): number {
  const anchor = /#([\w-]+)\s*$/.exec(asked)?.[1];
  if (anchor === undefined) return 0;
  for (const { 0: line, 1: title = '', index } of markdown.matchAll(/^#{2,4} (.+)$/gm)) {
    const finding = /^\s*`([^`\s]+)`, of the check/.exec(
      markdown.slice(index + line.length, index + line.length + 300),
    )?.[1];
    if (slug(title) === anchor || (finding !== undefined && findingAnchor(finding) === anchor)) return index;
  }
  return 0;
}

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** A piece of a text that ends with a line, and where the next one begins; null at the end. */
export function piece(text: string, from: number, most: number): { text: string; next: number | null } {
  const rest = text.slice(from);
  if (rest.length <= most) return { text: rest, next: null };
  const line = rest.lastIndexOf('\n', most);
  const length = line > most / 2 ? line + 1 : most;
  return { text: rest.slice(0, length), next: from + length };
}
