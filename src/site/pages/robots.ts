/** Everybody may read everything. */
import type { APIRoute } from 'astro';
import { absolute, sitemapPath } from '../publish/addresses.ts';

export const GET: APIRoute = () => new Response(`User-agent: *\nAllow: /\n\nSitemap: ${absolute(sitemapPath)}\n`);
