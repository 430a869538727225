import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { mostPageBytes } from '../../src/cluster/budget.ts';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ClusterRead } from '../../src/runbook/read.ts';
import { connect, type ConnectOptions, type LiveCluster } from '../../src/cluster/connect.ts';
import { kubeconfig, temporaryDirectory, write } from './files.ts';
import { sendJson, sendText, sendUnknownPath, startApiServer, status, type ApiServer } from './api-server.ts';

let server: ApiServer;
let cluster: LiveCluster;

const open = (url: string, options: ConnectOptions = {}): LiveCluster => {
  const file = write(temporaryDirectory(), 'config', kubeconfig({ server: url }, { token: 'sesame' }));
  const opened = connect({ kubeconfig: file, env: {}, timeoutMs: 2000, ...options });
  onTestFinished(() => opened.close());
  return opened;
};

beforeEach(async () => {
  server = await startApiServer();
  cluster = open(server.url);
});

afterEach(async () => {
  // Whatever a test did, nothing but GET was sent.
  expect(server.asked.filter(({ method }) => method !== 'GET')).toEqual([]);
  await server.close();
});

const gateway: ClusterRead = {
  type: 'object',
  kind: 'Gateway',
  namespace: 'tailscale',
  name: 'tailscale-gateway',
  why: '',
};
const routes: ClusterRead = { type: 'list', kind: 'HTTPRoute', why: '' };
const pods: ClusterRead = { type: 'list', kind: 'Pod', namespace: 'envoy-gateway', why: '' };
const node: ClusterRead = {
  type: 'object',
  kind: 'CiliumNodeConfig',
  namespace: 'kube-system',
  name: 'override',
  why: '',
};
const log: ClusterRead = {
  type: 'log',
  namespace: 'envoy-gateway',
  pod: 'envoy-1',
  container: 'envoy',
  tailLines: 20,
  keep: { lines: '', fields: [] },
  why: '',
};

const gatewayObject = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'tailscale-gateway', namespace: 'tailscale' },
};
const routeList = (names: readonly string[], metadata: object = {}) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRouteList',
  metadata: { resourceVersion: '552', ...metadata },
  items: names.map((name) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'apps' },
  })),
});

const problemOf = async (read: ClusterRead, from: LiveCluster = cluster) => {
  const fact = await from.read(read);
  if (fact.ok) throw new Error(`Expected a problem, got ${JSON.stringify(fact.value)}`);
  expect(fact.problem.message).not.toContain('sesame');
  expect(fact.problem.message).not.toMatch(/\n|^\s+at /m);
  return fact.problem;
};

const sendVersion = (response: ServerResponse): void =>
  sendJson(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.2' });

/** No resolver takes a label of 64 characters, so this fails at once wherever the test runs. */
const unknownName = `${'x'.repeat(64)}.invalid`;

describe('an object', () => {
  test('is read by its path, with the token', async () => {
    server.answer((_, response) => sendJson(response, 200, gatewayObject));
    expect(await cluster.read(gateway)).toEqual({ ok: true, value: gatewayObject });
    expect(server.asked).toMatchObject([
      {
        method: 'GET',
        url: '/apis/gateway.networking.k8s.io/v1/namespaces/tailscale/gateways/tailscale-gateway',
        headers: { accept: 'application/json', authorization: 'Bearer sesame' },
      },
    ]);
    expect(cluster.requests()).toBe(1);
  });

  test('comes compressed, and below a path of the server', async () => {
    const rancher = open(`${server.url}/k8s/clusters/c-1/`);
    server.answer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(gatewayObject)));
    });
    expect(await rancher.read(gateway)).toEqual({ ok: true, value: gatewayObject });
    expect(server.asked[0]?.url).toMatch(/^\/k8s\/clusters\/c-1\/apis\/gateway/);
    expect(rancher.server).toBe(`${server.url}/k8s/clusters/c-1`);
  });

  test('that does not exist is not found', async () => {
    server.answer((_, response) =>
      sendJson(
        response,
        404,
        status(404, 'NotFound', 'gateways.gateway.networking.k8s.io "tailscale-gateway" not found', {
          name: 'tailscale-gateway',
          group: 'gateway.networking.k8s.io',
          kind: 'gateways',
        }),
      ),
    );
    const problem = await problemOf(gateway);
    expect(problem.kind).toBe('not-found');
    expect(problem.message).toContain('Gateway tailscale/tailscale-gateway');
    expect(server.asked).toHaveLength(1);
  });

  test('of a kind that no version serves is of a kind that is not installed', async () => {
    server.answer(({ url }, response) => (url === '/version' ? sendVersion(response) : sendUnknownPath(response)));
    const problem = await problemOf(gateway);
    expect(problem.kind).toBe('kind-not-installed');
    expect(problem.message).toContain('gateways.gateway.networking.k8s.io');
    expect(server.asked.map(({ url }) => url.split('/')[3] ?? url)).toEqual(['v1', 'v1beta1', '/version']);
  });

  test('is read in the next version that the server serves', async () => {
    const metadata = { name: 'override', namespace: 'kube-system' };
    const found = { apiVersion: 'cilium.io/v2alpha1', kind: 'CiliumNodeConfig', metadata };
    server.answer(({ url }, response) =>
      url.startsWith('/apis/cilium.io/v2alpha1/') ? sendJson(response, 200, found) : sendUnknownPath(response),
    );
    expect(await cluster.read(node)).toEqual({ ok: true, value: found });
    expect(cluster.requests()).toBe(2);
  });

  test('of a built-in kind that is unknown means that this is no Kubernetes API', async () => {
    server.answer((_, response) => sendUnknownPath(response));
    expect((await problemOf(pods)).kind).toBe('malformed');
  });

  test.each(['', '.', '..', 'a/b', 'a%2Fb'])('called %j is never asked for', async (name) => {
    server.answer((_, response) => sendJson(response, 200, gatewayObject));
    const problem = await problemOf({ ...gateway, name });
    expect(problem.kind).toBe('malformed');
    expect(server.asked).toEqual([]);
  });

  test('of another kind is malformed', async () => {
    server.answer((_, response) => sendJson(response, 200, { ...gatewayObject, kind: 'Table' }));
    const problem = await problemOf(gateway);
    expect(problem).toMatchObject({ kind: 'malformed', message: expect.stringContaining('Table') as string });
  });
});

