/** Where a reference leads: the one judge of those that lead nowhere, and what it makes of each way to go astray. */
import { describe, expect, it } from 'vitest';
import { leadOf, withinReach, type Among, type Named } from '../../runbooks/models/references.ts';
import { permissionFor } from '../../runbooks/models/grants.ts';
import { follow, relationAt } from '../../src/kinds/references.ts';

const named = (kind: string, name: string, namespace?: string): Named => ({
  apiVersion: kind === 'Gateway' ? 'gateway.networking.k8s.io/v1' : kind === 'Service' ? 'v1' : 'cert-manager.io/v1',
  ...{ kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
});

const route = (parent: object) => ({
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'a', namespace: 'apps' } },
  spec: { parentRefs: [parent] },
});

function lead(parent: object, among: Partial<Among<Named>> = {}): unknown {
  const [reference] = follow(route(parent), relationAt('HTTPRoute', 'spec.parentRefs[]'));
  if (reference === undefined) throw new Error('The route names no parent.');
  const found = leadOf(reference, { takes: ['Gateway'], there: gateways, ...among });
  const end = 'object' in found ? found.object : 'meant' in found ? found.meant : undefined;
  return [found.to, end && `${end.metadata.namespace ?? ''}/${end.metadata.name}`];
}

const gateways = [named('Gateway', 'public', 'infra'), named('Gateway', 'private', 'infra')];

describe('a reference', () => {
  it.each([
    ['leads to what it names', { name: 'public', namespace: 'infra' }, ['object', 'infra/public']],
    ['has the right name in a wrong namespace', { name: 'public' }, ['otherNamespace', 'infra/public']],
    ['has a typo', { name: 'publci', namespace: 'infra' }, ['otherName', 'infra/public']],
    ['is like nothing', { name: 'edge', namespace: 'infra' }, ['nothing', undefined]],
    ['is of another kind', { kind: 'Service', group: '', name: 'public' }, ['foreign', undefined]],
    [
      'is of another group, and else right',
      { group: 'networking.istio.io', name: 'public', namespace: 'infra' },
      ['foreign', 'infra/public'],
    ],
  ])('%s', (_, parent, expected) => expect(lead(parent)).toEqual(expected));

  it('means the only one that is to spare, and none of several', () => {
    expect(lead({ name: 'edge', namespace: 'infra' }, { spare: gateways.slice(0, 1) })).toEqual([
      'otherName',
      'infra/public',
    ]);
    expect(lead({ name: 'edge', namespace: 'infra' }, { spare: gateways })).toEqual(['nothing', undefined]);
  });

  it('whose name is right is not corrected: its object is what is missing', () => {
    expect(lead({ name: 'publci', namespace: 'infra' }, { isRight: true })).toEqual(['nothing', undefined]);
  });

  it('without a namespace of its own reaches its own namespace, and what has none', () => {
    const issuers = [named('Issuer', 'here', 'apps'), named('Issuer', 'there', 'infra'), named('ClusterIssuer', 'all')];
    const reached = withinReach(route({}) as never, relationAt('Certificate', 'spec.issuerRef'), issuers);
    expect(reached.map(({ metadata }) => metadata.name)).toEqual(['here', 'all']);
  });
});

describe('a reference into another namespace', () => {
  const grant = (name: string, from: object, to: object) =>
    ({
      ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'ReferenceGrant', metadata: { name, namespace: 'infra' } },
      spec: { from: [from], to: [to] },
    }) as never;
  const routes = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'apps' };
  const service = { group: '', kind: 'Service', name: 'web' };
  const by = {
    ...route({}),
    spec: { rules: [{ backendRefs: [{ name: 'web', namespace: 'infra', port: 80 }] }] },
  } as never;
  const [reference] = follow(by, relationAt('HTTPRoute', 'spec.rules[].backendRefs[]'));
  const permission = (...grants: readonly never[]) => {
    if (reference === undefined) throw new Error('The route names no backend.');
    const { permitted, grant: found } = permissionFor({ by, reference }, grants);
    return [permitted, found?.metadata.name];
  };

  it('is permitted by a grant that names both ends, or every object of the kind', () => {
    expect(permission(grant('one', routes, service))).toEqual([true, 'one']);
    expect(permission(grant('all', routes, { group: '', kind: 'Service' }))).toEqual([true, 'all']);
  });

  it('is not by halves: the grant that was meant is named', () => {
    expect(permission()).toEqual([false, undefined]);
    expect(permission(grant('secrets', routes, { group: '', kind: 'Secret' }))).toEqual([false, 'secrets']);
    expect(permission(grant('others', { ...routes, namespace: 'else' }, service))).toEqual([false, 'others']);
    expect(permission(grant('strange', { ...routes, namespace: 'else' }, { ...service, name: 'api' }))).toEqual([
      false,
      undefined,
    ]);
  });
});
