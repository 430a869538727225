/** Each page's preview image, as other sites show it beside a link: `/og/issues/missing-sni.png`. */
import type { APIRoute, GetStaticPaths } from 'astro';
import { publishedPages, type PublishedPage } from '../publish/pages.ts';
import { drawPreview } from '../preview/preview.ts';

export const getStaticPaths = (async () =>
  (await publishedPages()).map((page) => ({ params: { page: page.id }, props: { page } }))) satisfies GetStaticPaths;

export const GET: APIRoute<{ page: PublishedPage }> = async ({ props: { page } }) =>
  new Response(await drawPreview(page), { headers: { 'content-type': 'image/png' } });
