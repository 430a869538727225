/**
 * What the dev server does for nobody: it serves pages to this machine's own browser tabs, and its tools to no page at all.
 *
 * The framework's server trusts other ports of this machine, every address and every navigation; it can start an editor on a file that a
 * request names, serve pictures from outside the project, and it ends at a request line that is no path. This stands in front of it.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { originOf, strangeHost } from './guard.ts';
import type { Origins } from './origins.ts';
import { policyFor } from './policy.ts';

/** The address of a page or of what is published beside it; none of the framework's own begins so (`/@fs/`, `/_image`, `/__open-in-editor`). */
const page = /^\/(?:[a-z0-9][a-z0-9.-]*(?:\/|$|(?=\?)))*(?:\?|$)/i;

/** Refuses requests of other pages, wherever they come from; a person who follows a link to a page may come in. */
export const createFence =
  (origins: Origins) =>
  (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const {
      host = '',
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
      'sec-fetch-dest': destination,
    } = request.headers;
    const url = request.url ?? '';
    const isForeign = site === 'cross-site' || site === 'same-site';
    const isLink = mode === 'navigate' && destination === 'document';
    // The framework looks at paths without regard to case.
    const opensEditor = url.toLowerCase().startsWith('/__open-in-editor');
    const isStray = isLink && !page.test(url);
    if (opensEditor || isStray || !origins.isOwn(host) || (isForeign && !isLink)) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${strangeHost(host, origins)}\n`);
      return;
    }
    response.setHeader('x-frame-options', 'DENY');
    // What is no page of the site runs no script of its own; pages name theirs (policy.ts).
    response.setHeader('content-security-policy', policyFor(''));
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    // The name of a fresh origin is for nobody else.
    response.setHeader('referrer-policy', 'same-origin');
    next();
  };

/** Turns a request line that is no path into one that nobody serves: the framework's parser would end the process over it. */
export function mendRequestLines(server: Pick<Server, 'prependListener'>): void {
  server.prependListener('request', (request: IncomingMessage) => {
    if (!isPath(request.url)) request.url = '/not-a-path';
  });
}

/** Refuses a WebSocket that the own pages did not open. The framework's own check lets any page find out that it is there. */
export function guardUpgrades(server: Pick<Server, 'prependListener'>, origins: Origins): void {
  server.prependListener('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const { host = '', origin } = request.headers;
    if (origins.isOwn(host) && origin === originOf(request.headers) && isPath(request.url)) return;
    // The listeners after this one know it by its path and protocol, and must not take it up.
    request.url = '/not-a-path';
    delete request.headers['sec-websocket-protocol'];
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
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
