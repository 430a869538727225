/** What answers a probe may do: nothing but be told of. */
import { createSocket } from 'node:dgram';
import { createServer as createHttps } from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createProbes } from '../../src/probe/probe.ts';
import { completed } from '../../src/probe/tls.ts';
import type { ProbeRead } from '../../src/runbook/read.ts';
import { createAuthority, type Authority, type KeyPair } from '../support/certificates.ts';
import { listen, serveTls } from './listeners.ts';
import { replyTo, serveDns } from './dns-server.ts';

let authority: Authority;
let own: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  own = await authority.server(['*.sudhanva.me']);
});

const probe = (read: ProbeRead, signal?: AbortSignal, timeoutMs = 2000) =>
  createProbes({ timeoutMs, allowLoopback: true }).probe(read, signal);
const tls = (port: number): ProbeRead => ({
  type: 'tls',
  host: '127.0.0.1',
  port,
  servername: 'a.sudhanva.me',
  why: '',
});
const http = (port: number, servername = 'a.sudhanva.me'): ProbeRead => ({
  type: 'http',
  host: '127.0.0.1',
  port,
  servername,
  why: '',
});
const dns = (port: number, name = 'a.sudhanva.me'): ProbeRead => ({
  type: 'dns',
  name,
  record: 'A',
  server: { host: '127.0.0.1', port },
  why: '',
});

describe('a certificate', () => {
  const certificate = {
    subject: 'CN=a',
    subjectAltName: 'DNS:a.sudhanva.me',
    issuer: 'CN=b',
    validFrom: 'Jan  2 03:04:05 2026 GMT',
    validTo: 'Jan  2 03:04:05 2040 GMT',
  };
  const valueOf = (changed: object) => {
    const fact = completed({ ...certificate, ...changed }, '100.64.0.7:443', 1);
    if (!fact.ok) throw new Error(fact.problem.message);
    return fact.value;
  };

  test.each([
    'Bad time value',
    '',
    'Feb 31 99:99:99 2026 GMT',
    'Dec 31 23:59:60 99999 GMT',
    'Jan  1 00:00:00 0000 GMT',
  ])('may be valid until %j, which is no date', (date) => {
    expect(valueOf({ validFrom: date, validTo: date })).toMatchObject({ notBefore: '', notAfter: '' });
  });

  test('may be missing, or have no names', () => {
    expect(completed(undefined, '', 1)).toMatchObject({ ok: true, value: { names: [], subject: '', notAfter: '' } });
    expect(valueOf({ subjectAltName: undefined, subject: '', issuer: '' })).toMatchObject({ names: [] });
  });

  test('may be for more names than anybody has', () => {
    const subjectAltName = Array.from({ length: 10_000 }, (_, index) => `DNS:n${index}.example`).join(', ');
    expect(completed({ ...certificate, subjectAltName }, '100.64.0.7:443', 1)).toMatchObject({
      problem: { kind: 'malformed', message: expect.stringContaining('1000 names') as string },
    });
  });

  test('may hide a name in another', () => {
    const subjectAltName = 'DNS:"x, DNS:docs.sudhanva.me, y", email:DNS:b, URI:"DNS:c", IP Address:192.0.2.1, DNS:d';
    expect(valueOf({ subjectAltName })).toMatchObject({
      names: ['"x, DNS:docs.sudhanva.me, y"', '192.0.2.1', 'd'],
    });
  });

  test('may say a lot about itself', () => {
    const long = `CN=${'x'.repeat(50_000)}`;
    const { subject, issuer } = valueOf({ subject: long, issuer: long }) as { subject: string; issuer: string };
    expect(subject.length + issuer.length).toBeLessThan(1100);
  });

  test('of a real server with 1,000 names and none is read to its end', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `n${index}.sudhanva.me`);
    const { port } = await listen(serveTls(await authority.server(names)));
    const fact = await probe(tls(port));
    expect(fact.ok && (fact.value as { names: string[] }).names).toEqual(names);
  });
});

describe('an HTTP answer', () => {
  /** Speaks TLS itself and whatever comes to its mind above it. */
  async function serve(answer: (socket: Socket) => void): Promise<number> {
    const server = createHttps(own);
    server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined).once('data', () => answer(socket));
    });
    server.removeAllListeners('request');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }
  const again = (socket: Socket, text: string) => {
    const timer = setInterval(() => socket.write(text), 2);
    socket.once('close', () => clearInterval(timer));
  };

  test.each<[string, (socket: Socket) => void, string]>([
    ['a head without end', (socket) => again(socket.setNoDelay(), `x: ${'y'.repeat(4000)}\r\n`), 'HPE_'],
    ['one line without end', (socket) => again(socket, 'y'.repeat(4000)), 'HPE_'],
    ['1xx without end', (socket) => again(socket, 'HTTP/1.1 102 Processing\r\n\r\n'), 'timed out'],
    ['half a head', (socket) => void socket.write('HTTP/1.1 200 OK\r\nx:'), 'timed out'],
  ])('may be %s', async (_, answer, error) => {
    const port = await serve((socket) => {
      if (error === 'HPE_') socket.write('HTTP/1.1 200 OK\r\n');
      answer(socket);
    });
    expect(await probe(http(port), undefined, 500)).toMatchObject({
      ok: true,
      value: { outcome: 'no-answer', error: expect.stringContaining(error) as string },
    });
  });

  test('may have headers as long as they come', async () => {
    const long = 'x'.repeat(7000);
    const port = await serve((socket) =>
      socket.end(`HTTP/1.1 301 Moved\r\nserver: ${long}\r\nlocation: https://a/${long}\r\ncontent-length: 0\r\n\r\n`),
    );
    const fact = await probe(http(port));
    expect(fact).toMatchObject({ ok: true, value: { status: 301 } });
    expect(JSON.stringify(fact).length).toBeLessThan(1300);
  });

  test.each(['a\r\nb: c', 'ü€.sudhanva.me', 'a\0b', 'x'.repeat(100_000)])(
    'is not asked for by a name that no header holds: %#',
    async (servername) => {
      const sockets = new Set<Socket>();
      const server = net.createServer((socket) => {
        sockets.add(socket.on('error', () => undefined).resume());
        socket.once('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      for (const read of [http(port, servername), { ...tls(port), servername } as ProbeRead]) {
        const fact = await probe(read, undefined, 200);
        expect(fact.ok && (fact.value as { outcome: string }).outcome).not.toBe('answered');
        if (!fact.ok) expect(fact.problem.message.length).toBeLessThan(1200);
      }
      // Nor does a clock run on that would end the process later.
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(sockets.size).toBe(0);
    },
  );
});

