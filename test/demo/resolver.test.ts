/** The demo's DNS, asked through the real probes: what each view answers, and how it follows the objects. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDemo, type Change, type Demo, type DemoOptions } from '../../src/demo/node/demo.ts';
import { createProbes } from '../../src/probe/probe.ts';
import type { DnsResult, DnsType } from '../../src/runbook/read.ts';

const resolver = { host: '100.101.102.53', port: 53 };
const magicDns = { host: '100.100.100.100', port: 53 };
const gateway = '100.101.102.103';
const app = 'docs.sudhanva.me';
const exposed = 'jellyfin.sudhanva.me';
const device = 'gateway-envoy.tail1234.ts.net';
const ms = expect.any(Number) as number;

let demo: Demo;

const start = async (options: DemoOptions = {}): Promise<void> => {
  demo = await startDemo(options);
  onTestFinished(() => demo.close());
};

async function ask(name: string, record: DnsType, server: 'system' | typeof resolver): Promise<DnsResult> {
  const probes = createProbes({ dial: demo.dial, systemResolver: demo.systemResolver, timeoutMs: 1000 });
  const fact = await probes.probe({ type: 'dns', name, record, server, why: '' });
  if (!fact.ok) throw new Error(fact.problem.message);
  return fact.value as DnsResult;
}

const answered = (...records: readonly string[]) => ({ outcome: 'answered', records, aliases: [], ms });

const corefile = (text: string): Change => ({
  op: 'merge',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'tailscale-dns', name: 'tailscale-dns' },
    data: { Corefile: text },
  },
});

describe('the tailnet resolver', () => {
  test('answers every name of one label with the address in its Corefile, and with nothing else', async () => {
    await start();
    for (const name of [app, exposed, 'anything.sudhanva.me']) {
      expect(await ask(name, 'A', resolver)).toEqual(answered(gateway));
      expect(await ask(name, 'AAAA', resolver)).toEqual({ outcome: 'no-records', aliases: [], ms });
      expect(await ask(name, 'HTTPS', resolver)).toEqual({ outcome: 'no-records', aliases: [], ms });
    }
  });

  test('leaves challenges to public DNS, and is not asked for other zones', async () => {
    await start();
    expect(await ask('_acme-challenge.sudhanva.me', 'TXT', resolver)).toMatchObject({ outcome: 'no-such-name' });
    expect(await ask(device, 'A', resolver)).toMatchObject({ outcome: 'refused' });
  });

  test('leaks what its templates leave to the forwarder', async () => {
    await start({
      scenario: {
        changes: [
          corefile(`sudhanva.me:1053 {
    template IN A sudhanva.me {
        answer "{{ .Name }} 60 IN A 100.101.102.9"
    }
    forward . 1.1.1.1
}`),
        ],
      },
    });
    expect(await ask(app, 'A', resolver)).toEqual(answered('100.101.102.9'));
    expect(await ask(app, 'AAAA', resolver)).toEqual(answered('2001:db8::80'));
    expect(await ask(app, 'HTTPS', resolver)).toEqual(answered('1 .'));
  });

  test('answers otherwise as soon as its Corefile changes', async () => {
    await start();
    demo.change([corefile('sudhanva.me:1053 {\n  errors\n}\n')]);
    expect(await ask(app, 'A', resolver)).toMatchObject({ outcome: 'server-failure' });
  });

  test('is refused without a replica, and silent without its proxy', async () => {
    await start({
      scenario: {
        changes: [
          {
            op: 'merge',
            object: {
              apiVersion: 'apps/v1',
              kind: 'Deployment',
              metadata: { namespace: 'tailscale-dns', name: 'tailscale-dns' },
              spec: { replicas: 0 },
            },
          },
        ],
      },
    });
    expect(await ask(app, 'A', resolver)).toEqual({ outcome: 'no-answer', reason: 'refused' });
    expect(await ask(app, 'A', magicDns)).toMatchObject({ outcome: 'server-failure' });
    expect(await ask(app, 'A', { host: '100.101.102.77', port: 53 })).toEqual({
      outcome: 'no-answer',
      reason: 'timed-out',
    });
  });
});

describe('public DNS', () => {
  test('has what ExternalDNS writes for a route that is exposed', async () => {
    await start();
    expect(await ask(exposed, 'CNAME', 'system')).toEqual(answered(device));
    expect(await ask(exposed, 'A', 'system')).toEqual({ outcome: 'no-such-name', aliases: [device], ms });
    expect(await ask(`cname-${exposed}`, 'TXT', 'system')).toEqual(
      answered('heritage=external-dns,external-dns/owner=homelab,external-dns/resource=httproute/jellyfin/jellyfin'),
    );
  });

  test('has the public copy of every other name', async () => {
    await start();
    expect(await ask(app, 'A', 'system')).toEqual(answered('192.0.2.80'));
    expect(await ask(app, 'AAAA', 'system')).toEqual(answered('2001:db8::80'));
    expect(await ask(app, 'HTTPS', 'system')).toEqual(answered('1 .'));
    expect(await ask(app, 'CNAME', 'system')).toEqual({ outcome: 'no-records', aliases: [], ms });
  });

  test('knows neither devices nor names that nobody routes', async () => {
    await start();
    expect(await ask(device, 'A', 'system')).toMatchObject({ outcome: 'no-such-name' });
    expect(await ask('nobody.sudhanva.me', 'A', 'system')).toMatchObject({ outcome: 'no-such-name' });
  });

  const annotate = (kind: string, namespace: string, name: string, key: string, text: string | null): Change => ({
    op: 'merge',
    object: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind,
      metadata: { namespace, name, annotations: { [`external-dns.alpha.kubernetes.io/${key}`]: text } },
    },
  });

  test('follows the routes and the Gateway', async () => {
    const changes = [
      annotate('HTTPRoute', 'jellyfin', 'jellyfin', 'expose', null),
      annotate('Gateway', 'tailscale', 'tailscale-gateway', 'target', 'other.tail1234.ts.net'),
    ];
    await start({ scenario: { changes } });
    expect(await ask(exposed, 'A', 'system')).toMatchObject({ outcome: 'no-such-name' });
    expect(await ask(`cname-${exposed}`, 'TXT', 'system')).toMatchObject({ outcome: 'no-such-name' });
    expect(await ask('vault.sudhanva.me', 'CNAME', 'system')).toEqual(answered('other.tail1234.ts.net'));
  });

  test('keeps a record that ExternalDNS does not own, whatever the routes ask for', async () => {
    await start({ scenario: { changes: [annotate('HTTPRoute', 'docs', 'docs', 'expose', 'true')] } });
    expect(await ask(app, 'A', 'system')).toEqual(answered('192.0.2.80'));
  });

  test('holds what a fault says that it holds', async () => {
    const data = 'gateway-old.tail1234.ts.net';
    await start({ scenario: { changes: [], world: { publicRecords: { [app]: [{ type: 'CNAME', data }] } } } });
    expect(await ask(app, 'CNAME', 'system')).toEqual(answered(data));
  });
});

describe('MagicDNS', () => {
  test('knows the devices, and sends the domain on to the tailnet resolver', async () => {
    await start();
    expect(await ask(device, 'A', magicDns)).toEqual(answered(gateway));
    expect(await ask(device.toUpperCase(), 'A', magicDns)).toEqual(answered(gateway));
    expect(await ask(app, 'A', magicDns)).toEqual(answered(gateway));
    expect(await ask('_acme-challenge.sudhanva.me', 'TXT', magicDns)).toMatchObject({ outcome: 'no-such-name' });
  });

  test('answers from public DNS where the tailnet’s settings do not name the resolver', async () => {
    await start({ scenario: { changes: [], world: { splitDns: false } } });
    expect(await ask(app, 'A', magicDns)).toEqual(answered('192.0.2.80'));
  });
});