describe('a list', () => {
  test('is read page by page', async () => {
    const pages = new Map([
      [null, routeList(['a', 'b'], { continue: 'eyJ2=', remainingItemCount: 2 })],
      ['eyJ2=', routeList(['c'], { continue: 'eyJ3=', remainingItemCount: 1 })],
      ['eyJ3=', routeList(['d'])],
    ]);
    server.answer(({ url }, response) =>
      sendJson(response, 200, pages.get(new URL(url, server.url).searchParams.get('continue'))),
    );
    const fact = await cluster.read(routes);
    expect(fact.ok && (fact.value as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/apis/gateway.networking.k8s.io/v1/httproutes?limit=500',
      '/apis/gateway.networking.k8s.io/v1/httproutes?limit=500&continue=eyJ2%3D',
      '/apis/gateway.networking.k8s.io/v1/httproutes?limit=500&continue=eyJ3%3D',
    ]);
    expect(cluster.requests()).toBe(3);
  });

  test('that expires between two pages is read again at once', async () => {
    server.answer(({ url }, response) => {
      const { searchParams } = new URL(url, server.url);
      if (searchParams.has('continue'))
        return sendJson(response, 410, status(410, 'Expired', 'The provided continue parameter is too old'));
      if (searchParams.has('limit')) return sendJson(response, 200, routeList(['a'], { continue: 'old' }));
      return sendJson(response, 200, routeList(['a', 'b']));
    });
    const fact = await cluster.read(routes);
    expect(fact).toMatchObject({ ok: true, value: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] });
    expect(server.asked).toHaveLength(3);
  });

  test('that expires again and again ends', async () => {
    server.answer((_, response) => sendJson(response, 410, status(410, 'Expired', 'too old')));
    expect((await problemOf(routes)).kind).toBe('malformed');
    expect(server.asked).toHaveLength(2);
  });

  test('whose pages do not end is malformed', async () => {
    server.answer((_, response) => sendJson(response, 200, routeList(['a'], { continue: 'same' })));
    expect((await problemOf(routes)).kind).toBe('malformed');
    expect(server.asked).toHaveLength(2);
  });

  test('with a problem on a later page is that problem, not half a list', async () => {
    server.answer(({ url }, response) =>
      url.includes('continue')
        ? sendJson(response, 500, status(500, 'InternalError', 'etcdserver: leader changed'))
        : sendJson(response, 200, routeList(['a'], { continue: 'next' })),
    );
    expect(await problemOf(routes)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('500: etcdserver: leader changed') as string,
    });
  });

  test('of a built-in kind gets the kind and version that its items leave out', async () => {
    server.answer((_, response) =>
      sendJson(response, 200, {
        kind: 'PodList',
        apiVersion: 'v1',
        metadata: {},
        items: [{ metadata: { name: 'envoy-1', namespace: 'envoy-gateway' } }],
      }),
    );
    expect(await cluster.read(pods)).toEqual({
      ok: true,
      value: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'envoy-1', namespace: 'envoy-gateway' } }],
    });
  });

  test('may be empty, also when the server writes null', async () => {
    for (const items of [[], null]) {
      server.answer((_, response) =>
        sendJson(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }),
      );
      expect(await cluster.read(pods)).toEqual({ ok: true, value: [] });
    }
  });

  test('is narrowed by labels', async () => {
    server.answer((_, response) =>
      sendJson(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] }),
    );
    await cluster.read({ ...pods, labels: { 'app.kubernetes.io/name': 'envoy', tier: 'proxy' } });
    const { pathname, searchParams } = new URL(server.asked[0]?.url ?? '', server.url);
    expect(pathname).toBe('/api/v1/namespaces/envoy-gateway/pods');
    expect(searchParams.get('labelSelector')).toBe('app.kubernetes.io/name=envoy,tier=proxy');
  });

  test('of a kind that is not installed is told apart from an empty one', async () => {
    server.answer(({ url }, response) => (url === '/version' ? sendVersion(response) : sendUnknownPath(response)));
    expect((await problemOf(routes)).kind).toBe('kind-not-installed');
  });

  test('of a path that an aggregated API does not know is of a kind that is not installed', async () => {
    const said = status(404, 'NotFound', 'the server could not find the requested resource', {});
    server.answer(({ url }, response) => (url === '/version' ? sendVersion(response) : sendJson(response, 404, said)));
    expect((await problemOf(routes)).kind).toBe('kind-not-installed');
  });
});

