/** The whole handbook as one Markdown document, in reading order, with the checks of all runbooks at its end. */
import type { APIRoute } from 'astro';
import { runbooks } from '../../../runbooks/index.ts';
import { eachCheckOnce } from '../../runbook/catalogue.ts';
import { chapterMarkdown, checksMarkdown } from '../publish/markdown.ts';
import { publishedPages } from '../publish/pages.ts';

export const GET: APIRoute = async () =>
  new Response(
    `${[...(await publishedPages()).map(chapterMarkdown), checksMarkdown(eachCheckOnce(runbooks))].join('\n\n---\n\n')}\n`,
  );
