/** What a server may do to whoever reads from it: nothing but waste a bounded amount of time and memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { mostPages } from '../../src/cluster/budget.ts';
import { runProcess } from '../../src/cluster/process.ts';
import { connect, type ConnectOptions, type LiveCluster } from '../../src/cluster/connect.ts';
import type { ProblemKind } from '../../src/runbook/fact.ts';
import type { ClusterRead } from '../../src/runbook/read.ts';
import { createAuthority, type Authority, type KeyPair } from '../support/certificates.ts';
import { sendJson, sendUnknownPath, status } from './api-server.ts';
import { modes, page, startEvilServer, type EvilServer, type Mode } from './evil-server.ts';
import { base64, kubeconfig, temporaryDirectory, write } from './files.ts';

let authority: Authority;
let own: KeyPair;

beforeAll(async () => {
  authority = await createAuthority('CN=kubernetes-ca');
  own = await authority.server(['127.0.0.1']);
});

async function against(
  mode: Mode,
  options: ConnectOptions = {},
): Promise<{ server: EvilServer; cluster: LiveCluster }> {
  const server = await startEvilServer(own, mode);
  const entry = { server: server.url, 'certificate-authority-data': base64(authority.cert) };
  const file = write(temporaryDirectory(), 'config', kubeconfig(entry, { token: 'sesame' }));
  const cluster = connect({ kubeconfig: file, env: {}, timeoutMs: 5000, ...options });
  onTestFinished(() => cluster.close());
  return { server, cluster };
}

const routes: ClusterRead = { type: 'list', kind: 'HTTPRoute', why: '' };
const pods: ClusterRead = { type: 'list', kind: 'Pod', namespace: 'docs', why: '' };
const gateway: ClusterRead = { type: 'object', kind: 'Gateway', namespace: 'tailscale', name: 'gateway', why: '' };

async function problemOf(cluster: LiveCluster, read: ClusterRead, signal?: AbortSignal) {
  const fact = await cluster.read(read, signal);
  if (fact.ok) throw new Error('Expected a problem.');
  const { kind, message } = fact.problem;
  expect(message.length).toBeLessThan(1200);
  expect(message).not.toMatch(/sesame|\n|undefined|NaN|\[object/);
  return { kind, message };
}

interface Case {
  mode: keyof typeof modes;
  read?: ClusterRead;
  kind: ProblemKind;
  says: RegExp;
  requests: number;
  options?: ConnectOptions;
}

const quick = { timeoutMs: 300, readTimeoutMs: 500 };

const cases: readonly Case[] = [
  { mode: 'endless pages with objects', kind: 'malformed', says: /does not end.*200 pages/, requests: mostPages },
  { mode: 'endless pages without objects', kind: 'malformed', says: /does not end.*200 pages/, requests: mostPages },
  { mode: 'endless pages, slowly', kind: 'timed-out', says: /within 0\.5 s/, requests: 6, options: quick },
  { mode: 'too many objects in one page', kind: 'malformed', says: /more after 100000 objects/, requests: 1 },
  { mode: 'pages that expire again and again', kind: 'malformed', says: /410/, requests: 2 },
  { mode: 'a bomb', kind: 'malformed', says: /longer than 16 MiB/, requests: 1 },
  { mode: 'a bomb for an error', kind: 'malformed', says: /longer than 16 MiB/, requests: 1 },
  { mode: 'a flood', kind: 'malformed', says: /longer than 16 MiB/, requests: 1 },
  { mode: 'a drip', kind: 'timed-out', says: /within 0\.3 s/, requests: 1, options: quick },
  { mode: 'a refusal of 10 MB', kind: 'forbidden', says: /pods is forbidden: x+.*….*the end/, requests: 1 },
  { mode: 'a refusal with a token in it', kind: 'forbidden', says: /Authorization: REDACTED/, requests: 1 },
  { mode: 'deep lists', kind: 'malformed', says: /more than 200 levels deep/, requests: 1 },
  { mode: 'deep objects', kind: 'malformed', says: /more than 200 levels deep/, requests: 1 },
  { mode: 'a deep refusal', kind: 'forbidden', says: /not in the words of the Kubernetes API/, requests: 1 },
  { mode: 'a kind of 1 MB', kind: 'malformed', says: /answered with v1 xxx.*…/, requests: 1 },
  { mode: 'objects without names', kind: 'malformed', says: /item 0 .*no metadata with a name/, requests: 1 },
  { mode: 'objects of another namespace', read: pods, kind: 'malformed', says: /another namespace/, requests: 1 },
  { mode: 'objects of another kind', kind: 'malformed', says: /another kind/, requests: 1 },
  { mode: 'a list of another version', kind: 'malformed', says: /answered with v2 HTTPRouteList/, requests: 1 },
  { mode: 'Go: 404 page not found', kind: 'malformed', says: /httproutes.*\/version.*404/, requests: 3 },
  { mode: 'Go: 404 page not found', read: pods, kind: 'malformed', says: /built-in kind/, requests: 1 },
  { mode: 'nginx: 404', kind: 'malformed', says: /404, text\/html/, requests: 1 },
  {
    mode: 'a proxy’s Status for everything',
    kind: 'malformed',
    says: /missing.*cluster "home" not found.*proxy/,
    requests: 1,
  },
  { mode: 'JSON: not found', kind: 'malformed', says: /404, application\/json/, requests: 1 },
  { mode: 'a page that is refused', kind: 'forbidden', says: /not in the words/, requests: 1 },
  { mode: 'busy for ever', kind: 'unreachable', says: /429: busy/, requests: 3 },
  { mode: 'silence', kind: 'timed-out', says: /did not answer within 0\.3 s/, requests: 1, options: quick },
  { mode: 'endless 1xx', kind: 'timed-out', says: /did not answer within 0\.3 s/, requests: 1, options: quick },
];

test.each(cases)('$mode: $kind', async ({ mode, read = routes, kind, says, requests, options }) => {
  const { server, cluster } = await against(modes[mode], options);
  const found = await problemOf(cluster, read);
  expect(found.kind).toBe(kind);
  expect(found.message).toMatch(says);
  expect(server.requests()).toBeLessThanOrEqual(requests);
  expect(cluster.requests()).toBe(server.requests());
  // What was given up is not kept.
  if (kind === 'timed-out') await expect.poll(server.connections).toBe(0);
});

test('every mode is tried', () => {
  expect(Object.keys(modes).filter((mode) => !cases.some((one) => one.mode === mode))).toEqual([]);
});

test('as many routes as there are in a large cluster are no flood', async () => {
  const names = (from: number) => Array.from({ length: 500 }, (_, index) => `route-${from + index}`);
  const { cluster, server } = await against((request, response) => {
    const from = Number(new URL(request.url ?? '', 'https://x').searchParams.get('continue') ?? 0);
    sendJson(response, 200, page(request, names(from), from < 9500 ? String(from + 500) : undefined));
  });
  const fact = await cluster.read(routes);
  expect(fact.ok && (fact.value as unknown[]).length).toBe(10_000);
  expect(server.requests()).toBe(20);
});

test('a list in one piece may be longer than a page', async () => {
  const { cluster } = await against((request, response) => {
    if (request.url?.includes('limit=')) return sendJson(response, 410, status(410, 'Expired', 'too old'));
    const metadata = { name: 'a', namespace: 'apps', annotations: { much: 'x'.repeat(40 * 2 ** 20) } };
    return sendJson(response, 200, { ...page(request, []), items: [{ metadata }] });
  });
  expect(await cluster.read(routes)).toMatchObject({ ok: true });
});

test('all answers together have a limit, however many there are', async () => {
  const { cluster } = await against((request, response) => {
    const metadata = { name: 'a', namespace: 'apps', annotations: { much: 'x'.repeat(15 * 2 ** 20) } };
    sendJson(response, 200, { ...page(request, []), items: [{ metadata }] });
  });
  const facts = [];
  for (let index = 0; index < 20; index++) facts.push(await cluster.read(routes));
  expect(facts.filter(({ ok }) => ok)).toHaveLength(17);
  expect(facts.at(-1)).toMatchObject({ problem: { kind: 'malformed', message: /more than 256 MiB in all/ } });
});

describe('a kind is not installed only where the server has proved to be Kubernetes', () => {
  const forbidden = (name: string) =>
    status(403, 'Forbidden', `${name} is forbidden: User "reader" cannot list resource "${name}"`, { kind: name });
  const noPath = status(403, 'Forbidden', 'forbidden: User "reader" cannot get path "/version"', {});
  const notFound = status(404, 'NotFound', 'pods "a" not found', { name: 'a', kind: 'pods' });

  test.each<[string, ClusterRead | undefined, Mode]>([
    ['/version', undefined, (_, response) => sendJson(response, 200, { gitVersion: 'v1.36.2+k3s1' })],
    ['a refusal of /version', undefined, (_, response) => sendJson(response, 403, noPath)],
    ['a list', pods, (request, response) => sendJson(response, 200, page(request, []))],
    ['a refusal of a kind', pods, (_, response) => sendJson(response, 403, forbidden('pods'))],
    [
      'an object that does not exist',
      { type: 'object', kind: 'Pod', namespace: 'docs', name: 'a', why: '' },
      (_, response) => sendJson(response, 404, notFound),
    ],
  ])('by %s', async (_, before, prove) => {
    const { cluster, server } = await against((request, response, requests) =>
      request.url?.startsWith('/apis/') ? sendUnknownPath(response) : prove(request, response, requests),
    );
    if (before !== undefined) await cluster.read(before);
    expect(await problemOf(cluster, routes)).toMatchObject({ kind: 'kind-not-installed' });
    expect(server.paths.filter((path) => path === '/version')).toHaveLength(before === undefined ? 1 : 0);
  });

  test('the run’s own question for the version is all that it takes, for however many kinds', async () => {
    const { cluster, server } = await against((request, response) =>
      request.url === '/version'
        ? void setTimeout(() => sendJson(response, 200, { gitVersion: 'v1.36.2' }), 100)
        : sendUnknownPath(response),
    );
    const [, ...facts] = await Promise.all([cluster.version(), cluster.read(routes), cluster.read(gateway)]);
    expect(facts).toMatchObject(Array(2).fill({ problem: { kind: 'kind-not-installed' } }));
    await cluster.read(routes);
    expect(server.paths.filter((path) => path === '/version')).toHaveLength(1);
  });

  test('what another program says of its version is no proof', async () => {
    const { cluster } = await against((request, response) =>
      request.url === '/version' ? sendJson(response, 200, { version: 'v2.1' }) : sendUnknownPath(response),
    );
    expect((await problemOf(cluster, routes)).kind).toBe('malformed');
  });
});

test('an answer to another question is not taken for one', async () => {
  const { cluster } = await against((_, response) =>
    sendJson(response, 200, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'other', namespace: 'tailscale' },
    }),
  );
  expect(await problemOf(cluster, gateway)).toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining('answered with tailscale/other, not tailscale/gateway') as string,
  });
});

describe('a run that is stopped', () => {
  const person = () => new Error('you stopped it');

  test.each([
    'endless pages with objects',
    'endless pages, slowly',
    'a drip',
    'silence',
    'busy for ever',
    'endless 1xx',
  ] as const)('frees its connections, and asks nothing more: %s', async (mode) => {
    const { server, cluster } = await against(modes[mode], { timeoutMs: 60_000 });
    const stop = new AbortController();
    const reads = Array.from({ length: 40 }, () => problemOf(cluster, routes, stop.signal));
    await expect.poll(server.requests).toBeGreaterThanOrEqual(16);
    stop.abort(person());
    const before = performance.now();
    const found = await Promise.all(reads);
    expect(performance.now() - before).toBeLessThan(500);
    const message = expect.stringMatching(/: you stopped it\.$/) as string;
    expect(found).toEqual(Array(40).fill({ kind: 'timed-out', message }));
    await expect.poll(server.connections).toBe(0);
    const asked = server.requests();
    await sleep(300);
    expect(server.requests()).toBe(asked);
    expect(server.connections()).toBe(0);
  });

  test('asks nothing at all when it was stopped before', async () => {
    const { server, cluster } = await against(modes['Go: 404 page not found']);
    const found = await problemOf(cluster, routes, AbortSignal.abort(person()));
    expect(found).toMatchObject({ kind: 'timed-out', message: expect.stringMatching(/you stopped it/) as string });
    expect(await cluster.version(AbortSignal.abort())).toMatchObject({
      problem: { kind: 'timed-out', message: expect.stringMatching(/: the run was stopped\.$/) as string },
    });
    expect(server.requests()).toBe(0);
  });

  test('does not take the version away from others who asked for it', async () => {
    const { cluster, server } = await against(
      (_, response) => void setTimeout(() => sendJson(response, 200, { gitVersion: 'v1.36.2' }), 150),
    );
    const stop = new AbortController();
    const [mine, others] = [cluster.version(stop.signal), cluster.version()];
    stop.abort(person());
    expect(await mine).toMatchObject({ problem: { kind: 'timed-out' } });
    expect(await others).toEqual({ ok: true, value: 'v1.36.2' });
    expect(server.requests()).toBe(1);
  });

  test('is one whose connection is closed', async () => {
    const { server, cluster } = await against(modes.silence, { timeoutMs: 60_000 });
    const reads = Array.from({ length: 40 }, (_, index) => problemOf(cluster, { ...pods, namespace: `n${index}` }));
    await expect.poll(server.requests).toBe(16);
    await cluster.close();
    expect(new Set((await Promise.all(reads)).map(({ message }) => message.split(': ')[1]))).toEqual(
      new Set(['the connection was closed.']),
    );
    await expect.poll(server.connections).toBe(0);
    await sleep(200);
    expect(server.requests()).toBe(16);
  });

  test('can be followed by another on the same connection', async () => {
    let isSilent = true;
    const { cluster, server } = await against((request, response) =>
      isSilent ? undefined : sendJson(response, 200, page(request, [])),
    );
    const stop = new AbortController();
    const read = cluster.read(routes, stop.signal);
    await expect.poll(server.requests).toBe(1);
    stop.abort();
    await read;
    isSilent = false;
    expect(await cluster.read(routes)).toEqual({ ok: true, value: [] });
  });
});

test('sixteen bombs at once, of a gibibyte each, cost less memory than an eighth of one', async () => {
  const { server } = await against((request, response) =>
    request.url === '/version'
      ? sendJson(response, 200, { gitVersion: 'v1.36.2' })
      : modes['a bomb'](request, response),
  );
  const file = write(
    temporaryDirectory(),
    'config',
    kubeconfig({ server: server.url, 'insecure-skip-tls-verify': true }),
  );
  const script = `
    import { connect } from ${JSON.stringify(new URL('../../src/cluster/connect.ts', import.meta.url).href)};
    const cluster = connect({ kubeconfig: ${JSON.stringify(file)}, env: {} });
    // What reading takes at all is there before.
    await cluster.version();
    const before = process.resourceUsage().maxRSS;
    const facts = await Promise.all(Array.from({ length: 16 }, (_, index) =>
      cluster.read({ type: 'list', kind: 'Pod', namespace: 'n' + index, why: '' })));
    await cluster.close();
    console.log(JSON.stringify({ grown: process.resourceUsage().maxRSS - before, messages: facts.map((fact) => fact.problem?.message) }));
  `;
  const child = await runProcess(process.execPath, ['--input-type=module', '-e', script], {
    env: process.env,
    timeoutMs: 30_000,
    signal: new AbortController().signal,
  });
  if (child.how !== 'finished') throw new Error(JSON.stringify(child));
  const { grown, messages } = JSON.parse(child.stdout) as { grown: number; messages: string[] };
  console.log(child.stdout.slice(0, 300));
  expect(messages).toEqual(Array(16).fill(expect.stringMatching(/longer than 16 MiB|more than 256 MiB/)));
  // In kibibytes; most of it is memory that will be used again.
  expect(grown).toBeLessThan(128 * 1024);
});
