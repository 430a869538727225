/** What the Tailscale Operator makes of Services of its class, and what becomes of their devices. */
import { beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { at, list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { conditions, create, live, merge, remove, terminate, type Living } from './support.ts';

const resolver = 'tailscale-dns/tailscale-dns';
const proxy = 'tailscale/ts-tailscale-dns-m4v9t';
const operator = 'tailscale/operator';

let demo: Living = live();

beforeEach(() => {
  demo = live();
});

const media = (fields: object = {}): Change =>
  create('v1', 'Service', 'jellyfin/media', {
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: 'tailscale',
      selector: { app: 'jellyfin' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    },
    ...fields,
  });
const ingress = (path: string): readonly unknown[] =>
  list(demo.get(kinds.Service, path), 'status', 'loadBalancer', 'ingress');
const ready = (path: string): readonly string[] => conditions(demo.get(kinds.Service, path), 'status');
const childrenOf = (name: string): readonly StoredObject[] =>
  [kinds.StatefulSet, kinds.Service, kinds.Secret, kinds.Pod]
    .flatMap((kind) => demo.state.list(kind, 'tailscale'))
    .filter((one) => text(one, 'metadata', 'labels', 'tailscale.com/parent-resource') === name);
const target = (set: StoredObject): string =>
  text(
    list(list(set, 'spec', 'template', 'spec', 'containers')[0], 'env').find(
      (one) => text(one, 'name') === 'TS_DEST_IP',
    ),
    'value',
  );
const sets = (name: string): readonly StoredObject[] => childrenOf(name).filter(({ kind }) => kind === 'StatefulSet');
const restart = merge('apps/v1', 'Deployment', operator, {
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
});

describe('a Service of its class', () => {
  it('becomes a device, with a proxy that forwards to it', () => {
    demo.after(media());
    const service = demo.get(kinds.Service, 'jellyfin/media');
    expect(service.metadata['finalizers']).toEqual(['tailscale.com/finalizer']);
    expect(ready('jellyfin/media')).toEqual(['TailscaleProxyReady=True ProxyCreated: ProxyCreated']);
    expect(ingress('jellyfin/media')).toEqual([
      { hostname: 'jellyfin-media.tail1234.ts.net' },
      { ip: expect.stringMatching(/^100\.\d+\.\d+\.\d+$/) as string },
    ]);
    const names = childrenOf('media').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const [set] = sets('media');
    const name = set?.metadata.name ?? '';
    expect(name).toMatch(/^ts-media-[a-z0-9]{5}$/);
    expect(names.sort()).toEqual(
      [`Pod ${name}-0`, `Secret ${name}-0`, `Secret ${name}-0-config`, `Service ${name}`, `StatefulSet ${name}`].sort(),
    );
    expect(set === undefined ? '' : target(set)).toBe(text(service, 'spec', 'clusterIP'));
  });

  it('goes with its device', () => {
    demo.after(media());
    demo.after(terminate('v1', 'Service', 'jellyfin/media'));
    expect(demo.find(kinds.Service, 'jellyfin/media')).toBeUndefined();
    expect(childrenOf('media')).toEqual([]);
  });

  it('hangs while nobody runs who would take the finalizer off', () => {
    demo.after(merge('apps/v1', 'Deployment', operator, { spec: { replicas: 0 } }));
    demo.after(terminate('v1', 'Service', resolver), media());
    expect(demo.find(kinds.Service, resolver)).toBeDefined();
    expect(ready('jellyfin/media')).toEqual([]);
    demo.after(merge('apps/v1', 'Deployment', operator, { spec: { replicas: 1 } }));
    expect(demo.find(kinds.Service, resolver)).toBeUndefined();
    expect(ready('jellyfin/media')[0]).toMatch(/^TailscaleProxyReady=True/);
  });

  it('is given up when it is of the class no more', () => {
    demo.after(merge('v1', 'Service', resolver, { spec: { type: 'ClusterIP', loadBalancerClass: null } }));
    const service = demo.get(kinds.Service, resolver);
    expect(service.metadata['finalizers']).toBeUndefined();
    expect(ready(resolver)).toEqual([]);
    expect(ingress(resolver)).toEqual([]);
    expect(childrenOf('tailscale-dns')).toEqual([]);
  });

  it('waits for a proxy that does not come up', () => {
    demo.world.change({ missingImages: ['tailscale/tailscale:v1.92.3'] });
    demo.after(media());
    expect(ready('jellyfin/media')).toEqual([
      'TailscaleProxyReady=False ProxyPending: no Tailscale hostname known yet, waiting for proxy pod to finish auth',
    ]);
    expect(ingress('jellyfin/media')).toEqual([]);
  });

  it('says what Tailscale refuses, and tries again; who has a key already needs none', () => {
    demo.world.change({ tailscale: { refuses: 'Status: 400, Message: "no"' } });
    demo.after(media());
    expect(ready('jellyfin/media')).toEqual([
      'TailscaleProxyReady=False ProxyFailed: failed to provision: failed to create or get API key secret: Status: 400, Message: "no"',
    ]);
    expect(sets('media')).toEqual([]);
    expect(ready(resolver)[0]).toMatch(/^TailscaleProxyReady=True/);
    demo.world.mend({ tailscale: { refuses: 'anything' } });
    demo.after();
    expect(ready('jellyfin/media')[0]).toMatch(/^TailscaleProxyReady=True/);
  });

  it.each([
    ['tailscale.com/hostname', 'not_a_label', 'invalid Tailscale hostname specified "not_a_label"'],
    ['tailscale.com/tags', 'k8s', 'invalid tag "k8s"'],
  ])('with a wrong %s is invalid', (key, value, words) => {
    demo.after(media({ metadata: { annotations: { [key]: value } } }));
    expect(ready('jellyfin/media')[0]).toContain(
      'TailscaleProxyReady=False ProxyInvalid: unable to provision proxy resources: invalid Service:',
    );
    expect(ready('jellyfin/media')[0]).toContain(words);
  });
});

describe('a device', () => {
  it('takes the name of the annotation, and a number when the name is taken', () => {
    demo.world.change({ tailscale: { taken: ['films'] } });
    demo.after(media({ metadata: { annotations: { 'tailscale.com/hostname': 'films' } } }));
    expect(ingress('jellyfin/media')[0]).toEqual({ hostname: 'films-1.tail1234.ts.net' });
  });

  it('is renamed, and keeps its address', () => {
    const [, address] = ingress(resolver);
    demo.after(merge('v1', 'Service', resolver, { metadata: { annotations: { 'tailscale.com/hostname': 'dns' } } }));
    expect(ingress(resolver)).toEqual([{ hostname: 'dns.tail1234.ts.net' }, address]);
  });

  it('stays the same when its StatefulSet is made anew, and is another without its Secret', () => {
    const before = ingress(resolver);
    demo.after(remove('apps/v1', 'StatefulSet', proxy));
    expect(demo.find(kinds.StatefulSet, proxy)).toBeDefined();
    expect(ingress(resolver)).toEqual(before);
    demo.after(remove('v1', 'Secret', `${proxy}-0`));
    expect(ingress(resolver)[0]).toEqual(before[0]);
    expect(ingress(resolver)[1]).not.toEqual(before[1]);
  });

  it('registers at the address that the world has for it', () => {
    demo.world.change({ tailscale: { addresses: { 'tailscale-dns': '100.101.102.54' } } });
    demo.after(remove('v1', 'Secret', `${proxy}-0`));
    expect(ingress(resolver)[1]).toEqual({ ip: '100.101.102.54' });
  });
});

describe('another ClusterIP', () => {
  const move = merge('v1', 'Service', resolver, { spec: { clusterIP: '10.99.9.9', clusterIPs: ['10.99.9.9'] } });

  it('is what the proxy forwards to from now on, in a pod of its own', () => {
    const before = demo.get(kinds.Pod, `${proxy}-0`).metadata.uid;
    demo.after(move);
    expect(target(demo.get(kinds.StatefulSet, proxy))).toBe('10.99.9.9');
    expect(demo.get(kinds.Pod, `${proxy}-0`).metadata.uid).not.toBe(before);
  });

  it.each([
    ['the operator restarts', restart],
    ['the StatefulSet is deleted', remove('apps/v1', 'StatefulSet', proxy)],
  ])('that the operator missed it learns of when %s', (_name, cure) => {
    const before = target(demo.get(kinds.StatefulSet, proxy));
    demo.world.change({ tailscale: { missedClusterIp: true } });
    demo.after(move);
    expect(target(demo.get(kinds.StatefulSet, proxy))).toBe(before);
    demo.after(cure);
    expect(target(demo.get(kinds.StatefulSet, proxy))).toBe('10.99.9.9');
  });
});

it('leaves Services of other classes, and those of a ProxyGroup, alone', () => {
  demo.after(
    media({ metadata: { annotations: { 'tailscale.com/proxy-group': 'ingress' } } }),
    create('v1', 'Service', 'jellyfin/plain', { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }),
  );
  for (const path of ['jellyfin/media', 'jellyfin/plain']) {
    expect(at(demo.get(kinds.Service, path), 'metadata', 'finalizers')).toBeUndefined();
    expect(ready(path)).toEqual([]);
  }
});
