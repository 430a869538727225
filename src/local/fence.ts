/**
 * What the dev server does for nobody: it serves pages to this machine's own browser tabs, and its tools to no page at all.
 *
 * The framework's server trusts other ports of this machine, every address and every navigation; it can start an editor on a file that a
 * request names, serve pictures from outside the project, and it ends at a request line that is no path. This stands in front of it.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { loopbackHosts } from './guard.ts';

/** The address of a page or of what is published beside it; none of the framework's own begins so (`/@fs/`, `/_image`, `/__open-in-editor`). */
const page = /^\/(?:[a-z0-9][a-z0-9.-]*(?:\/|$|(?=\?)))*(?:\?|$)/i;

/** Requests of other pages, wherever they come from; a person who follows a link to a page may come in. */
export function fence(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { host = '', 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  const url = request.url ?? '';
  const isForeign = site === 'cross-site' || site === 'same-site';
  const isLink = mode === 'navigate' && destination === 'document';
  // The framework looks at paths without regard to case.
  const opensEditor = url.toLowerCase().startsWith('/__open-in-editor');
  const isStray = isLink && !page.test(url);
  if (opensEditor || isStray || !loopbackHosts.test(host) || (isForeign && !isLink)) {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('The handbook answers its own pages only, at localhost, 127.0.0.1 and [::1].\n');
    return;
  }
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('content-security-policy', "frame-ancestors 'none'");
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  next();
}

/** Turns a request line that is no path into one that nobody serves: the framework's parser would end the process over it. */
export function mendRequestLines(server: Pick<Server, 'prependListener'>): void {
  server.prependListener('request', (request: IncomingMessage) => {
    if (!isPath(request.url)) request.url = '/not-a-path';
  });
}

function isPath(url: string | undefined): boolean {
  if (url === undefined || !/^\/(?!\/)/.test(url) || !URL.canParse(url, 'http://localhost')) return false;
  try {
    decodeURI(url);
    return true;
  } catch {
    return false;
  }
}
