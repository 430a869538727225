/** HTTPS over real sockets: the head of an answer, and how a request can go without one. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createProbes } from '../../src/probe/probe.ts';
import type { HttpRead } from '../../src/runbook/read.ts';
import { createAuthority, type KeyPair } from '../support/certificates.ts';
import { closedPort, listen } from './listeners.ts';

let own: KeyPair;

beforeAll(async () => {
  own = await (await createAuthority()).server(['*.sudhanva.me']);
});

async function serve(handle: RequestListener): Promise<number> {
  const server = createServer(own, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const read = (port: number): HttpRead => ({
  type: 'http',
  host: '127.0.0.1',
  port,
  servername: 'docs.sudhanva.me',
  why: '',
});
const get = (port: number, timeoutMs = 2000) => createProbes({ timeoutMs, allowLoopback: true }).probe(read(port));

test('an answer: its status and which server gave it, whoever signed the certificate', async () => {
  const heard: unknown[] = [];
  const port = await serve(({ method, url, headers }, response) => {
    heard.push(method, url, headers.host);
    response.writeHead(200, { server: 'envoy' }).end('hello');
  });
  expect(await get(port)).toEqual({
    ok: true,
    value: { outcome: 'answered', status: 200, server: 'envoy', location: null, ms: expect.any(Number) as number },
  });
  expect(heard).toEqual(['GET', '/', `docs.sudhanva.me:${port}`]);
});

test('a redirect is told, not followed', async () => {
  let requests = 0;
  const port = await serve((_, response) => {
    requests += 1;
    response.writeHead(301, { location: 'https://docs.sudhanva.me/' }).end();
  });
  expect(await get(port)).toMatchObject({
    ok: true,
    value: { status: 301, server: null, location: 'https://docs.sudhanva.me/' },
  });
  expect(requests).toBe(1);
});

test('an endless answer is read up to its head', async () => {
  const port = await serve((_, response) => {
    response.writeHead(200);
    response.on('close', () => clearInterval(timer));
    const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
  });
  expect(await get(port)).toMatchObject({ ok: true, value: { status: 200 } });
});

test('no answer in time', async () => {
  const port = await serve(() => undefined);
  expect(await get(port, 150)).toEqual({ ok: true, value: { outcome: 'no-answer', error: 'timed out' } });
});

test('a server that hangs up', async () => {
  const port = await serve(({ socket }) => socket.destroy());
  expect(await get(port)).toMatchObject({ ok: true, value: { outcome: 'no-answer', error: 'ECONNRESET' } });
});

test('a peer that ends the handshake, as Envoy does for a foreign name', async () => {
  const { port } = await listen((socket) => void socket.resetAndDestroy());
  expect(await get(port)).toMatchObject({ ok: true, value: { outcome: 'no-answer', error: 'ECONNRESET' } });
});

test('something that does not speak TLS', async () => {
  const { port } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  expect(await get(port)).toMatchObject({ ok: true, value: { outcome: 'no-answer' } });
});

test('no connection', async () => {
  expect(await get(await closedPort())).toEqual({ ok: true, value: { outcome: 'no-connection', reason: 'refused' } });
});
