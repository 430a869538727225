import { beforeAll, describe, expect, test } from 'vitest';
import { createProbes } from '../../src/probe/probe.ts';
import { explain } from '../../src/probe/tcp.ts';
import type { ProbeRead } from '../../src/runbook/read.ts';
import { createAuthority, type KeyPair } from '../support/certificates.ts';
import { alert, closedPort, deafPort, listen, serverName, serveTls } from './listeners.ts';

const notBefore = new Date('2026-01-02T03:04:05Z');
const notAfter = new Date('2040-01-02T03:04:05Z');
let wildcard: KeyPair;

beforeAll(async () => {
  const authority = await createAuthority("CN=E7, O=Let's Encrypt");
  wildcard = await authority.server(['*.sudhanva.me', 'sudhanva.me', '100.64.0.7'], {
    subject: 'CN=*.sudhanva.me',
    notBefore,
    notAfter,
  });
});

const tcp = (port: number, host = '127.0.0.1'): ProbeRead => ({ type: 'tcp', host, port, why: '' });
const tls = (port: number, servername: string | null, host = '127.0.0.1'): ProbeRead => ({
  type: 'tls',
  host,
  port,
  servername,
  why: '',
});
const probe = (read: ProbeRead, timeoutMs = 2000) => createProbes({ timeoutMs, allowLoopback: true }).probe(read);

describe('a TCP connection', () => {
  test('comes about', async () => {
    const { port } = await listen(() => undefined);
    expect(await probe(tcp(port))).toEqual({ ok: true, value: { connected: true, ms: expect.any(Number) as number } });
  });

  test('is refused', async () => {
    expect(await probe(tcp(await closedPort()))).toEqual({ ok: true, value: { connected: false, reason: 'refused' } });
  });

  test('goes unanswered', async () => {
    expect(await probe(tcp(await deafPort()), 150)).toEqual({
      ok: true,
      value: { connected: false, reason: 'timed-out' },
    });
  });

  test('is refused by one address of a name and unanswered by another: the answer counts', () => {
    const failed = (code: string) => Object.assign(new Error(code), { code });
    expect(explain(new AggregateError([failed('ENETUNREACH'), failed('ECONNREFUSED')]), 'localhost')).toEqual({
      outcome: 'failed',
      reason: 'refused',
    });
    expect(explain(failed('EHOSTUNREACH'), '100.64.0.7')).toEqual({ outcome: 'failed', reason: 'unroutable' });
    expect(explain(failed('EMFILE'), '100.64.0.7')).toMatchObject({ outcome: 'unknown' });
  });

  test('to a name that nobody knows is a problem, not a finding', async () => {
    // No resolver takes a label of 64 characters, so this fails at once wherever the test runs.
    const name = `${'x'.repeat(64)}.invalid`;
    expect(await probe(tcp(443, name))).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', message: expect.stringContaining(name) as string },
    });
  });

  test('to a port that cannot be is a problem, not an exception', async () => {
    expect(await probe(tcp(70_000))).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

describe('a TLS handshake', () => {
  test('shows the certificate, whoever signed it', async () => {
    const { port } = await listen(serveTls(wildcard));
    expect(await probe(tls(port, 'docs.sudhanva.me'))).toEqual({
      ok: true,
      value: {
        outcome: 'completed',
        ms: expect.any(Number) as number,
        subject: 'CN=*.sudhanva.me',
        names: ['*.sudhanva.me', 'sudhanva.me', '100.64.0.7'],
        issuer: "CN=E7, O=Let's Encrypt",
        notBefore: notBefore.toISOString(),
        notAfter: notAfter.toISOString(),
      },
    });
  });

  test('sends the server name that it is given, and none for null', async () => {
    const { port, hellos } = await listen(serveTls(wildcard));
    await probe(tls(port, 'docs.sudhanva.me'));
    await probe(tls(port, null));
    // Nor the name of the host, which Node takes for a server name elsewhere.
    await probe(tls(port, null, 'localhost'));
    expect(hellos.map(serverName)).toEqual(['docs.sudhanva.me', null, null]);
  });

  describe.each([
    ['resets', (socket: { resetAndDestroy(): unknown }) => void socket.resetAndDestroy()],
    ['closes', (socket: { end(): unknown }) => void socket.end()],
  ])('with a listener that %s the connection without a server name, as Envoy does', (_, leave) => {
    test('completes with the name and is closed without', async () => {
      const serve = serveTls(wildcard);
      const { port } = await listen((socket, hello) =>
        serverName(hello)?.endsWith('.sudhanva.me') ? serve(socket, hello) : leave(socket),
      );
      expect(await probe(tls(port, 'docs.sudhanva.me'))).toMatchObject({ ok: true, value: { outcome: 'completed' } });
      for (const name of [null, 'docs.example.com']) {
        expect(await probe(tls(port, name))).toMatchObject({
          ok: true,
          value: { outcome: 'closed', error: 'ECONNRESET' },
        });
      }
    });
  });

  test.each([
    [112, 'unrecognized_name'],
    [40, 'handshake_failure'],
    [80, 'internal_error'],
  ])('that is answered with alert %i (%s) is told apart', async (number) => {
    const { port } = await listen((socket) => socket.end(alert(number)));
    expect(await probe(tls(port, null))).toMatchObject({
      ok: true,
      value: { outcome: 'alert', error: expect.stringMatching(/^ERR_SSL_/) as string },
    });
  });

  test('needs a connection first', async () => {
    expect(await probe(tls(await closedPort(), null))).toEqual({
      ok: true,
      value: { outcome: 'no-connection', reason: 'refused' },
    });
    expect(await probe(tls(await deafPort(), null), 150)).toEqual({
      ok: true,
      value: { outcome: 'no-connection', reason: 'timed-out' },
    });
  });

  test('that is never answered times out', async () => {
    const { port } = await listen(() => undefined);
    expect(await probe(tls(port, 'docs.sudhanva.me'), 100)).toMatchObject({
      ok: false,
      problem: { kind: 'timed-out' },
    });
  });

  test('with something that does not speak TLS is malformed', async () => {
    const { port } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await probe(tls(port, 'docs.sudhanva.me'))).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

test('a demo on loopback can stand in for a tailnet, names and all', async () => {
  const { port, hellos } = await listen(serveTls(wildcard));
  const asked: string[] = [];
  const probes = createProbes({
    dial: (host, wanted) => {
      asked.push(`${host}:${wanted}`);
      return { host: '127.0.0.1', port };
    },
  });
  expect(await probes.probe(tcp(443, '100.64.0.7'))).toMatchObject({ ok: true, value: { connected: true } });
  expect(await probes.probe(tls(443, 'docs.sudhanva.me', 'gateway-envoy.tail1234.ts.net'))).toMatchObject({
    ok: true,
    value: { outcome: 'completed' },
  });
  expect(asked).toEqual(['100.64.0.7:443', 'gateway-envoy.tail1234.ts.net:443']);
  expect(hellos.map(serverName)).toEqual(['docs.sudhanva.me']);
});

test('a demo can leave an address unanswered, without anybody having to wait', async () => {
  const probes = createProbes({ timeoutMs: 60_000, dial: () => 'unanswered' });
  expect(await probes.probe(tcp(443, '100.64.0.7'))).toEqual({
    ok: true,
    value: { connected: false, reason: 'timed-out' },
  });
  expect(await probes.probe(tls(443, null, '100.64.0.7'))).toEqual({
    ok: true,
    value: { outcome: 'no-connection', reason: 'timed-out' },
  });
});
