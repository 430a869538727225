/**
 * The Content Security Policy of the dev server: that of the published site, and what the framework's client needs. A second line behind all that
 * is escaped: what a cluster says is shown on these pages.
 */
import type { MiddlewareHandler } from 'astro';
import { contentSecurityPolicy, inlineScripts } from '../../site/hosting/content-security-policy.ts';

/** @param html The page, whose inline scripts may run. */
export const policyFor = (html: string): string =>
  // The framework's client waits for a server that has gone in a worker of its own; a blob: worker is under the page's policy.
  contentSecurityPolicy(inlineScripts(html), { 'worker-src': ["'self'", 'blob:'] });

/** Names the scripts of each page, when it is rendered. */
export const onRequest: MiddlewareHandler = async (_, next) => {
  const response = await next();
  if (!(response.headers.get('content-type') ?? '').startsWith('text/html')) return response;
  const html = await response.text();
  const headers = new Headers(response.headers);
  headers.set('content-security-policy', policyFor(html));
  return new Response(html, { status: response.status, statusText: response.statusText, headers });
};
