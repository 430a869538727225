/** The handbook, page by page, for assistants that do not read resources. */
import { z } from 'zod';
import { pageOf, pages, piece, placeOf, scheme } from '../handbook.ts';
import { limits } from '../limits.ts';
import { tool } from '../tool.ts';

export const readPage = tool({
  name: 'read_page',
  title: 'Read a page of the handbook',
  description:
    'A page of the handbook as Markdown, with the names of the stack filled in. Without a page: the list of all pages. Long pages come in pieces; next says where the next one begins. Asks no cluster.',
  input: z.strictObject({
    page: z
      .string()
      .max(300)
      .optional()
      .describe('An id or an address, such as issues/missing-sni; with #heading, from there on.'),
    from: z.number().int().min(0).max(10_000_000).default(0).describe('Where to go on: next of the piece before.'),
  }),
  output: z.object({
    page: z.string().nullable().describe('Its address; null for the list of pages.'),
    title: z.string(),
    text: z.string(),
    next: z.number().int().nullable().describe('Where the next piece begins; null at the end.'),
  }),
  openWorld: false,
  answer: ({ page, from }) => {
    const whole = page === undefined ? contents() : onePage(page);
    const start = from === 0 && page !== undefined ? placeOf(page, whole.text) : from;
    const { text, next } = piece(whole.text, start, limits.text);
    const more = next === null ? '' : `\n\n(The page goes on: call read_page again with from ${next}.)`;
    return { text: text + more, structured: { page: whole.page, title: whole.title, text, next } };
  },
});

const contents = (): { page: null; title: string; text: string } => ({
  page: null,
  title: 'Pages of the handbook',
  text: [...pages().values()]
    .map(({ id, title, description }) => `- ${scheme}${id}: ${title}. ${description}`)
    .join('\n'),
});

function onePage(asked: string): { page: string; title: string; text: string } {
  const { uri, title, markdown } = pageOf(asked);
  return { page: uri, title, text: markdown };
}
