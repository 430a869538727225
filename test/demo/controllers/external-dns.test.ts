/** What ExternalDNS publishes, and what it leaves alone. */
import { beforeEach, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import { create, live, merge, type Living } from './support.ts';

const api = 'gateway.networking.k8s.io/v1';
const prefix = 'external-dns.alpha.kubernetes.io/';
const device = 'gateway-envoy.tail1234.ts.net';
const alias = [{ type: 'CNAME', data: device }];

let demo: Living = live();

beforeEach(() => {
  demo = live();
});

const records = (name: string) => demo.world.facts.publicRecords[`${name}.sudhanva.me`];
const annotate = (kind: string, path: string, annotations: object): Change =>
  merge(api, kind, path, { metadata: { annotations } });
const told = (...args: readonly string[]): Change =>
  merge('apps/v1', 'Deployment', 'external-dns/external-dns', {
    spec: {
      template: {
        spec: {
          containers: [{ name: 'external-dns', image: 'registry.k8s.io/external-dns/external-dns:v0.22.0', args }],
        },
      },
    },
  });
const usual = [
  '--source=gateway-httproute',
  `--annotation-prefix=${prefix}`,
  `--annotation-filter=${prefix}expose=true`,
  '--domain-filter=sudhanva.me',
  '--policy=sync',
  '--txt-owner-id=homelab',
];
const instead = (flag: string, other: string): Change =>
  told(...usual.map((one) => (one.startsWith(`--${flag}=`) ? other : one)).filter((one) => one !== ''));

it('publishes the routes that ask for it, with a mark of its own, and no other', () => {
  expect(records('jellyfin')).toEqual(alias);
  expect(records('cname-jellyfin')).toEqual([
    {
      type: 'TXT',
      data: '"heritage=external-dns,external-dns/owner=homelab,external-dns/resource=httproute/jellyfin/jellyfin"',
    },
  ]);
  expect(records('docs')).toHaveLength(3);
});

it('publishes a new route, and takes the record back with it', () => {
  const { metadata, spec } = demo.get(kinds.HTTPRoute, 'jellyfin/jellyfin');
  demo.after(
    create(api, 'HTTPRoute', 'jellyfin/films', {
      metadata: { annotations: metadata['annotations'] },
      spec: { ...(spec as object), hostnames: ['films.sudhanva.me', 'films.example.org'] },
    }),
  );
  expect(records('films')).toEqual(alias);
  expect(demo.world.facts.publicRecords['films.example.org']).toBeUndefined();
  demo.after(annotate('HTTPRoute', 'jellyfin/films', { [`${prefix}expose`]: null }));
  expect(records('films')).toBeUndefined();
  expect(records('cname-films')).toBeUndefined();
});

it('leaves a record that somebody else made alone', () => {
  const before = records('docs');
  demo.after(annotate('HTTPRoute', 'docs/docs', { [`${prefix}expose`]: 'true' }));
  expect(records('docs')).toEqual(before);
});

it.each<[string, Change]>([
  ['its filter fits no route', instead('annotation-filter', `--annotation-filter=${prefix}expse=true`)],
  ['it watches something else', instead('source', '--source=ingress')],
  ['the domain is another', instead('domain-filter', '--domain-filter=example.org')],
])('when %s, its records go, unless they are of another domain', (name, change) => {
  demo.after(change);
  expect(records('jellyfin')).toEqual(name.includes('domain') ? alias : undefined);
  demo.after(told(...usual));
  expect(records('jellyfin')).toEqual(alias);
});

it('with upsert-only keeps what is no longer asked for', () => {
  demo.after(instead('policy', '--policy=upsert-only'));
  demo.after(annotate('HTTPRoute', 'jellyfin/jellyfin', { [`${prefix}expose`]: null }));
  expect(records('jellyfin')).toEqual(alias);
});

it('publishes the Gateway’s address where it does not see a target', () => {
  demo.after(instead('annotation-prefix', ''));
  expect(records('jellyfin')).toEqual([{ type: 'A', data: '100.101.102.103' }]);
  expect(records('a-jellyfin')).toHaveLength(1);
  expect(records('cname-jellyfin')).toBeUndefined();
  demo.after(told(...usual));
  expect(records('jellyfin')).toEqual(alias);
  expect(records('a-jellyfin')).toBeUndefined();
});

// ExternalDNS 0.22, source/gateway.go: gwRouteHasParentRef.
it('takes back what a route asked for that names another Gateway now, whatever its status says', () => {
  demo.after(merge(api, 'HTTPRoute', 'jellyfin/jellyfin', { spec: { parentRefs: [{ name: 'nowhere' }] } }));
  expect(records('jellyfin')).toBeUndefined();
});

it('does nothing while it does not run', () => {
  demo.after(merge('apps/v1', 'Deployment', 'external-dns/external-dns', { spec: { replicas: 0 } }));
  demo.after(annotate('Gateway', 'tailscale/tailscale-gateway', { [`${prefix}target`]: 'other.tail1234.ts.net' }));
  expect(records('jellyfin')).toEqual(alias);
  demo.after(merge('apps/v1', 'Deployment', 'external-dns/external-dns', { spec: { replicas: 1 } }));
  expect(records('jellyfin')).toEqual([{ type: 'CNAME', data: 'other.tail1234.ts.net' }]);
});