describe('a resolver', () => {
  test.each(['€'.repeat(40), `${'x'.repeat(64)}.me`, 'a..b', '', '.'.repeat(200), 'x.'.repeat(200)])(
    'is not asked for a name that DNS cannot hold: %#',
    async (name) => {
      const { port, queries } = await serveDns((query) => [replyTo(query, [])]);
      expect(await probe(dns(port, name))).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
      expect(queries).toEqual([]);
    },
  );

  /** Says over UDP that the answer did not fit, and over TCP whatever comes to its mind. */
  async function serveOverTcp(answer: (socket: Socket) => void): Promise<number> {
    const tcp = net.createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => answer(socket));
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    udp.on('message', (bytes, from) => {
      const reply = replyTo({ packet: decode(bytes), over: 'udp', before: 0 }, [], TRUNCATED_RESPONSE);
      udp.send(encode(reply), from.port, from.address);
    });
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
    onTestFinished(() => {
      udp.close();
      tcp.close();
    });
    return port;
  }

  test('may send more than a message over TCP', async () => {
    const port = await serveOverTcp((socket) => {
      const timer = setInterval(() => socket.write(Buffer.alloc(2 ** 20, 0xff)), 1);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await probe(dns(port), undefined, 500)).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });

  test('may send one byte at a time, and never the last', async () => {
    const port = await serveOverTcp((socket) => {
      socket.write(Buffer.from([0xff]));
      const timer = setInterval(() => socket.write('\xff'), 2);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await probe(dns(port), undefined, 300)).toMatchObject({
      ok: true,
      value: { outcome: 'no-answer', reason: 'timed-out' },
    });
  });

  test('may point in circles', async () => {
    const { port } = await serveDns(({ packet }) => {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt16BE(packet.id ?? 0, 0);
      bytes.writeUInt16BE(0x8180, 2);
      bytes.writeUInt16BE(1, 4);
      // The question's name is a pointer to itself.
      bytes.writeUInt16BE(0xc00c, 12);
      return [bytes];
    });
    expect(await probe(dns(port), undefined, 300)).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

describe('a probe that is stopped', () => {
  test.each<[string, (port: number) => ProbeRead]>([
    ['TLS', tls],
    ['HTTP', http],
    ['DNS over TCP', (port) => dns(port)],
  ])('lets go of its connection: %s', async (what, read) => {
    const sockets = new Set<Socket>();
    const silent = net.createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).resume());
      socket.once('close', () => sockets.delete(socket));
    });
    let { port } = await serveDns((query) => (query.over === 'udp' ? [replyTo(query, [], TRUNCATED_RESPONSE)] : []));
    if (what !== 'DNS over TCP') {
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void silent.close());
      ({ port } = silent.address() as AddressInfo);
    }
    const stop = new AbortController();
    const fact = probe(read(port), stop.signal, 60_000);
    if (what === 'DNS over TCP') await new Promise((resolve) => setTimeout(resolve, 200));
    else await expect.poll(() => sockets.size).toBe(1);
    const before = performance.now();
    stop.abort(new Error('you stopped it'));
    expect(await fact).toMatchObject({
      problem: {
        kind: 'timed-out',
        message: expect.stringMatching(/^Could not probe .*: you stopped it\.$/) as string,
      },
    });
    expect(performance.now() - before).toBeLessThan(200);
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('is not begun when it was stopped before', async () => {
    const { port, hellos } = await listen(() => undefined);
    const stopped = AbortSignal.abort(new Error('you stopped it'));
    for (const read of [tls(port), http(port), dns(port), { ...dns(port), server: 'system' } as ProbeRead]) {
      expect(await probe(read, stopped)).toMatchObject({ problem: { kind: 'timed-out' } });
    }
    expect(hellos).toEqual([]);
  });

  test('over UDP asks no second time', async () => {
    const { port, queries } = await serveDns(() => []);
    const stop = new AbortController();
    const fact = probe(dns(port), stop.signal, 600);
    await expect.poll(() => queries.length).toBe(1);
    stop.abort();
    expect(await fact).toMatchObject({ problem: { kind: 'timed-out' } });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(queries).toHaveLength(1);
  });
});
