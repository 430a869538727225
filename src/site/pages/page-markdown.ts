/** Each page as Markdown, beside its HTML: `/issues/missing-sni.md`. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { pageMarkdown } from '../publish/markdown.ts';
import { publishedPages, type PublishedPage } from '../publish/pages.ts';

export const getStaticPaths = (async () =>
  (await publishedPages()).map((page) => ({ params: { page: page.id }, props: { page } }))) satisfies GetStaticPaths;

export const GET: APIRoute<{ page: PublishedPage }> = ({ props }) =>
  new Response(pageMarkdown(props.page), { headers: { 'content-type': 'text/markdown; charset=utf-8' } });
