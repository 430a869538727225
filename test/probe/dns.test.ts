/** DNS over real sockets: what a resolver may answer, and what may come back in place of an answer. */
import { RECURSION_DESIRED, TRUNCATED_RESPONSE, type Answer } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { createProbes } from '../../src/probe/probe.ts';
import { readCommand, readKey, type DnsRead, type DnsType } from '../../src/runbook/read.ts';
import { noSuchName, refused, replyTo, serveDns, serverFailure, type Respond } from './dns-server.ts';
import { closedPort } from './listeners.ts';

const name = 'docs.sudhanva.me';
const a = (data: string, owner = name): Answer => ({ type: 'A', name: owner, data });
const cname = (owner: string, data: string): Answer => ({ type: 'CNAME', name: owner, data });
const ms = expect.any(Number) as number;

const read = (port: number, record: DnsType = 'A'): DnsRead => ({
  type: 'dns',
  name,
  record,
  server: { host: '127.0.0.1', port },
  why: '',
});

async function ask(
  respond: Respond,
  { record = 'A', timeoutMs = 2000 }: { record?: DnsType; timeoutMs?: number } = {},
) {
  const server = await serveDns(respond);
  const fact = await createProbes({ timeoutMs, allowLoopback: true }).probe(read(server.port, record));
  return { fact, queries: server.queries };
}

describe('an answer', () => {
  test('brings the addresses, and is asked for with recursion', async () => {
    const { fact, queries } = await ask((query) => [replyTo(query, [a('100.101.102.103'), a('100.64.0.7')])]);
    expect(fact).toEqual({
      ok: true,
      value: { outcome: 'answered', records: ['100.101.102.103', '100.64.0.7'], aliases: [], ms },
    });
    expect(queries).toHaveLength(1);
    expect((queries[0]?.packet.flags ?? 0) & RECURSION_DESIRED).toBe(RECURSION_DESIRED);
  });

  test('names the aliases that led to it, in order, whatever order they come in', async () => {
    const { fact } = await ask((query) => [
      replyTo(query, [
        a('192.0.2.7', 'b.example.net'),
        cname('a.example.net', 'b.example.net'),
        a('192.0.2.99', 'unrelated.example.net'),
        cname('DOCS.sudhanva.me', 'a.example.net'),
      ]),
    ]);
    expect(fact).toEqual({
      ok: true,
      value: { outcome: 'answered', records: ['192.0.2.7'], aliases: ['a.example.net', 'b.example.net'], ms },
    });
  });

  test('is the alias itself when that was the question', async () => {
    const { fact } = await ask((query) => [replyTo(query, [cname(name, 'gateway-envoy.tail1234.ts.net')])], {
      record: 'CNAME',
    });
    expect(fact).toMatchObject({
      ok: true,
      value: { outcome: 'answered', records: ['gateway-envoy.tail1234.ts.net'], aliases: [] },
    });
  });

  test('may be a circle of aliases', async () => {
    const { fact } = await ask((query) => [
      replyTo(query, [cname(name, 'a.example.net'), cname('a.example.net', name)]),
    ]);
    expect(fact).toMatchObject({ ok: true, value: { outcome: 'no-records', aliases: ['a.example.net', name] } });
  });

  test('may be an IPv6 address, a text in parts, or an HTTPS record', async () => {
    const answers: Readonly<Record<string, Answer>> = {
      AAAA: { type: 'AAAA', name, data: '2001:db8::7' },
      TXT: { type: 'TXT', name, data: ['heritage=external-dns,', 'external-dns/owner=homelab'] },
      HTTPS: {
        type: 'UNKNOWN_65' as 'NULL',
        name,
        data: Buffer.from([0, 1, 5, ...Buffer.from('pages'), 3, ...Buffer.from('dev'), 0]),
      },
    };
    const respond: Respond = (query) => {
      const type = String(query.packet.questions?.[0]?.type);
      return [replyTo(query, [answers[type === 'UNKNOWN_65' ? 'HTTPS' : type] as Answer])];
    };
    const texts = await Promise.all(
      (['AAAA', 'TXT', 'HTTPS'] as const).map(async (record) => (await ask(respond, { record })).fact),
    );
    expect(texts.map((fact) => (fact.ok ? (fact.value as { records: string[] }).records : fact.problem))).toEqual([
      ['2001:db8::7'],
      ['heritage=external-dns,external-dns/owner=homelab'],
      ['1 pages.dev.'],
    ]);
  });

  test('that did not fit is asked for again over TCP', async () => {
    const many = Array.from({ length: 60 }, (_, index) => a(`192.0.2.${index}`));
    const { fact, queries } = await ask((query) => [
      query.over === 'udp' ? replyTo(query, [], TRUNCATED_RESPONSE) : replyTo(query, many),
    ]);
    expect(queries.map(({ over }) => over)).toEqual(['udp', 'tcp']);
    expect(fact.ok && (fact.value as { records: string[] }).records).toHaveLength(60);
  });
});

