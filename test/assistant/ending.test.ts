/** What an assistant may do to the program, and how it ends: cancelled, out of time, hung up on, spoken to in rubbish. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/runbook/report.ts';
import { assistant, opening, speak, type Spoken } from '../support/assistant.ts';
import { evilServer, silence, type EvilServer } from '../support/evil-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'assistant-ending-'));
const servers: EvilServer[] = [];
afterAll(() => servers.forEach((server) => server.close()));

async function silent(): Promise<EvilServer & { args: readonly string[] }> {
  const server = await evilServer(silence);
  servers.push(server);
  const file = join(folder, `kubeconfig-${servers.length}`);
  writeFileSync(file, server.kubeconfig);
  return { ...server, args: ['--kubeconfig', file, '--cluster-only', '--timeout', '60'] };
}

const until = (what: () => boolean): Promise<void> => expect.poll(what, { timeout: 20_000, interval: 20 }).toBe(true);

const running = { id: 'run', method: 'tools/call', params: { name: 'run_runbooks', arguments: {} } };

describe('a run of a cluster that never answers', () => {
  it('ends when the client takes it back, lets go of the cluster, and leaves room for the next', async () => {
    const server = await silent();
    const { client, call, said, close } = await assistant(server.args);
    const taken = new AbortController();
    const first = call('run_runbooks', {}, { signal: taken.signal });
    await until(() => server.requests() > 0);
    taken.abort(new Error('never mind'));
    await expect(first).rejects.toThrow(/never mind/);
    await until(() => server.sockets() === 0);
    expect((await call('list_runbooks')).isError).toBe(false);
    const before = server.requests();
    const second = new AbortController();
    const next = call('run_runbooks', {}, { signal: second.signal });
    await until(() => server.requests() > before);
    second.abort(new Error('enough'));
    await expect(next).rejects.toThrow(/enough/);
    await client.ping();
    expect(said()).not.toContain('This is a bug');
    await close();
  });

  it('ends when one that waits is taken back, and nobody waits for that one', async () => {
    const server = await silent();
    const { call, close } = await assistant([...server.args, '--deadline', '1']);
    const waiting = new AbortController();
    const first = call('run_runbooks');
    await until(() => server.requests() > 0);
    const second = call('run_runbooks', {}, { signal: waiting.signal });
    const third = call('run_runbooks');
    waiting.abort(new Error('never mind'));
    await expect(second).rejects.toThrow(/never mind/);
    expect((await first).isError).toBe(false);
    expect((await third).isError).toBe(false);
    await close();
  });

  it('ends at its deadline, with what is known and why', async () => {
    const { args } = await silent();
    const { call, close } = await assistant([...args, '--deadline', '1']);
    const { isError, text, structured } = await call('run_runbooks', { runbooks: ['gateway-not-programmed'] });
    expect(isError).toBe(false);
    expect(text).toContain('> The run took longer than 1 s; what had not answered by then is unknown.');
    expect(reportSchema.parse(structured['report']).runbooks[0]?.outcome).toBe('unknown');
    await close();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is told as far as it is known at %s, and that is the end',
    async (signal) => {
      const server = await silent();
      const spoken = speak(server.args);
      spoken.send(opening('2025-06-18'));
      await spoken.answerTo('opening');
      spoken.send(running);
      await until(() => server.requests() > 0);
      spoken.child.kill(signal);
      const { code, stdout } = await spoken.ended;
      expect(code).toBe(0);
      expect(stdout).toContain('"id":"run"');
      expect(stdout).toContain('The run was stopped; what had not answered by then is unknown.');
      expect(server.sockets()).toBe(0);
    },
  );

  it('ends with the client', async () => {
    const server = await silent();
    const spoken = speak(server.args);
    spoken.send(opening('2025-06-18'));
    spoken.send(running);
    await until(() => server.requests() > 0);
    const began = performance.now();
    spoken.child.stdin?.end();
    expect(await spoken.ended).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(5000);
    await until(() => server.sockets() === 0);
  });
});

describe('an assistant that does nothing', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('is left with %s', async (signal) => {
    const spoken = speak(['--demo']);
    spoken.send(opening('2025-06-18'));
    await spoken.answerTo('opening');
    spoken.child.kill(signal);
    expect(await spoken.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('and hangs up before a word is left with nothing said', async () => {
    const spoken = speak(['--demo']);
    spoken.child.stdin?.end();
    expect(await spoken.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(spoken.left()).toEqual([]);
  });
});

describe('versions of the protocol', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('%s is spoken', async (version) => {
    const spoken = speak(['--demo']);
    spoken.send(opening(version));
    expect(await spoken.answerTo('opening')).toMatchObject({ result: { protocolVersion: version } });
    spoken.child.stdin?.end();
    expect(await spoken.ended).toMatchObject({ code: 0 });
  });

  it('one that nobody knows is answered with one that is known', async () => {
    const spoken = speak(['--demo']);
    spoken.send(opening('1999-12-31'));
    expect(await spoken.answerTo('opening')).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
    spoken.child.stdin?.end();
    await spoken.ended;
  });

  it('the one without a handshake is spoken, too', async () => {
    const { client, call, close } = await assistant(['--demo'], {
      versionNegotiation: { mode: { pin: '2026-07-28' } },
    });
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const steps: number[] = [];
    const { isError } = await call(
      'run_runbooks',
      { runbooks: ['missing-sni'] },
      { onprogress: ({ progress }) => void steps.push(progress) },
    );
    expect(isError).toBe(false);
    expect(steps.length).toBeGreaterThan(0);
    expect((await client.listResources()).resources.length).toBeGreaterThan(30);
    await close();
  });
});

describe('rubbish', () => {
  const answered = async (spoken: Spoken): Promise<void> => {
    spoken.send({ id: 'still there', method: 'ping' });
    expect(await spoken.answerTo('still there')).toMatchObject({ result: {} });
  };

  it('is passed over, and the conversation goes on', async () => {
    const spoken = speak(['--demo']);
    spoken.send(opening('2025-06-18'));
    await spoken.answerTo('opening');
    spoken.sendText(
      'not json\n\n{}\n[1,2]\nnull\n"text"\n{"jsonrpc":"2.0"}\n{"jsonrpc":"1.0","id":1,"method":"ping"}\n',
    );
    spoken.sendText(Buffer.from([0, 255, 254, 10, 27, 91, 50, 74, 10]));
    spoken.sendText(`${'x'.repeat(1_000_000)}\n${'{"a":'.repeat(5000)}\n`);
    for (let count = 0; count < 200; count++) spoken.sendText('rubbish\n{}\n');
    spoken.send({ id: 2, method: 'tools/delete' });
    spoken.send({ id: 3, method: 'tools/call', params: { name: 'kubectl', arguments: { command: 'delete' } } });
    spoken.send({ id: 4, method: 'tools/call', params: { name: 'run_runbooks', arguments: [] } });
    spoken.send({ id: 5, method: 'tools/call', params: { name: '__proto__' } });
    spoken.send({ id: 6, method: 'resources/read', params: { uri: 'not a uri' } });
    spoken.send({ method: 'notifications/cancelled', params: { requestId: 99 } });
    for (const id of [2, 3, 4, 5, 6]) expect(await spoken.answerTo(id)).toHaveProperty('error.message');
    await answered(spoken);
    spoken.child.stdin?.end();
    const { code, stdout, stderr } = await spoken.ended;
    expect(code).toBe(0);
    for (const line of stdout.split('\n').slice(0, -1)) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(stdout + stderr).not.toMatch(/\n\s+at |\.ts:\d|node_modules/);
    expect(stderr.length).toBeLessThan(30_000);
    expect(stderr).toContain('Further ones are not told.');
    expect(stderr).not.toMatch(/[\u0000\u001b]/);
  });

  it('that never ends a line ends the conversation before it fills the memory', async () => {
    const spoken = speak(['--demo']);
    spoken.child.stdin?.on('error', () => undefined);
    spoken.sendText(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(11 * 1024 * 1024)}`);
    const { code, stderr } = await spoken.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('A message could not be used');
    expect(stderr.length).toBeLessThan(1000);
  });
});

describe('what a person mistypes', () => {
  it.each([
    [['--snapshot', '/dev/stdin'], 'is no file that can be read again and again'],
    [['--kubeconfig', '/proc/self/fd/0'], 'is no file that can be read again and again'],
    [['--demo', '--context', 'home'], 'A run asks one cluster.'],
    [['--manifests', '-'], 'Standard input is where the assistant speaks.'],
    [['--crds', 'x.yaml'], 'Definitions are for manifests to be judged by.'],
    [['--input', 'hostname=$(x)'], 'The hostname cannot be'],
    [['--trouble', 'slow'], 'Trouble is made for the demo cluster only.'],
  ])('%j is told at once', async (args, words) => {
    const { code, stdout, stderr } = await speak(args).ended;
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
  });

  it('a folder that is not there is told at once', async () => {
    const { code, stderr } = await speak(['--manifests', 'nowhere']).ended;
    expect(code).toBe(66);
    expect(stderr).toContain('There is no folder nowhere.');
  });
});

describe('a bug', () => {
  it('is told to the assistant in words, and to the log with all that helps', async () => {
    const module = JSON.stringify(new URL('../../runbooks/index.ts', import.meta.url).href);
    const before = `const { runbooks } = await import(${module}); Object.defineProperty(runbooks[0], 'summary', { get() { throw new TypeError('boom'); } });`;
    const spoken = speak(['--demo'], { before });
    spoken.send(opening('2025-06-18'));
    spoken.send({ id: 'list', method: 'tools/call', params: { name: 'list_runbooks' } });
    const answer = JSON.stringify(await spoken.answerTo('list'));
    expect(answer).toContain('"isError":true');
    expect(answer).toContain('list_runbooks met a bug in the handbook');
    expect(answer).not.toMatch(/boom|\.ts/);
    spoken.child.stdin?.end();
    const { code, stderr } = await spoken.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('TypeError: boom');
  });
});
