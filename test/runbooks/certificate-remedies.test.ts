/** Certificates: a remedy lets a Gateway use the Secret that it takes, whole, and lets nobody else in. */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import { allChecks, examineCheck } from '../support/examine.ts';

const gatewayGroup = 'gateway.networking.k8s.io';
const gateway = {
  apiVersion: `${gatewayGroup}/v1`,
  kind: 'Gateway',
  metadata: { namespace: 'tailscale', name: 'tailscale-gateway' },
};

/** The listener takes a Secret by such a reference. */
const taking = (reference: object, status: object = {}): Change => {
  const listener = { name: 'https', protocol: 'HTTPS', port: 443, hostname: '*.sudhanva.me' };
  const spec = { listeners: [{ ...listener, tls: { certificateRefs: [reference] } }] };
  return { op: 'merge', object: { ...gateway, spec, status } };
};

const remediesOf = async (id: string, changes: readonly Change[]) => {
  const check = allChecks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  const { findings } = await examineCheck(check, { changes });
  return findings[0]?.remedies ?? [];
};

describe('a ReferenceGrant that allows something else', () => {
  const foreign = { namespace: 'certificates', name: 'wildcard-tls' };
  const grantOf = (from: readonly object[], to: readonly object[]): Change => ({
    op: 'create',
    object: {
      apiVersion: `${gatewayGroup}/v1beta1`,
      kind: 'ReferenceGrant',
      metadata: { namespace: 'certificates', name: 'gateways' },
      spec: { from, to },
    },
  });

  const tailscale = { group: gatewayGroup, kind: 'Gateway', namespace: 'tailscale' };
  const lab = { ...tailscale, namespace: 'lab' };
  const routes = { group: gatewayGroup, kind: 'HTTPRoute', namespace: 'tailscale' };
  const wildcard = { group: '', kind: 'Secret', name: 'wildcard-tls' };
  const other = { ...wildcard, name: 'other-tls' };
  const allSecrets = { group: '', kind: 'Secret' };

  it.each([
    { name: 'another Secret', from: [tailscale], to: [other], widened: { from: [tailscale], to: [other, wildcard] } },
    { name: 'another namespace', from: [lab], to: [wildcard], widened: { from: [lab, tailscale], to: [wildcard] } },
  ])('is widened where it is for $name alone', async ({ from, to, widened }) => {
    const [first] = await remediesOf('certificate/may-be-referenced', [taking(foreign), grantOf(from, to)]);
    expect(first?.change).toMatchObject({
      object: { kind: 'ReferenceGrant', name: 'gateways' },
      path: 'spec',
      to: widened,
    });
  });

  it.each([
    { name: 'others and another Secret', from: [tailscale, lab], to: [other] },
    { name: 'routes and another Secret', from: [tailscale, routes], to: [other] },
    { name: 'another namespace, and two Secrets', from: [lab], to: [wildcard, other] },
    { name: 'another namespace, and all Secrets', from: [lab], to: [allSecrets] },
    { name: 'another namespace and another Secret', from: [lab], to: [other] },
  ])('is left alone where it is for $name: a grant of its own lets nobody else in', async ({ from, to }) => {
    const remedies = await remediesOf('certificate/may-be-referenced', [taking(foreign), grantOf(from, to)]);
    expect(remedies.map(({ change }) => change ?? null)).not.toContainEqual(expect.objectContaining({ path: 'spec' }));
    expect(remedies[0]?.commands[0]).toContain(JSON.stringify({ from: [tailscale], to: [wildcard] }));
  });
});

describe('a listener that looks in the wrong namespace', () => {
  const resolved = { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef', message: 'Not found.' };
  const unresolved = { listeners: [{ name: 'https', attachedRoutes: 4, supportedKinds: [], conditions: [resolved] }] };
  const certificateIn = (namespace: string): readonly Change[] => {
    const kind = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' };
    const metadata = { namespace, name: 'wildcard' };
    return [
      { op: 'delete', object: { ...kind, metadata: { namespace: 'tailscale', name: 'wildcard-sudhanva-me' } } },
      {
        op: 'create',
        object: { ...kind, metadata, spec: { secretName: 'wildcard-tls', dnsNames: ['*.sudhanva.me'] } },
      },
    ];
  };

  it('is told the other namespace, which has to permit it', async () => {
    const changes = [...certificateIn('certificates'), taking({ name: 'wildcard-tls' }, unresolved)];
    const [first] = await remediesOf('certificate/ready', changes);
    expect(first?.change).toMatchObject({
      path: 'spec.listeners[0].tls.certificateRefs[0].namespace',
      to: 'certificates',
    });
    expect(first?.commands).toEqual([
      expect.stringMatching(/"namespace":"certificates".* \| kubectl create -f -$/),
      expect.stringMatching(/^kubectl patch gateway -n tailscale tailscale-gateway /),
    ]);
  });

  it('is told the Gateway’s own, which needs no permission', async () => {
    const changes = [...certificateIn('tailscale'), taking({ namespace: 'lab', name: 'wildcard-tls' }, unresolved)];
    const [first] = await remediesOf('certificate/ready', changes);
    expect(first?.change).toMatchObject({
      path: 'spec.listeners[0].tls.certificateRefs[0].namespace',
      to: 'tailscale',
    });
    expect(first?.title).not.toContain('ReferenceGrant');
    expect(first?.commands).toEqual([expect.stringMatching(/^kubectl patch gateway /)]);
  });
});
