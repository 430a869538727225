/** Runs over real HTTP when something goes wrong: pages that go away, too many of them, bugs, clusters that never answer. */
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/server/api/api.ts';
import { Door } from '../../../src/server/fence/door.ts';
import type { RunEvent } from '../../../src/server/api/messages.ts';
import { createRunStream, most } from '../../../src/server/api/run-stream.ts';
import { openSource } from '../../../src/sources/open.ts';
import type { Source } from '../../../src/sources/source.ts';
import { defineCheck, pass } from '../../../src/runbook/check.ts';
import { list, plain } from '../../../src/runbook/read.ts';
import { defineRunbook, type Runbook } from '../../../src/runbook/runbook.ts';
import { gatewayNotProgrammed } from '../../../runbooks/issues/gateway-not-programmed.ts';
import { literalCluster } from '../../support/literal-cluster.ts';
import { comeIn, type Key } from '../../support/come-in.ts';
import { endless, evilServer, silence, type Answering, type EvilServer } from '../../support/evil-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-stream-test-'));
const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

async function evil(answering: Answering): Promise<EvilServer & { file: string }> {
  const server = await evilServer(answering);
  ends.push(server.close);
  const file = join(folder, `kubeconfig-${Math.random()}`);
  writeFileSync(file, server.kubeconfig);
  return { ...server, file };
}

async function serve(
  handler: Parameters<typeof createServer>[1],
  prepare: (server: Server) => void = () => undefined,
): Promise<number> {
  const server: Server = createServer(handler);
  prepare(server);
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

let key: Key;

/** The API behind a door of its own, through which the pages of a test have come in. */
async function api(kubeconfig: string): Promise<number> {
  const door = new Door();
  const handle = createApi({ door, kubeconfig });
  const port = await serve(
    (request, response) => handle(request, response, () => response.writeHead(404).end()),
    (server) => door.origins.open(server),
  );
  await door.origins.opened();
  key = await comeIn(door, port);
  return port;
}

const path = '/_runbook/run?runbook=gateway-not-programmed&source=live:evil';

function ask(port: number, to = path): Promise<IncomingMessage> {
  return new Promise((resolve, reject) =>
    get({ host: '127.0.0.1', port, path: to, agent: false, headers: { ...key } }, resolve).on('error', reject),
  );
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return body;
}

const eventsOf = async (response: IncomingMessage): Promise<RunEvent[]> =>
  (await bodyOf(response))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);

const until = (what: () => boolean, timeout = 10_000): Promise<void> =>
  expect.poll(what, { timeout, interval: 20 }).toBe(true);

describe('a page that goes away', () => {
  it.each([
    ['answers nothing', silence],
    ['promises another page again and again', endless],
  ])('leaves nobody at a server that %s', async (_, answering) => {
    const server = await evil(answering);
    const port = await api(server.file);
    const response = await ask(port);
    response.on('error', () => undefined);
    await until(() => server.requests() > 5);
    response.destroy();
    await until(() => server.sockets() === 0, 1000);
    const asked = server.requests();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(server.requests()).toBe(asked);
    expect(server.sockets()).toBe(0);
  });

  it('has its place taken by another', async () => {
    const server = await evil(silence);
    const port = await api(server.file);
    const first = await Promise.all(Array.from({ length: most }, () => ask(port)));
    const refused = await ask(port);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('2');
    expect((JSON.parse(await bodyOf(refused)) as { error: string }).error).toMatch(
      /^4 runs are under way already.*again\.$/,
    );
    first[0]?.on('error', () => undefined).destroy();
    await expect
      .poll(
        async () => {
          const next = await ask(port);
          next.on('error', () => undefined).destroy();
          return next.statusCode;
        },
        { timeout: 5000 },
      )
      .toBe(200);
    for (const response of first) response.on('error', () => undefined).destroy();
  });
});

