/** What stands in front of the dev server, over real HTTP and raw sockets. */
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createFence, guardUpgrades, mendRequestLines } from '../../../src/server/fence/fence.ts';
import { Origins } from '../../../src/server/fence/origins.ts';

const origins = new Origins();
let server: Server;
let port: number;
/** What came as far as the framework's own sockets. */
let upgrades: string[] = [];

beforeAll(async () => {
  const fence = createFence(origins);
  server = createServer((incoming, response) =>
    fence(incoming, response, () => response.end(`served ${incoming.url ?? ''}`)),
  );
  mendRequestLines(server);
  const sockets = new WebSocketServer({ noServer: true });
  // As Vite does: by path and protocol.
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const protocol = incoming.headers['sec-websocket-protocol'] ?? '';
    if (incoming.url === '/not-a-path' || !/^vite-(hmr|ping)$/.test(protocol)) return;
    upgrades.push(protocol);
    sockets.handleUpgrade(incoming, socket, head, (opened) => opened.close(1000));
  });
  guardUpgrades(server, origins);
  origins.open(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await origins.opened();
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = (
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; frame: unknown; body: string }> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers: { host: 'localhost', ...headers } }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, frame: response.headers['x-frame-options'], body }),
      );
    })
      .on('error', reject)
      .end();
  });

describe('the fence', () => {
  it('lets the own page and a followed link pass, and lets nobody frame them', async () => {
    expect(await get('/issues/')).toEqual({ status: 200, frame: 'DENY', body: 'served /issues/' });
    expect((await get('/a.js', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).status).toBe(200);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await get('/issues/', link)).status).toBe(200);
  });

  it.each([
    [
      'an image of another port',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ],
    [
      'a script of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'script' },
    ],
    [
      'a frame of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ])('turns away %s', async (_, headers) => {
    expect((await get('/issues/', headers)).status).toBe(403);
  });

  it.each(['/__open-in-editor', '/__OPEN-in-Editor', '/__Open-In-Editor/x', '/__open-in-editor.x'])(
    'opens no editor for anybody at %s',
    async (path) => {
      expect((await get(`${path}?file=/etc/hosts`)).status).toBe(403);
    },
  );

  it.each(['none', 'same-origin', 'cross-site'])('lets a link from %s lead to pages only', async (site) => {
    const link = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    for (const path of [
      '/',
      '/?x',
      '/issues',
      '/issues/missing-sni/',
      '/issues/missing-sni/?a=/@fs/',
      '/index.md',
      '/feed.xml',
    ]) {
      expect([path, (await get(path, link)).status]).toEqual([path, 200]);
    }
    for (const path of [
      '/_image?href=/@fs/etc/x.svg',
      '/%5Fimage?href=x',
      '/./_image',
      '/x/../_image',
      '/@fs/etc/hosts',
      '/issues/@id/x',
      '/.git/config',
    ]) {
      expect([path, (await get(path, link)).status]).toEqual([path, 403]);
    }
  });

  it.each(['evil.example', '0.0.0.0', '[::ffff:127.0.0.1]', 'x.localhost', 'localhost.evil.example'])(
    'is not the host "%s"',
    async (host) => {
      expect((await get('/issues/', { host })).status).toBe(403);
    },
  );

  it('is each of its own hosts, and tells one of an earlier start', async () => {
    for (const host of [...origins.fresh(), 'localhost', `127.0.0.1:${port}`, `[::1]:${port}`]) {
      expect((await get('/issues/', { host })).status).toBe(200);
    }
    const old = await get('/issues/', { host: `handbook-aaaaaaaaaa.localhost:${port}` });
    expect([old.status, old.body]).toEqual([403, expect.stringContaining('started again')]);
  });

  it('tells no other site where it is, and runs no script that it did not name', async () => {
    const { headers } = await fetch(`http://127.0.0.1:${port}/issues/`);
    expect(headers.get('referrer-policy')).toBe('same-origin');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(/script-src [^;]*/.exec(policy)?.[0]).not.toMatch(/'unsafe-(inline|eval)'/);
    for (const directive of [
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "connect-src 'self'",
    ]) {
      expect(policy.split('; ')).toContain(directive);
    }
  });

  it.each(['http://[/', '//[', '/%E0%A4%A', 'x'])('survives the request line %s', async (line) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.end(`GET ${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400)/);
    if (answer.startsWith('HTTP/1.1 200')) expect(answer).toContain('served /not-a-path');
    expect((await get('/')).status).toBe(200);
  });
});

describe('a WebSocket', () => {
  /** Whether it opened, or the status of the refusal. */
  const open = (protocol: string, headers: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocol, { headers });
      socket.on('open', () => resolve('open'));
      socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
      socket.on('error', (error) => resolve(error.message));
    });

  const foreign: readonly (readonly [string, Record<string, string>])[] = [
    ['of another site', { origin: 'https://evil.example' }],
    ['of another port', { origin: 'http://127.0.0.1:4999' }],
    ['of a sandboxed frame', { origin: 'null' }],
    ['of no page', {}],
    ['of a page by a name that leads here', { host: 'evil.example', origin: 'http://evil.example' }],
    ['of an earlier start', { host: 'handbook-aaaaaaaaaa.localhost', origin: 'http://handbook-aaaaaaaaaa.localhost' }],
    ['over TLS', { host: 'localhost', origin: 'https://localhost' }],
  ];
  it.each(foreign)('%s is refused before the framework sees it', async (_, headers) => {
    upgrades = [];
    for (const protocol of ['vite-hmr', 'vite-ping']) expect(await open(protocol, headers)).toBe('403');
    expect(upgrades).toEqual([]);
  });

  it('of an own page opens, at each address and at no other one’s', async () => {
    const hosts = [...origins.fresh(), `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
    for (const host of hosts) expect(await open('vite-hmr', { host, origin: `http://${host}` })).toBe('open');
    for (const host of hosts.slice(1)) {
      expect(await open('vite-ping', { host, origin: `http://${hosts[0] ?? ''}` })).toBe('403');
    }
  });

  it.each(['//[', 'http://[/', '/%E0%A4%A'])('with the request line %s ends nothing', async (line) => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(
          `GET ${line} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        ),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 40[03]/);
    expect((await get('/')).status).toBe(200);
  });
});
