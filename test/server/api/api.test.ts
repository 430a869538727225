/** The local API over real HTTP: who is turned away, and what an honest caller gets. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/server/api/api.ts';
import type { RunEvent, Sources } from '../../../src/server/api/messages.ts';
import { Door } from '../../../src/server/fence/door.ts';
import { refusal } from '../../../src/server/fence/guard.ts';
import { startScenario } from '../../../src/sources/demo.ts';
import type { Demo } from '../../../src/demo/node/demo.ts';
import { comeIn, send as sendTo, type Answer, type Key } from '../../support/come-in.ts';

const door = new Door();
let key: Key;
let server: Server;
let demo: Demo;
let port: number;

beforeAll(async () => {
  demo = await startScenario('healthy');
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'api-test-')), 'kubeconfig');
  const dead = demo
    .kubeconfig()
    .replace(/contexts:\n[\s\S]*$/, '')
    .replace('users:', '  - name: dead\n    cluster:\n      server: https://127.0.0.1:1\nusers:');
  writeFileSync(
    kubeconfig,
    `${dead}contexts:
  - { name: home, context: { cluster: demo, user: admin } }
  - { name: dead, context: { cluster: dead, user: admin } }
current-context: home
`,
  );
  const api = createApi({ door, kubeconfig });
  server = createServer((incoming, response) => {
    api(incoming, response, () => response.writeHead(404).end('next'));
  });
  door.origins.open(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await door.origins.opened();
  port = (server.address() as AddressInfo).port;
  key = await comeIn(door, port);
});

afterAll(async () => {
  await demo.close();
  await new Promise((resolve) => server.close(resolve));
});

interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string | undefined>;
}

/** As a page that came in through the link, but for what is said otherwise. */
const send = ({ path = '/_runbook/sources', method = 'GET', headers = {} }: Sent): Promise<Answer> =>
  sendTo(port, path, { method, headers: { ...key, ...headers } });

const events = (body: string): RunEvent[] =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);

