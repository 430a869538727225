/** The link that the terminal prints, over real HTTP: what it is exchanged for, and how often. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/server/api/api.ts';
import { Door } from '../../../src/server/fence/door.ts';
import { Origins } from '../../../src/server/fence/origins.ts';
import { entryHeaders, send, type Answer } from '../../support/come-in.ts';

const door = new Door();
let server: Server;
let port: number;

const serve = async (origins: Origins, listener?: RequestListener): Promise<Server> => {
  const created = createServer(listener);
  origins.open(created);
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  await origins.opened();
  return created;
};

beforeAll(async () => {
  const api = createApi({ door, kubeconfig: '/nowhere' });
  server = await serve(door.origins, (incoming, response) => api(incoming, response, () => response.end('next')));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const enter = (headers: Record<string, string | undefined>, method = 'POST'): Promise<Answer> =>
  send(port, '/_runbook/enter', { method, headers });

const [named, numbered] = [() => door.links()[0] ?? '', () => door.links()[1] ?? ''];

describe('a link', () => {
  it.each([
    ['by name', named],
    ['by number', numbered],
  ])('%s is exchanged once, for a cookie that script and other hosts never see', async (_, link) => {
    const headers = entryHeaders(link());
    const { status, headers: answered } = await enter(headers);
    expect(status).toBe(200);
    const cookie = String(answered['set-cookie']);
    expect(cookie).toMatch(/^handbook-\w{10}=\w{52}; Path=\/_runbook\/; HttpOnly; SameSite=Strict$/);
    expect(door.isOpenTo({ ...headers, cookie: cookie.split(';')[0] })).toBe(true);

    const replayed = await enter(
      entryHeaders(`http://${headers['host'] ?? ''}/#enter=${headers['x-runbook-secret'] ?? ''}`, 'x'.repeat(64)),
    );
    expect([replayed.status, replayed.headers['set-cookie']]).toEqual([401, undefined]);
    expect(replayed.body).toContain('has been used');
  });

  it('may be sent again by the page that sent it, which may have been loaded again before it had the answer', async () => {
    const headers = entryHeaders(named());
    const [first, second] = [await enter(headers), await enter(headers)];
    expect(second.status).toBe(200);
    expect(second.headers['set-cookie']).toEqual(first.headers['set-cookie']);
  });

  it('works no more when a newer one was printed', async () => {
    const old = entryHeaders(named());
    named();
    expect((await enter(old)).status).toBe(401);
  });

  it('works no more when it was sent to the plain address, where others may listen', async () => {
    const headers = entryHeaders(named());
    const host = `127.0.0.1:${port}`;
    expect((await enter({ ...headers, host, origin: `http://${host}` })).status).toBe(401);
    expect((await enter(headers)).status).toBe(401);
  });

  const refused: readonly (readonly [string, Record<string, string | undefined>, number, string])[] = [
    ['with GET', {}, 405, 'GET'],
    ['without an origin', { origin: undefined }, 403, 'POST'],
    ['from another origin', { origin: 'http://127.0.0.1:1' }, 403, 'POST'],
    ['from a sandboxed frame', { origin: 'null' }, 403, 'POST'],
    ['as a cross-site form', { 'sec-fetch-site': 'cross-site' }, 403, 'POST'],
    [
      'by another name',
      { host: 'handbook-0000000000.localhost:4321', origin: 'http://handbook-0000000000.localhost:4321' },
      403,
      'POST',
    ],
    ['without a half of the page', { 'x-runbook-page': 'none' }, 401, 'POST'],
    ['with a wrong secret', { 'x-runbook-secret': 'a'.repeat(26) }, 401, 'POST'],
    ['with an empty secret', { 'x-runbook-secret': '' }, 401, 'POST'],
    ['with a secret twice as long', { 'x-runbook-secret': 'a'.repeat(52) }, 401, 'POST'],
    ['with no secret', { 'x-runbook-secret': undefined }, 401, 'POST'],
  ];
  it.each(refused)('is not taken %s, and not spent', async (_, changed, status, method) => {
    const headers = entryHeaders(named());
    const answer = await enter({ ...headers, ...changed }, method);
    expect([answer.status, answer.headers['set-cookie']]).toEqual([status, undefined]);
    expect((await enter(headers)).status).toBe(200);
  });

  it('cannot be guessed: 500 guesses at once are all wrong, and the right one still works', async () => {
    const headers = entryHeaders(named());
    const secret = headers['x-runbook-secret'] ?? '';
    const guesses = Array.from({ length: 500 }, (_, n) => `${secret.slice(0, -3)}${String(n).padStart(3, '0')}`);
    const statuses = await Promise.all(
      guesses.filter((guess) => guess !== secret).map((guess) => enter({ ...headers, 'x-runbook-secret': guess })),
    );
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await enter(headers)).status).toBe(200);
  });

  it('goes to one of two that come at once', async () => {
    const headers = entryHeaders(named());
    const answers = await Promise.all(
      ['x', 'y', 'z'].map((letter) => enter({ ...headers, 'x-runbook-page': letter.repeat(64) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });
});

describe('the addresses', () => {
  it('are others at each start, and hosts of an earlier start are told so', async () => {
    const [one, other] = [new Origins(), new Origins()];
    const servers = [await serve(one), await serve(other)];
    for (const host of one.fresh()) {
      expect([one.isFresh(host), one.isFresh(host.toUpperCase()), other.isOwn(host) && !/^127/.test(host)]).toEqual([
        true,
        true,
        false,
      ]);
    }
    expect(other.isStale(one.fresh()[0] ?? '')).toBe(true);
    expect(one.isStale(one.fresh()[0] ?? '')).toBe(false);
    for (const each of servers) each.close();
  });

  it('all lead to the server, and close with it', async () => {
    const origins = new Origins();
    const own = await serve(origins, (_, response) => response.end('here'));
    const { port: plain } = own.address() as AddressInfo;
    const fresh = Number(origins.fresh()[1]?.split(':')[1]);
    for (const address of [`127.0.0.1:${plain}`, `[::1]:${plain}`, `127.0.0.1:${fresh}`]) {
      expect(await (await fetch(`http://${address}/`, { headers: { connection: 'close' } })).text()).toBe('here');
    }
    await new Promise((resolve) => own.close(resolve));
    await expect(fetch(`http://127.0.0.1:${fresh}/`)).rejects.toThrow();
  });

  it('have no name when [::1] belongs to somebody else, whom browsers would ask first', async () => {
    const origins = new Origins();
    const own = createServer();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '::1', resolve));
    origins.open(own);
    await new Promise<void>((resolve) => own.listen((stranger.address() as AddressInfo).port, '127.0.0.1', resolve));
    await origins.opened();
    expect(origins.fresh()).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    own.close();
    stranger.close();
  });

  it('answer no request whose sender is gone', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET /_runbook/sources HTTP/1.1\r\nHost: localhost\r\n'),
      );
      setTimeout(() => socket.resetAndDestroy(), 50);
      socket.on('close', () => resolve());
      socket.on('error', () => undefined);
    });
    expect((await send(port, '/')).body).toBe('next');
  });
});
