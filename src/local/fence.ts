/**
 * What the dev server does for nobody: it serves pages to this machine's own browser tabs, and its tools to no page at all.
 *
 * The framework's server trusts other ports of this machine and every navigation, can start an editor on a file that a request
 * names, and ends at a request line that is no path. This stands in front of it.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Requests of other pages, wherever they come from; a person who follows a link may come in. */
export function fence(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  const isForeign = site === 'cross-site' || site === 'same-site';
  const isLink = mode === 'navigate' && destination === 'document';
  const opensEditor = (request.url ?? '').startsWith('/__open-in-editor');
  if (opensEditor || (isForeign && !isLink)) {
    response.writeHead(403, { 'content-type': 'text/plain' });
    response.end('The handbook answers its own pages only.\n');
    return;
  }
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('content-security-policy', "frame-ancestors 'none'");
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