describe('who may ask', () => {
  const foreign: readonly (readonly [string, Sent, number])[] = [
    ['without the header of the page', { headers: { 'x-runbook-page': undefined } }, 403],
    ['by a name that resolves to this machine', { headers: { host: 'evil.example:4321' } }, 403],
    ['by an address of the network', { headers: { host: '192.0.2.7:4321' } }, 403],
    ['from another site', { headers: { origin: 'https://evil.example' } }, 403],
    ['from another port of this machine', { headers: { origin: 'http://127.0.0.1:1' } }, 403],
    ['from a sandboxed frame', { headers: { origin: 'null' } }, 403],
    ['as a cross-site load', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['as a same-site load', { headers: { 'sec-fetch-site': 'same-site' } }, 403],
    ['as a navigation from a link', { headers: { 'sec-fetch-site': 'none' } }, 403],
    ['with POST', { method: 'POST' }, 405],
    ['with OPTIONS, as a preflight', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }, 405],
    ['with DELETE', { method: 'DELETE' }, 405],
  ];
  it.each(foreign)('turns away whoever asks %s', async (_, sent, status) => {
    const answer = await send(sent);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('home');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('turns away another machine', () => {
    const caller = { method: 'GET', remoteAddress: '127.0.0.1', isOthers: false, headers: { ...key } };
    expect(refusal(caller, door.origins)).toBeUndefined();
    expect(refusal({ ...caller, remoteAddress: '::ffff:127.0.0.1' }, door.origins)).toBeUndefined();
    expect(refusal({ ...caller, remoteAddress: '192.0.2.7' }, door.origins)?.status).toBe(403);
    expect(refusal({ ...caller, isOthers: true }, door.origins)?.status).toBe(403);
  });

  it('lets its own page pass', async () => {
    for (const host of [key.host, `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
      const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      expect((await send({ headers: own })).status).toBe(200);
    }
  });

  it('leaves other paths alone', async () => {
    expect((await send({ path: '/issues/' })).body).toBe('next');
  });
});

describe('a guest, who did not come in through the link', () => {
  const guests: readonly (readonly [string, () => Record<string, string | undefined>])[] = [
    ['with nothing', () => ({ cookie: undefined, 'x-runbook-page': 'none' })],
    ['with the cookie alone, as another port of the host has it', () => ({ 'x-runbook-page': 'none' })],
    ['with the page’s half alone', () => ({ cookie: undefined })],
    ['with another cookie', () => ({ cookie: `${key.cookie}x` })],
    ['with another half', () => ({ 'x-runbook-page': `${key['x-runbook-page']}x` })],
    ['with a cookie of another name', () => ({ cookie: `x${key.cookie}` })],
    ['at the plain address', () => ({ host: `127.0.0.1:${port}` })],
    ['at the other fresh address', () => ({ host: door.origins.fresh()[0] })],
  ];
  it.each(guests)('%s practises, and learns nothing of the kubeconfig', async (_, headers) => {
    const { status, body } = await send({ headers: headers() });
    const sources = JSON.parse(body) as Sources;
    expect(status).toBe(200);
    expect(sources).toMatchObject({ live: [], withheld: 2, problem: null });
    expect(sources.demo.length).toBeGreaterThan(1);
    expect(body).not.toMatch(/home|dead|admin|kubeconfig/);

    const before = demo.requests();
    for (const context of ['home', 'dead', 'nowhere', '']) {
      const path = `/_runbook/run?runbook=gateway-not-programmed&source=live:${context}`;
      const refused = await send({ path, headers: headers() });
      expect([refused.status, refused.body]).toEqual([401, expect.stringContaining('through the link')]);
    }
    expect(demo.requests()).toBe(before);
  });

  it('may run the demo cluster', async () => {
    const path = '/_runbook/run?runbook=missing-sni&source=demo:healthy';
    const { body } = await send({ path, headers: { cookie: undefined, 'x-runbook-page': 'none' } });
    expect(events(body).at(-1)).toMatchObject({ type: 'finished', outcome: 'passed' });
  });

  it('is no page that has its cookie among others of the same name', async () => {
    const [name = ''] = key.cookie.split('=');
    for (const cookie of [`${name}=tossed; ${key.cookie}`, `${key.cookie}; ${name}=`, `a=b;${key.cookie};c`]) {
      expect(JSON.parse((await send({ headers: { cookie } })).body)).toMatchObject({ withheld: 0 });
    }
  });

  it('is not told where a kubeconfig is missing or broken', async () => {
    const broken = createServer((incoming, response) => api(incoming, response, () => response.end()));
    const api = createApi({ door: new Door(), kubeconfig: '/nowhere/of-mine' });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { body } = await sendTo((broken.address() as AddressInfo).port, '/_runbook/sources', {
      headers: { 'x-runbook-page': 'none' },
    });
    expect(JSON.parse(body)).toMatchObject({ live: [], withheld: 0, explicit: false });
    expect(body).not.toContain('of-mine');
    expect(body).toContain('terminal says why');
    broken.close();
  });
});

describe('what there is to ask', () => {
  it('lists contexts and scenarios, and no credentials', async () => {
    const { body } = await send({});
    const sources = JSON.parse(body) as Sources;
    expect(sources.live.map(({ label, current }) => [label, current])).toEqual([
      ['home', true],
      ['dead', false],
    ]);
    expect(sources.demo[0]?.value).toBe('demo:healthy');
    expect(sources.problem).toBeNull();
    const secret = /token: (\S+)/.exec(demo.kubeconfig())?.[1] ?? 'none';
    expect(secret.length).toBeGreaterThan(10);
    expect(body).not.toContain(secret);
  });

  const unknown = [
    '/_runbook/run?runbook=../../etc/passwd&source=live:home',
    '/_runbook/run?runbook=gateway-not-programmed&source=live:$(id)',
    '/_runbook/run?runbook=gateway-not-programmed&source=snapshot:/etc/passwd',
    '/_runbook/run?runbook=gateway-not-programmed&source=demo:../healthy',
    '/_runbook/run?runbook=gateway-not-programmed',
    '/_runbook/run',
    '/_runbook/../secrets',
    '/_runbook/',
  ];
  it.each(unknown)('knows no %s', async (path) => {
    const before = demo.requests();
    expect((await send({ path })).status).toBe(404);
    expect(demo.requests()).toBe(before);
  });
});

describe('an input', () => {
  const run = '/_runbook/run?runbook=request-path&source=live:home';

  it.each([
    [`${run}&input.hostname=docs..sudhanva.me%2F..%2Fetc`, 'cannot be'],
    [`${run}&input.hostname=docs.sudhanva.me%20etc`, 'cannot be'],
    [`${run}&input.hostname=${'a.'.repeat(200)}me`, 'cannot be'],
    [`${run}&input.hostname=$(id)`, 'It takes a name of at least two labels'],
    [`${run}&input.port=443`, 'There is no input port.'],
    [`${run}&input.__proto__=x`, 'There is no input __proto__.'],
    ['/_runbook/run?runbook=missing-sni&source=live:home&input.hostname=docs.sudhanva.me', 'takes no input'],
  ])('is turned away before anything is read: %s', async (path, message) => {
    const before = demo.requests();
    const { status, body } = await send({ path });
    expect(status).toBe(400);
    expect((JSON.parse(body) as { error: string }).error).toContain(message);
    expect(demo.requests()).toBe(before);
  });

  it.each(['jellyfin.sudhanva.me', 'https://jellyfin.sudhanva.me/web/?a=b#home'])(
    '%s: says which request is followed',
    async (hostname) => {
      const { body } = await send({
        path: `/_runbook/run?runbook=request-path&source=demo:healthy&input.hostname=${encodeURIComponent(hostname)}`,
      });
      const last = events(body).at(-1);
      if (last?.type !== 'finished') throw new Error('The run did not finish.');
      expect(last.outcome).toBe('passed');
      expect(last.html).toContain('https://jellyfin.sudhanva.me/');
      expect(last.html).not.toContain('https://docs.sudhanva.me/ is');
    },
  );

  it('for a hostname that no route names leads to no probe, but to the answer', async () => {
    const { body } = await send({
      path: '/_runbook/run?runbook=request-path&source=demo:healthy&input.hostname=evil.example.com',
    });
    const last = events(body).at(-1);
    if (last?.type !== 'finished') throw new Error('The run did not finish.');
    expect(last.markdown).toContain('No HTTPRoute on the Gateway takes evil.example.com');
    expect(last.markdown).toContain('so it is not asked for');
  });
});

describe('a run', () => {
  it('streams each verdict and then the result', async () => {
    const { status, body } = await send({ path: '/_runbook/run?runbook=gateway-not-programmed&source=live:home' });
    expect(status).toBe(200);
    const all = events(body);
    const planned = all[0];
    expect(planned?.type).toBe('planned');
    const ids = planned?.type === 'planned' ? planned.checks.map(({ id }) => id) : [];
    expect(all.filter(({ type }) => type === 'verdict')).toHaveLength(ids.length);
    expect(all.at(-1)).toMatchObject({ type: 'finished', outcome: 'passed' });
  });

  it('names the root cause with the object’s YAML', async () => {
    const { body } = await send({
      path: '/_runbook/run?runbook=gateway-not-programmed&source=demo:operator-crash-loop',
    });
    const last = events(body).at(-1);
    if (last?.type !== 'finished') throw new Error('The run did not finish.');
    expect(last.outcome).toBe('failed');
    expect(last.html).toContain('Deployment tailscale/operator');
    expect(last.html).toContain('class="shiki');
    expect(last.html).not.toContain('managedFields');
    expect(last.markdown).toContain('### Root cause: The Tailscale Operator starts and ends again');
    expect(last.components).toEqual({ 'tailscale-operator': 'failed' });
  });

  it('says what is wrong when nobody answers', async () => {
    const { body } = await send({ path: '/_runbook/run?runbook=gateway-not-programmed&source=live:dead' });
    const last = events(body).at(-1);
    if (last?.type !== 'finished') throw new Error('The run did not finish.');
    expect(last.outcome).toBe('unknown');
    expect(last.html).toContain('refused the connection');
  });

  it('tells that there is no kubeconfig, and offers the demo', async () => {
    const { listSources } = await import('../../../src/server/api/choices.ts');
    const sources = await listSources({ kubeconfig: '/nowhere/kubeconfig' });
    expect(sources.live).toEqual([]);
    expect(sources.demo.length).toBeGreaterThan(1);
    expect(sources.problem?.message).toContain('/nowhere/kubeconfig');
  });
});
