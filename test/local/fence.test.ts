/** What stands in front of the dev server, over real HTTP and raw sockets. */
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fence, mendRequestLines } from '../../src/local/fence.ts';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((incoming, response) =>
    fence(incoming, response, () => response.end(`served ${incoming.url ?? ''}`)),
  );
  mendRequestLines(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
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