/** A runbook of one check, as a stream of its own. */
async function streamOf(judge: () => never, open: () => Promise<Source>): Promise<RunEvent[]> {
  const check = defineCheck({
    ...{ id: 'gateway/one' as const, title: 'One is well', component: 'gateway', why: '' },
    reads: { pods: plain(list('Pod', 'w')) },
    judge,
  });
  const well = defineCheck({
    ...{ id: 'gateway/two' as const, title: 'Two is well', component: 'gateway', why: '' },
    reads: {},
    judge: () => pass('Well.'),
  });
  const runbook: Runbook = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [check, well] });
  const stream = createRunStream({ deadlineMs: 1000 });
  const port = await serve((_, response) => void stream({ runbook, open, inputs: {} }, response));
  return eventsOf(await ask(port));
}

const demo = (): Promise<Source> => openSource({ source: 'demo', scenario: 'healthy' });

describe('a stream says how it ended', () => {
  it('when a check has a bug: unknown, and the others as ever', async () => {
    const events = await streamOf(() => {
      throw new TypeError('boom');
    }, demo);
    expect(events.map(({ type }) => type)).toEqual(['planned', 'verdict', 'verdict', 'finished']);
    const last = events.at(-1);
    if (last?.type !== 'finished') throw new Error('The run did not finish.');
    expect(last).toMatchObject({ outcome: 'unknown', stopped: null });
    expect(last.html).toContain('has a bug');
  });

  it('with what is to be known first, where the cluster is not the stack’s', async () => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { namespace: 'network', name: 'internal' },
      spec: { gatewayClassName: 'cilium', listeners: [] },
    };
    const open = (): Promise<Source> =>
      Promise.resolve({
        cluster: { ...literalCluster([gateway]), source: 'live' },
        probes: undefined,
        close: () => Promise.resolve(),
      });
    const stream = createRunStream();
    const asked = { runbook: gatewayNotProgrammed, open, inputs: {} };
    const port = await serve((_, response) => void stream(asked, response));
    const last = (await eventsOf(await ask(port))).at(-1);
    if (last?.type !== 'finished') throw new Error('The run did not finish.');
    expect(last.html).toMatch(
      /^<div class="rb-report"[^>]*><p class="rb-notice" .*?This cluster has no Gateway tailscale\/tailscale-gateway; it has network\/internal: /,
    );
    expect(last.markdown).toContain('**Notice:** This cluster has no Gateway');
  });

  it('when a check does not come to an end', async () => {
    const began = performance.now();
    const events = await streamOf(() => {
      for (;;);
    }, demo);
    expect(performance.now() - began).toBeLessThan(8000);
    expect(events.at(-1)).toMatchObject({ type: 'finished', outcome: 'unknown' });
  });

  it('when the cluster does not answer in time', async () => {
    const { file } = await evil(silence);
    const open = (): Promise<Source> => openSource({ source: 'live', kubeconfig: file });
    const events = await streamOf(() => {
      throw new Error('never judged');
    }, open);
    expect(events[0]).toMatchObject({
      type: 'planned',
      who: expect.arrayContaining([expect.stringContaining('context evil')]) as string[],
    });
    expect(events.at(-1)).toMatchObject({ type: 'finished', stopped: 'the run took longer than 1 s' });
  });

  it('when the cluster cannot be opened', async () => {
    const open = (): Promise<Source> => openSource({ source: 'live', kubeconfig: '/nowhere' });
    const events = await streamOf(() => {
      throw new Error('never judged');
    }, open);
    expect(events).toEqual([{ type: 'problem', html: expect.stringContaining('/nowhere') as string }]);
  });

  it('when the program itself goes wrong', async () => {
    const open = async (): Promise<Source> => {
      const source = await demo();
      return {
        ...source,
        cluster: {
          ...source.cluster,
          requests: () => {
            throw new Error('boom <b>');
          },
        },
      };
    };
    const events = await streamOf(() => {
      throw new Error('no matter');
    }, open);
    expect(events.at(-1)).toMatchObject({ type: 'problem', html: expect.stringContaining('This is a bug') as string });
    expect(JSON.stringify(events.at(-1))).not.toContain('boom');
  });
});
