/**
 * A server that lies, over real HTTPS: each mode is one way to hang, flood or fool whoever reads from it. It counts what it was
 * asked, and the connections that are open.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { KeyPair } from '../support/certificates.ts';
import { sendJson, sendText, sendUnknownPath, status } from './api-server.ts';

export type Mode = (request: IncomingMessage, response: ServerResponse, requests: number) => void;

export interface EvilServer {
  url: string;
  requests: () => number;
  paths: string[];
  connections: () => number;
}

export async function startEvilServer(own: KeyPair, mode: Mode): Promise<EvilServer> {
  const paths: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = https.createServer(own, (request, response) => {
    paths.push(request.url ?? '');
    response.on('error', () => undefined);
    mode(request, response, paths.length);
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, requests: () => paths.length, paths, connections: () => sockets.size };
}

const kindsByPlural: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  httproutes: ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  pods: ['v1', 'Pod'],
};

/** The page of a list that a request asks for. */
export function page({ url }: IncomingMessage, names: readonly string[], token?: string): object {
  const plural = /\/([a-z]+)(\?|$)/.exec(url ?? '')?.[1] ?? '';
  const [apiVersion, kind] = kindsByPlural[plural] ?? ['v1', 'Pod'];
  return {
    apiVersion,
    kind: `${kind}List`,
    metadata: token === undefined ? {} : { continue: token },
    items: names.map((name) => ({ apiVersion, kind, metadata: { name, namespace: 'apps' } })),
  };
}

const fiveHundred = Array.from({ length: 500 }, (_, index) => `route-${index}`);

/** A gibibyte of spaces inside JSON, packed: 1 MB, made once. */
const bomb = (): Buffer => gzipSync(Buffer.alloc(2 ** 30, ' '), { level: 1 });
let made: Buffer | undefined;

/** Writes without end, as fast as it is read. */
function flood(response: ServerResponse, chunk: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

export const modes = {
  'endless pages with objects': (request, response, requests) =>
    sendJson(response, 200, page(request, fiveHundred, `token-${requests}`)),
  'endless pages without objects': (request, response, requests) =>
    sendJson(response, 200, page(request, [], `token-${requests}`)),
  'endless pages, slowly': (request, response, requests) =>
    void setTimeout(() => sendJson(response, 200, page(request, ['a'], `token-${requests}`)), 100),
  'too many objects in one page': (request, response) =>
    sendJson(
      response,
      200,
      page(
        request,
        Array.from({ length: 100_001 }, (_, index) => `r${index}`),
      ),
    ),
  'pages that expire again and again': (_, response) =>
    sendJson(response, 410, status(410, 'Expired', 'The provided continue parameter is too old')),
  'a bomb': (_, response) => {
    made ??= bomb();
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(made);
  },
  'a bomb for an error': (_, response) => {
    made ??= bomb();
    response.writeHead(403, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(made);
  },
  'a flood': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    flood(response, Buffer.alloc(2 ** 18, ' '));
  },
  'a drip': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  },
  'a refusal of 10 MB': (_, response) =>
    sendJson(response, 403, status(403, 'Forbidden', `pods is forbidden: ${'x'.repeat(10_000_000)} the end`)),
  'a refusal with a token in it': (_, response) =>
    sendJson(response, 403, status(403, 'Forbidden', 'no: Authorization: Bearer abcdefghijklmnop')),
  'deep lists': (_, response) => sendText(response, 200, '['.repeat(100_000) + ']'.repeat(100_000), 'application/json'),
  'deep objects': (_, response) =>
    sendText(
      response,
      200,
      `{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"},"spec":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}]}`,
      'application/json',
    ),
  'a deep refusal': (_, response) =>
    sendText(
      response,
      403,
      `{"kind":"Status","message":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'application/json',
    ),
  'a kind of 1 MB': (_, response) =>
    sendJson(response, 200, { apiVersion: 'v1', kind: 'x'.repeat(1_000_000), metadata: { name: 'a' }, items: [] }),
  'objects without names': (request, response) =>
    sendJson(response, 200, { ...page(request, []), items: [{ metadata: {} }] }),
  'objects of another namespace': (request, response) => sendJson(response, 200, page(request, ['a'])),
  'objects of another kind': (request, response) =>
    sendJson(response, 200, { ...page(request, []), items: [{ kind: 'Secret', metadata: { name: 'a' } }] }),
  'a list of another version': (request, response) =>
    sendJson(response, 200, { ...page(request, []), apiVersion: 'v2' }),
  'Go: 404 page not found': (_, response) => sendUnknownPath(response),
  'nginx: 404': (_, response) => sendText(response, 404, '<html><h1>404 Not Found</h1>nginx</html>', 'text/html'),
  'a proxy’s Status for everything': (_, response) =>
    sendJson(response, 404, status(404, 'NotFound', 'kubernetes cluster "home" not found')),
  'JSON: not found': (_, response) => sendJson(response, 404, { error: 'not found' }),
  'a page that is refused': (_, response) => sendText(response, 403, '<html>Forbidden</html>', 'text/html'),
  'busy for ever': (_, response) =>
    sendJson(response, 429, status(429, 'TooManyRequests', 'busy'), { 'retry-after': '1' }),
  silence: () => undefined,
  'endless 1xx': (_, response) => {
    const timer = setInterval(() => response.writeProcessing(), 5);
    response.on('close', () => clearInterval(timer));
  },
} as const satisfies Readonly<Record<string, Mode>>;