describe('a log', () => {
  test('is read as text', async () => {
    server.answer((_, response) => sendText(response, 200, 'one\ntwo\n', 'text/plain'));
    expect(await cluster.read(log)).toEqual({ ok: true, value: 'one\ntwo\n' });
    expect(server.asked[0]?.url).toBe('/api/v1/namespaces/envoy-gateway/pods/envoy-1/log?container=envoy&tailLines=20');
  });

  test('of a container that the pod does not have does not exist', async () => {
    server.answer((_, response) =>
      sendJson(response, 400, status(400, 'BadRequest', 'container envoy is not valid for pod envoy-1')),
    );
    expect(await problemOf(log)).toMatchObject({
      kind: 'not-found',
      message: expect.stringContaining('container envoy is not valid for pod envoy-1') as string,
    });
  });

  test('of a pod that does not exist does not exist', async () => {
    server.answer((_, response) =>
      sendJson(response, 404, status(404, 'NotFound', 'pods "envoy-1" not found', { name: 'envoy-1', kind: 'pods' })),
    );
    expect((await problemOf(log)).kind).toBe('not-found');
  });

  test('behind a node that does not answer is unreachable', async () => {
    server.answer((_, response) =>
      sendJson(response, 500, status(500, undefined, 'no preferred addresses found; known addresses: []')),
    );
    expect((await problemOf(log)).kind).toBe('unreachable');
  });
});

