/** The practice cluster over the local API and real HTTP: who may break it, what it tells, and what it leaves behind. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApi } from '../../../src/server/api/api.ts';
import type { PracticeState, RunEvent, Sources } from '../../../src/server/api/messages.ts';
import { Door } from '../../../src/server/fence/door.ts';
import { loadFaults } from '../../../src/demo/node/faults.ts';
import { troubles } from '../../../packages/apiserver/node/trouble.ts';
import { Practice } from '../../../src/server/api/practice.ts';
import { send as sendTo, type Answer } from '../../support/come-in.ts';

const practice = new Practice();
let server: Server;
let port: number;

beforeAll(async () => {
  const api = createApi({ door: new Door(), kubeconfig: '/nowhere' }, practice);
  server = createServer((incoming, response) => {
    api(incoming, response, () => response.writeHead(404).end('next'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await practice.close();
  await new Promise((resolve) => server.close(resolve));
});

interface Sent {
  method?: string;
  headers?: Record<string, string | undefined>;
}

/** As a page at the plain address, which everybody may open. */
const send = (path: string, { method = 'GET', headers = {} }: Sent = {}): Promise<Answer> => {
  const own = { 'x-runbook-page': 'none', ...(method === 'POST' ? { origin: `http://127.0.0.1:${port}` } : {}) };
  return sendTo(port, `/_runbook/${path}`, { method, headers: { ...own, ...headers } });
};

async function post(path: string): Promise<PracticeState> {
  const { status, body } = await send(`practice/${path}`, { method: 'POST' });
  expect(status, body).toBe(200);
  return JSON.parse(body) as PracticeState;
}

const state = async (): Promise<PracticeState> => JSON.parse((await send('practice')).body) as PracticeState;

async function outcome(runbook: string): Promise<{ outcome: string; markdown: string; html: string }> {
  const { body } = await send(`run?runbook=${runbook}&source=practice`);
  const last = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)
    .at(-1);
  if (last?.type !== 'finished') throw new Error(`The run did not finish: ${body}`);
  return last;
}

describe('who may change it', () => {
  const foreign: readonly (readonly [string, Sent, number])[] = [
    ['with GET', { method: 'GET' }, 405],
    ['with PUT', { method: 'PUT' }, 405],
    ['with OPTIONS, as a preflight', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }, 405],
    ['without the header of the page', { method: 'POST', headers: { 'x-runbook-page': undefined } }, 403],
    ['without an origin', { method: 'POST', headers: { origin: undefined } }, 403],
    ['from another site', { method: 'POST', headers: { origin: 'https://evil.example' } }, 403],
    ['from another port of this machine', { method: 'POST', headers: { origin: 'http://127.0.0.1:1' } }, 403],
    ['from a sandboxed frame', { method: 'POST', headers: { origin: 'null' } }, 403],
    ['by a name that resolves to this machine', { method: 'POST', headers: { host: 'evil.example:4321' } }, 403],
    ['as a cross-site form', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }, 403],
  ];
  it.each(foreign)('turns away whoever asks %s', async (_, sent, status) => {
    for (const path of ['break?fault=envoy-image', 'surprise', 'reveal', 'reset', 'mend', 'trouble?kind=slow']) {
      const answer = await send(`practice/${path}`, sent);
      expect(answer.status).toBe(status);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await state()).version).toBeNull();
  });

  it.each(['sources', 'run?runbook=missing-sni&source=practice', 'practice', 'practice/', 'practice/constructor', ''])(
    'lets nobody POST to %j',
    async (path) => {
      expect((await send(path, { method: 'POST' })).status).toBe(405);
    },
  );

  it.each(['break', 'break?fault=../healthy', 'break?fault=__proto__', 'trouble?kind=rain', 'trouble?kind=toString'])(
    'knows no %s',
    async (path) => {
      expect((await send(`practice/${path}`, { method: 'POST' })).status).toBe(404);
      expect((await state()).version).toBeNull();
    },
  );
});

describe('the choices', () => {
  it('are every fault, under its runbook, and every kind of trouble', async () => {
    const { practice: choices } = JSON.parse((await send('sources')).body) as Sources;
    const faults = choices.faults.flatMap(({ runbook, faults }) => faults.map(({ id }) => `${runbook} ${id}`));
    expect(faults.sort()).toEqual(
      loadFaults()
        .map(({ id, runbook }) => `${runbook} ${id}`)
        .sort(),
    );
    expect(choices.troubles.map(({ kind }) => kind)).toEqual(Object.keys(troubles));
  });
});