describe('no answer', () => {
  test.each([
    ['no-such-name', noSuchName],
    ['server-failure', serverFailure],
    ['server-failure', 4],
    ['refused', refused],
    ['no-records', 0],
  ])('%s (response code %i)', async (outcome, code) => {
    const { fact } = await ask((query) => [replyTo(query, [], code)]);
    expect(fact).toEqual({ ok: true, value: { outcome, aliases: [], ms } });
  });

  test('for the name that an alias leads to: the alias is told', async () => {
    const { fact } = await ask((query) => [replyTo(query, [cname(name, 'gateway-envoy.tail1234.ts.net')], noSuchName)]);
    expect(fact).toMatchObject({
      ok: true,
      value: { outcome: 'no-such-name', aliases: ['gateway-envoy.tail1234.ts.net'] },
    });
  });

  test('because a refusal may leave the question out', async () => {
    const { fact } = await ask((query) => [{ ...replyTo(query, [], refused), questions: [] }]);
    expect(fact).toMatchObject({ ok: true, value: { outcome: 'refused' } });
  });

  test('because nobody listens', async () => {
    expect(await createProbes({ timeoutMs: 2000, allowLoopback: true }).probe(read(await closedPort()))).toEqual({
      ok: true,
      value: { outcome: 'no-answer', reason: 'refused' },
    });
  });

  test('because the resolver is silent, asked twice with another id', async () => {
    const { fact, queries } = await ask(() => [], { timeoutMs: 200 });
    expect(fact).toEqual({ ok: true, value: { outcome: 'no-answer', reason: 'timed-out' } });
    expect(queries).toHaveLength(2);
    // One chance in 65,536 to be equal: then this test is run again.
    expect(queries[0]?.packet.id).not.toBe(queries[1]?.packet.id);
  });

  test('to the first datagram, and one to the second', async () => {
    const { fact } = await ask((query) => (query.before === 0 ? [] : [replyTo(query, [a('192.0.2.7')])]), {
      timeoutMs: 400,
    });
    expect(fact).toMatchObject({ ok: true, value: { outcome: 'answered', records: ['192.0.2.7'] } });
  });
});

describe('what does not answer the question is passed over', () => {
  const forged: readonly (readonly [string, Respond])[] = [
    ['another id', (query) => [{ ...replyTo(query, [a('203.0.113.66')]), id: ((query.packet.id ?? 0) + 1) % 0x10000 }]],
    [
      'another name',
      (query) => [{ ...replyTo(query, [a('203.0.113.66')]), questions: [{ type: 'A', name: 'evil.example' }] }],
    ],
    ['another type', (query) => [{ ...replyTo(query, [a('203.0.113.66')]), questions: [{ type: 'AAAA', name }] }]],
    ['a query', (query) => [{ ...replyTo(query, []), type: 'query' }]],
    ['no DNS', () => [Buffer.from('HTTP/1.1 400 Bad Request')]],
    ['an empty datagram', () => [Buffer.alloc(0)]],
  ];
  test.each(forged)('%s, and the real answer after it counts', async (_, respond) => {
    const { fact } = await ask((query) => [...respond(query), replyTo(query, [a('100.101.102.103')])]);
    expect(fact).toMatchObject({ ok: true, value: { outcome: 'answered', records: ['100.101.102.103'] } });
  });

  test.each(forged)('%s alone is a problem, for nothing was learnt', async (_, respond) => {
    const { fact } = await ask(respond, { timeoutMs: 200 });
    expect(fact).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

test('a name that DNS cannot hold is a problem, not an exception', async () => {
  const { port } = await serveDns(() => []);
  const fact = await createProbes({ timeoutMs: 200, allowLoopback: true }).probe({
    ...read(port),
    name: `${'x'.repeat(300)}.example`,
  });
  expect(fact.ok).toBe(false);
});

describe('the resolvers of this machine', () => {
  test('can be stood in for', async () => {
    const { port } = await serveDns((query) => [replyTo(query, [a('192.0.2.7')])]);
    const probes = createProbes({ systemResolver: { host: '127.0.0.1', port }, timeoutMs: 500 });
    const fact = await probes.probe({ ...read(0), server: 'system' });
    expect(fact).toMatchObject({ ok: true, value: { outcome: 'answered', records: ['192.0.2.7'] } });
  });
});

test('a demo can stand in for a resolver of the tailnet, or leave it unanswered', async () => {
  const { port } = await serveDns((query) => [replyTo(query, [a('100.101.102.103')])]);
  const asked: DnsRead = { ...read(53), server: { host: '100.101.102.104', port: 53 } };
  const led = createProbes({
    dial: (host, wanted) => ({ host: '127.0.0.1', port: host === '100.101.102.104' && wanted === 53 ? port : 1 }),
  });
  expect(await led.probe(asked)).toMatchObject({ ok: true, value: { records: ['100.101.102.103'] } });
  const dead = createProbes({ dial: () => 'unanswered', timeoutMs: 60_000 });
  expect(await dead.probe(asked)).toEqual({ ok: true, value: { outcome: 'no-answer', reason: 'timed-out' } });
});

test('has a key and a command that say what is asked, and of whom', () => {
  expect(readKey(read(53))).toBe('dns A docs.sudhanva.me 127.0.0.1:53');
  expect(readCommand(read(53, 'HTTPS')).text).toContain('@127.0.0.1');
  expect(readKey({ ...read(53), server: 'system' })).toBe('dns A docs.sudhanva.me system');
});