describe('the version', () => {
  test('is the gitVersion', async () => {
    server.answer((_, response) => sendJson(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.2' }));
    expect(await cluster.version()).toEqual({ ok: true, value: 'v1.36.2' });
    expect(server.asked[0]?.url).toBe('/version');
  });

  test('of something else is malformed', async () => {
    server.answer((_, response) => sendJson(response, 200, { version: '7' }));
    expect(await cluster.version()).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

describe('a server that does not answer the question', () => {
  test('does not know the user', async () => {
    server.answer((_, response) => sendJson(response, 401, status(401, 'Unauthorized', 'Unauthorized')));
    const problem = await problemOf(gateway);
    expect(problem.kind).toBe('unauthenticated');
    expect(problem.message).toContain('home-user');
  });

  test('does not let the user read it', async () => {
    const said =
      'httproutes.gateway.networking.k8s.io is forbidden: User "nobody" cannot list resource "httproutes" in API group "gateway.networking.k8s.io" at the cluster scope';
    server.answer((_, response) =>
      sendJson(
        response,
        403,
        status(403, 'Forbidden', said, { group: 'gateway.networking.k8s.io', kind: 'httproutes' }),
      ),
    );
    const problem = await problemOf(routes);
    expect(problem.kind).toBe('forbidden');
    expect(problem.message).toContain(said);
    expect(problem.message).toContain('npm run --silent runbook -- permissions');
  });

  test('is busy for a moment', async () => {
    let busy = 2;
    server.answer((_, response) =>
      busy-- > 0
        ? sendJson(response, 429, status(429, 'TooManyRequests', 'Too many requests, please try again later.'), {
            'retry-after': '0',
          })
        : sendJson(response, 200, gatewayObject),
    );
    expect(await cluster.read(gateway)).toEqual({ ok: true, value: gatewayObject });
    expect(cluster.requests()).toBe(3);
  });

  test('stays busy', async () => {
    server.answer((_, response) =>
      sendJson(response, 429, status(429, 'TooManyRequests', 'busy'), { 'retry-after': '0' }),
    );
    expect(await problemOf(gateway)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('429') as string,
    });
    expect(server.asked).toHaveLength(3);
  });

  test('asks for more patience than a reader has', async () => {
    server.answer((_, response) =>
      sendJson(response, 429, status(429, 'TooManyRequests', 'busy'), { 'retry-after': '30' }),
    );
    expect((await problemOf(gateway)).kind).toBe('unreachable');
    expect(server.asked).toHaveLength(1);
  });

  test.each([500, 502, 503, 504])('fails with %i', async (code) => {
    server.answer((_, response) => sendText(response, code, 'upstream connect error'));
    expect(await problemOf(gateway)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`${code}`) as string,
    });
  });

  test.each([
    ['a login page', 200, '<html><title>Log in</title>', 'text/html'],
    ['a page that is not there', 404, '<html>404 Not Found</html>', 'text/html'],
    ['half an object', 200, JSON.stringify(gatewayObject).slice(0, 40), 'application/json'],
    ['nothing', 200, '', 'application/json'],
    ['JSON of another shape', 200, '{"ok":true}', 'application/json'],
  ])('sends %s', async (_, code, body, contentType) => {
    server.answer((__, response) => sendText(response, code, body, contentType));
    for (const read of [gateway, routes]) expect((await problemOf(read)).kind).toBe('malformed');
  });

  test('sends a login page for a log', async () => {
    server.answer((_, response) => sendText(response, 200, '<html>', 'text/html; charset=utf-8'));
    expect((await problemOf(log)).kind).toBe('malformed');
  });

  test('redirects to a login page, which is not followed', async () => {
    server.answer((_, response) =>
      response.writeHead(302, { location: 'https://login.example.com/?token=sesame' }).end(),
    );
    expect(await problemOf(gateway)).toMatchObject({
      kind: 'malformed',
      message: expect.stringContaining('https://login.example.com (302)') as string,
    });
  });

  test('says that its answer is compressed, and it is not', async () => {
    server.answer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{}'));
    expect((await problemOf(gateway)).kind).toBe('malformed');
  });

  test('is longer when unpacked than memory is to hold', async () => {
    const bomb = gzipSync(Buffer.alloc(mostPageBytes + 1), { level: 1 });
    server.answer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const { kind, message } = await problemOf(gateway, open(server.url, { timeoutMs: 60_000 }));
    expect(kind).toBe('malformed');
    expect(message).toMatch(/longer than 16 MiB/);
  });

  test('goes on without end', async () => {
    const chunk = Buffer.alloc(2 ** 20);
    server.answer((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    const { message } = await problemOf(gateway, open(server.url, { timeoutMs: 60_000 }));
    expect(message).toMatch(/longer than 16 MiB/);
  });

  test('closes the connection', async () => {
    server.answer((_, response) => void response.destroy());
    expect((await problemOf(gateway)).kind).toBe('unreachable');
  });

  test('cuts its answer off', async () => {
    server.answer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"kind":', () => response.destroy());
    });
    expect((await problemOf(gateway)).kind).toBe('malformed');
  });

  test('is silent', async () => {
    server.answer(() => undefined);
    const impatient = open(server.url, { timeoutMs: 80 });
    expect(await problemOf(gateway, impatient)).toMatchObject({
      kind: 'timed-out',
      message: expect.stringContaining('did not answer within 0.08 s') as string,
    });
  });

  test('stops in the middle of its answer', async () => {
    server.answer((_, response) => void response.write('{'));
    expect((await problemOf(gateway, open(server.url, { timeoutMs: 80 }))).kind).toBe('timed-out');
  });

  test('is not there', async () => {
    const gone = await startApiServer();
    await gone.close();
    const problem = await problemOf(gateway, open(gone.url));
    expect(problem).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('refused') as string });
    expect(problem.message).toContain(gone.url);
  });

  test('has a name that nobody knows', async () => {
    expect(await problemOf(gateway, open(`http://${unknownName}:6443`))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(unknownName) as string,
    });
  });
});

describe('connections', () => {
  test('are few, kept and dropped', async () => {
    server.answer((_, response) => sendJson(response, 200, gatewayObject));
    const ask = () => Promise.all(Array.from({ length: 40 }, () => cluster.read(gateway)));
    await ask();
    await ask();
    expect(new Set(server.asked.map(({ socket }) => socket)).size).toBeLessThanOrEqual(16);
    expect(cluster.requests()).toBe(80);
    await cluster.close();
  });

  test('that the server closed meanwhile are replaced', async () => {
    server.answer((_, response) => sendJson(response, 200, gatewayObject));
    await cluster.read(gateway);
    // The next request on the kept connection meets its end.
    let first = true;
    server.answer((_, response) => {
      if (!first) return sendJson(response, 200, gatewayObject);
      first = false;
      response.socket?.resetAndDestroy();
    });
    expect(await cluster.read(gateway)).toMatchObject({ ok: true });
    expect(cluster.requests()).toBe(3);
  });
});
