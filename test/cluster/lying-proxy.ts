/** A proxy before an API server, over real HTTPS, that tells one lie now and then: as broken proxies, caches and login pages do. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KeyPair } from '../support/certificates.ts';
import { sendJson, sendText, status } from './api-server.ts';

export interface Told {
  status: number;
  type: string;
  body: Buffer;
}

/** What goes out in place of the truth; `before` is what somebody else was told last. */
export type Lie = (response: ServerResponse, truth: Told, before: Told) => void;

const send = (response: ServerResponse, { status: code, type, body }: Told, headers: object = {}): void =>
  void response.writeHead(code, { 'content-type': type, ...headers }).end(body);

const half = (body: Buffer): Buffer => body.subarray(0, body.length >> 1);

export const lies = {
  'cuts the connection': (response, truth) => {
    response.writeHead(truth.status, { 'content-type': truth.type, 'content-length': truth.body.length });
    response.write(half(truth.body), () => response.destroy());
  },
  'sends half of the answer': (response, truth) => send(response, { ...truth, body: half(truth.body) }),
  'sends the answer twice': (response, truth) =>
    send(response, { ...truth, body: Buffer.concat([truth.body, truth.body]) }),
  'sends the answer to somebody else': (response, _, before) => send(response, before),
  'answers late': (response, truth) => void setTimeout(() => send(response, truth), 200),
  'shows a login page': (response) => sendText(response, 200, '<html>Log in</html>', 'text/html'),
  'shows a page for 404': (response) => sendText(response, 404, '<html>Not Found</html>', 'text/html'),
  'does not know the cluster': (response) =>
    sendJson(response, 404, status(404, 'NotFound', 'kubernetes cluster "home" not found')),
  'refuses with a page': (response) => sendText(response, 403, '<html>Forbidden</html>', 'text/html'),
  'says that it packs': (response, truth) => send(response, truth, { 'content-encoding': 'gzip' }),
  'sends nothing': (response) => sendText(response, 200, '', 'application/json'),
  'sends null': (response) => sendText(response, 200, 'null', 'application/json'),
  'hangs up': (response) => void response.destroy(),
  'calls success a failure, and failure a success': (response, truth) =>
    send(response, { ...truth, status: truth.status === 200 ? 404 : 200 }),
  'promises more': (response, truth) =>
    send(response, {
      ...truth,
      body: Buffer.from(truth.body.toString().replace('"metadata":{', '"metadata":{"continue":"more",')),
    }),
} as const satisfies Readonly<Record<string, Lie>>;

/** Lies to every fourth request, from the second on. */
export async function startLyingProxy(
  own: KeyPair,
  server: string,
  lie: Lie,
): Promise<{ url: string; lied: () => number }> {
  let [asked, lied] = [0, 0];
  let before: Told = { status: 200, type: 'text/plain', body: Buffer.alloc(0) };
  const proxy = https.createServer(own, (request, response) => {
    response.on('error', () => undefined);
    const headers: IncomingHttpHeaders = { ...request.headers, 'accept-encoding': 'identity' };
    const upstream = https.get(server + (request.url ?? ''), { headers, rejectUnauthorized: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const type = answer.headers['content-type'] ?? '';
        const truth: Told = { status: answer.statusCode ?? 0, type, body: Buffer.concat(chunks) };
        asked += 1;
        if (asked % 4 === 2) {
          lied += 1;
          lie(response, truth, before);
        } else {
          send(response, truth);
        }
        before = truth;
      });
    });
    upstream.on('error', () => response.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  );
  return { url: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`, lied: () => lied };
}
