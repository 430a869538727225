/** Where probes do not go, whoever says so: real listeners on loopback that must not hear of them. */
import { createSocket } from 'node:dgram';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkedLookup, isThisMachine, whyNot } from '../../src/probe/address.ts';
import { createProbes } from '../../src/probe/probe.ts';
import type { ProbeRead } from '../../src/runbook/read.ts';
import { replyTo, serveDns } from './dns-server.ts';

describe('an address', () => {
  test.each([
    ['127.0.0.1', 'this machine only'],
    ['127.255.255.254', 'this machine only'],
    ['0.0.0.0', 'this machine only'],
    ['0.1.2.3', 'this machine only'],
    ['::1', 'this machine only'],
    ['0:0:0:0:0:0:0:1', 'this machine only'],
    ['::1%lo', 'this machine only'],
    ['::', 'this machine only'],
    ['::ffff:127.0.0.1', 'this machine only'],
    ['::ffff:7f00:1', 'this machine only'],
    ['0:0:0:0:0:ffff:7f00:0001', 'this machine only'],
    ['::127.0.0.1', 'this machine only'],
    ['64:ff9b::127.0.0.1', 'this machine only'],
    ['169.254.169.254', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['224.0.0.251', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::fb', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['::ffff:255.255.255.255', 'broadcast'],
  ])('%s is not dialled', (address, why) => {
    expect(whyNot(address, false)).toContain(why);
    // Only this machine may be where the cluster is.
    expect(whyNot(address, true) === undefined).toBe(why === 'this machine only');
  });

  test.each([
    ['100.64.0.7'],
    ['100.100.100.100'],
    ['192.168.1.10'],
    ['10.0.0.1'],
    ['203.0.113.7'],
    ['::ffff:100.64.0.7'],
    ['fd7a:115c:a1e0::1'],
    ['2001:db8::1'],
    ['64:ff9b::192.0.2.1'],
  ])('%s is', (address) => {
    expect(whyNot(address, false)).toBeUndefined();
  });
});

test.each([
  ['https://127.0.0.1:6443', true],
  ['https://[::1]:6443', true],
  ['https://localhost:6443', true],
  ['https://kubernetes.docker.internal:6443', true],
  ['https://192.168.1.10:6443', false],
  ['https://169.254.1.1', false],
  ['https://localhost.example.com', false],
  ['not a URL', false],
])('a cluster at %s is this machine: %s', (url, expected) => {
  expect(isThisMachine(url)).toBe(expected);
});

/** Counts who comes, over TCP and UDP. */
async function listenForAnybody(): Promise<{ port: number; heard: () => number }> {
  let heard = 0;
  const server = net.createServer((socket) => {
    heard += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const { port } = server.address() as AddressInfo;
  const udp = createSocket('udp6').on('message', () => (heard += 1));
  await new Promise<void>((resolve) => udp.bind(port, '::', resolve));
  onTestFinished(() => {
    server.close();
    udp.close();
  });
  return { port, heard: () => heard };
}

const reads = (host: string, port: number): readonly ProbeRead[] => [
  { type: 'tcp', host, port, why: '' },
  { type: 'tls', host, port, servername: 'docs.sudhanva.me', why: '' },
  { type: 'http', host, port, servername: 'docs.sudhanva.me', why: '' },
  { type: 'dns', name: 'docs.sudhanva.me', record: 'A', server: { host, port }, why: '' },
];

describe('an object that leads a probe to this machine', () => {
  // The last ones are no addresses, and the system's resolver takes them for one.
  test.each(['127.0.0.1', '0.0.0.0', '::1', '::ffff:127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f.1', '0'])(
    'by the host %s',
    async (host) => {
      const { port, heard } = await listenForAnybody();
      for (const read of reads(host, port)) {
        const fact = await createProbes({ timeoutMs: 300 }).probe(read);
        // A resolver that does not take it for an address has none for it, which is as good.
        expect(fact).toMatchObject({ ok: false, problem: { kind: 'unreachable' } });
      }
      expect(heard()).toBe(0);
    },
  );

  test('is told what was not tried, and why', async () => {
    const [tcp, , , dns] = reads('127.0.0.1', 443);
    for (const read of [tcp, dns]) {
      const fact = read && (await createProbes().probe(read));
      expect(fact).toMatchObject({
        problem: {
          message: expect.stringMatching(/^Did not probe .*127\.0\.0\.1 is an address of this machine only/) as string,
        },
      });
    }
    const named = await createProbes().probe({ type: 'tcp', host: 'localhost', port: 443, why: '' });
    expect(named).toMatchObject({
      problem: {
        message: expect.stringMatching(/localhost leads to .*, which is an address of this machine only/) as string,
      },
    });
  });

  test('is followed where the cluster is here too', async () => {
    const { port, heard } = await listenForAnybody();
    const fact = await createProbes({ allowLoopback: true }).probe({ type: 'tcp', host: '127.0.0.1', port, why: '' });
    expect(fact).toMatchObject({ ok: true, value: { connected: true } });
    await expect.poll(heard).toBe(1);
    const metadata = await createProbes({ allowLoopback: true }).probe({
      type: 'tcp',
      host: '169.254.169.254',
      port: 80,
      why: '',
    });
    expect(metadata).toMatchObject({ problem: { message: expect.stringContaining('link-local') as string } });
  });

  test('cannot do so by a name that leads elsewhere when it is asked for again', async () => {
    // What was looked at is what is dialled: there is no second question.
    const answers = await new Promise((resolve) => {
      checkedLookup(false)('localhost', { all: true }, (error, found) => resolve(error ?? found));
    });
    expect(answers).toMatchObject({ name: 'Forbidden' });
  });
});

test('the resolver of this machine may be on this machine', async () => {
  const { port } = await serveDns((query) => [
    replyTo(query, [{ type: 'A', name: 'docs.sudhanva.me', data: '192.0.2.7' }]),
  ]);
  const probes = createProbes({ systemResolver: { host: '127.0.0.1', port } });
  expect(
    await probes.probe({ type: 'dns', name: 'docs.sudhanva.me', record: 'A', server: 'system', why: '' }),
  ).toMatchObject({ ok: true, value: { outcome: 'answered' } });
});