describe('practising', () => {
  beforeEach(() => post('reset'));

  it('breaks and mends: what kubectl cannot do is done with a click, and the run then passes', async () => {
    const fault = loadFaults().find(({ mend, world }) => mend !== undefined && Object.keys(world).length > 0);
    if (fault === undefined) throw new Error('No fault of the demo says how to mend it outside the cluster.');
    const broken = await post(`break?fault=${fault.id}`);
    expect(broken.broken).toEqual({
      id: fault.id,
      title: fault.title,
      runbook: fault.runbook,
      mend: fault.mend,
      isMended: false,
      isWell: false,
    });
    expect((await outcome(fault.runbook)).outcome).toBe('failed');
    expect((await state()).broken).toMatchObject({ isWell: false });
    const mended = await post('mend');
    expect(mended.broken).toMatchObject({ isMended: true });
    expect(mended.version).not.toBe(broken.version);
    // What was done out there is not yet what the checks find.
    expect(mended.broken).toMatchObject({ isWell: false });
    await expect.poll(async () => (await outcome(fault.runbook)).outcome, { timeout: 15_000 }).toBe('passed');
    expect((await state()).broken).toMatchObject({ id: fault.id, isWell: true });
  });

  it('takes a cluster for mended by the fault’s own runbook alone, and not when nothing could be read', async () => {
    await post('break?fault=operator-crash-loop');
    expect((await outcome('split-horizon-dns')).outcome).not.toBe('unknown');
    expect((await state()).broken).toMatchObject({ isWell: false });
    await post('trouble?kind=expired-token');
    expect((await outcome('gateway-not-programmed')).outcome).toBe('unknown');
    expect((await state()).broken).toMatchObject({ isWell: false });
    await post('trouble?kind=');
  });

  it('keeps its address and its files through every start, readable by this user only', async () => {
    const before = await state();
    const file = before.command?.replace('export KUBECONFIG=', '') ?? '';
    const server = /server: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1];
    const after = await post('break?fault=operator-crash-loop');
    expect(after.command).toBe(before.command);
    expect(after.version).not.toBe(before.version);
    expect(readFileSync(file, 'utf8')).toContain(`server: ${server}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  it('makes trouble and ends it', async () => {
    expect((await post('trouble?kind=expired-token')).trouble).toBe('expired-token');
    expect((await outcome('missing-sni')).outcome).toBe('unknown');
    // A fault does not end the trouble; a new start does.
    expect((await post('break?fault=operator-crash-loop')).trouble).toBe('expired-token');
    expect((await post('trouble?kind=')).trouble).toBeNull();
    await post('trouble?kind=busy');
    expect((await post('reset')).trouble).toBeNull();
    expect((await outcome('missing-sni')).outcome).toBe('passed');
  });

  it('has no credentials in its answers', async () => {
    const { body } = await send('practice');
    const file = (await state()).command?.replace('export KUBECONFIG=', '') ?? '';
    const secret = /token: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    expect(secret.length).toBeGreaterThan(10);
    expect(body).not.toContain(secret);
  });
});

describe('a surprise', () => {
  it('is not told before it is revealed, neither by the state nor by a run', async () => {
    for (let round = 0; round < 3; round += 1) {
      const answer = await send('practice/surprise', { method: 'POST' });
      expect((JSON.parse(answer.body) as PracticeState).broken).toBe('secret');
      const said = [answer.body, (await send('practice')).body, (await send('practice/mend', { method: 'POST' })).body];
      const run = await send('run?runbook=required-wiring&source=practice');
      const { broken } = await post('reveal');
      if (broken === null || broken === 'secret') throw new Error('It was revealed, and is not told.');
      expect(loadFaults().map(({ id }) => id)).toContain(broken.id);
      expect(broken.isMended).toBe(false);
      for (const text of said) expect(text).not.toContain(broken.title);
      // A run may well say what is wrong in the words of the title: finding it is what it is for.
      for (const text of [...said, run.body]) expect(text.includes(`"${broken.id}"`)).toBe(false);
    }
  });

  it('is another one each time', async () => {
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await post('surprise');
      const { broken } = await post('reveal');
      if (broken !== null && broken !== 'secret') ids.push(broken.id);
    }
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids[1]).not.toBe(ids[2]);
  });
});

describe('the end', () => {
  it('takes the cluster and its files away', async () => {
    const file = (await post('reset')).command?.replace('export KUBECONFIG=', '') ?? '';
    expect(existsSync(file)).toBe(true);
    await practice.close();
    expect(existsSync(dirname(file))).toBe(false);
    expect((await state()).version).toBeNull();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('also comes with %s', async (signal) => {
    const program = `
      import { Practice } from './src/server/api/practice.ts';
      const practice = new Practice();
      await practice.break(undefined);
      console.log(practice.state().command);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
    const said = await new Promise<string>((resolve) =>
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const file = said.trim().replace('export KUBECONFIG=', '');
    expect(existsSync(file)).toBe(true);
    const ended = new Promise<unknown>((resolve) => child.once('exit', (_, by) => resolve(by)));
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(existsSync(dirname(file))).toBe(false);
  });
});
