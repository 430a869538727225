/** A certificate for each hostname: what a stack's listeners are then, and how a Gateway tells `npm run adopt` that it is so. */
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { listenersOf } from '../../runbooks/stack-listeners.ts';
import { stackTroubles } from '../../runbooks/stack-troubles.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import { draftOf } from '../../src/cli/adopt/draft.ts';
import { factsOf } from '../../src/cli/adopt/facts.ts';
import { proposalsFrom } from '../../src/cli/adopt/proposals.ts';
import type { Proposal } from '../../src/cli/adopt/told.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { stack as lean } from './lean.ts';

/** The whole stack, with a certificate for each hostname. */
const each: Stack = { ...stack, gateway: lean.gateway, certificate: lean.certificate };
const gateway = `${stack.gateway.namespace}/${stack.gateway.name}`;

async function told(objects: readonly KubernetesObject[], domain?: string): Promise<readonly Proposal[]> {
  const { facts } = await factsOf(literalCluster(objects));
  return proposalsFrom(facts, gateway, domain);
}

const values = (proposals: readonly Proposal[]): object =>
  Object.fromEntries(
    proposals
      .filter(({ path }) => /^(?:gateway|certificate|domain)/.test(path))
      .map(({ path, value }) => [path, value]),
  );

/** A Gateway whose listeners are for some hostnames, each by a name of its own. */
const gatewayFor = (listeners: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { namespace: stack.gateway.namespace, name: stack.gateway.name },
  spec: {
    gatewayClassName: stack.gatewayClass.name,
    listeners: Object.entries(listeners).map(([name, hostname]) => ({
      ...{ name, hostname, port: 443, protocol: 'HTTPS' },
      tls: { certificateRefs: [{ name: `${name}-tls` }] },
    })),
  },
});

describe('the listeners of a stack', () => {
  it('are one for every hostname, Vault’s too, each with a Certificate and a Secret', () => {
    expect(listenersOf(each).map(({ name, hostname }) => `${name} ${hostname}`)).toEqual([
      'tls-guide guide.lab.example.net',
      'tls-console console.lab.example.net',
      'tls-films films.lab.example.net',
      'tls-photos photos.lab.example.net',
      'tls-strongroom strongroom.lab.example.net',
    ]);
    expect(listenersOf(each)[1]?.certificate).toEqual({
      namespace: 'ingress',
      name: 'console-of-lab',
      secret: 'console-pair',
    });
  });

  it('are one for all with a wildcard', () => {
    expect(listenersOf(stack)).toEqual([
      {
        name: 'tls',
        hostname: '*.lab.example.net',
        certificate: { namespace: 'ingress', name: 'every-lab-name', secret: 'every-lab-name-pair' },
      },
    ]);
  });
});

describe('a stack file', () => {
  it.each<[string, Stack, string]>([
    [
      'one name for all',
      { ...each, certificate: { ...each.certificate, name: 'all' } },
      'certificate.name is all, for',
    ],
    ['one listener for all', { ...each, gateway: stack.gateway }, 'gateway.listener is tls, for every hostname'],
    [
      'a mark without need',
      { ...stack, certificate: { ...stack.certificate, secret: '{host}' } },
      'secret is {host}: ',
    ],
    [
      'another mark',
      { ...each, certificate: { ...each.certificate, secret: '{app}' } },
      'certificate.secret is "{app}"',
    ],
    [
      'hostnames that are one with dashes for dots',
      {
        ...each,
        apps: [
          ...each.apps,
          { ...stack.app, name: 'x', hostname: 'a.b.lab.example.net' },
          { ...stack.app, name: 'y', hostname: 'a-b.lab.example.net' },
        ],
      },
      'two hostnames would have the listener tls-a-b',
    ],
  ])('cannot have %s', (_, wrong, says) => expect(stackTroubles(wrong).join('\n')).toContain(says));
});

describe('a Gateway tells', () => {
  it('that each hostname has its own, in which pattern, and the domain', async () => {
    const proposals = await told(homelabOf(each).objects);
    expect(values(proposals)).toMatchObject({
      'certificate.covers': 'hostname',
      'certificate.namespace': 'ingress',
      'certificate.name': '{host}-of-lab',
      'certificate.secret': '{host}-pair',
      'gateway.listener': 'tls-{host}',
      domain: 'lab.example.net',
    });
    const draft = draftOf(stack, stack.domain, proposals, new Map());
    expect(draft.refused).toEqual([]);
    expect(draft.stack.certificate).toEqual(each.certificate);
    expect(stackTroubles(draft.stack)).toEqual([]);
  });

  it('that one is for all', async () => {
    const proposals = await told(homelabOf(stack).objects);
    expect(values(proposals)).toMatchObject({ 'certificate.covers': 'domain', 'gateway.listener': 'tls' });
    expect(draftOf(each, stack.domain, proposals, new Map()).stack.certificate).toEqual(stack.certificate);
  });

  it('names that follow no pattern: then it says so, and there is one', async () => {
    const proposals = await told([gatewayFor({ first: 'a.example.org', second: 'b.example.org' })]);
    expect(proposals.find(({ path }) => path === 'gateway.listener')).toEqual({
      path: 'gateway.listener',
      value: '{host}',
      from: `the names of Gateway ${gateway} follow no pattern`,
    });
    expect(stackTroubles(draftOf(stack, 'example.org', proposals, new Map()).stack)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['of one hostname', { one: 'a.example.org' }, 'example.org'],
    ['of hostnames of any depth', { one: 'a.example.org', two: 'b.lab.example.org' }, 'example.org'],
    ['with the bare domain', { one: 'example.org', two: 'a.example.org' }, 'example.org'],
  ])('the domain %s', async (_, listeners, domain) =>
    expect(values(await told([gatewayFor(listeners)]))).toMatchObject({ domain, 'certificate.covers': 'hostname' }),
  );

  it('no domain of hostnames that have none in common, unless that is given', async () => {
    const objects = [gatewayFor({ 'a-web': 'a.example.org', 'b-web': 'b.example.com' })];
    expect(values(await told(objects))).not.toHaveProperty('domain');
    expect(values(await told(objects, 'example.com'))).toMatchObject({ 'gateway.listener': '{host}-web' });
  });
});

it('the way in for pods moves along with Envoy', () => {
  const moved = draftOf(stack, stack.domain, [], new Map([['envoyGateway.namespace', 'edge']])).stack;
  expect(moved.internalService).toEqual({ ...stack.internalService, namespace: 'edge' });
  expect(stackTroubles(moved)).toEqual([]);
});

it('what is given together fits together, in any order', () => {
  const given = new Map([
    ['certificate.name', '{host}-tls'],
    ['certificate.secret', '{host}-tls'],
    ['gateway.listener', '{host}'],
    ['certificate.covers', 'hostname'],
  ]);
  expect(stackTroubles(draftOf(stack, stack.domain, [], given).stack)).toEqual([]);
});
