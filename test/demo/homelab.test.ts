/** The demo follows the stack file: what is added there appears, what is dropped leaves, and so do the faults that need it. */
import { describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { partNames } from '../../runbooks/parts.ts';
import type { Stack } from '../../runbooks/stack-type.ts';
import { runbooks } from '../../runbooks/index.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { scenarioOfFault } from '../../src/demo/fault.ts';
import { bringAboutFrom, type Scenario } from '../../src/demo/scenario.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';

async function examine(own: Stack, scenario: Scenario = { changes: [] }): Promise<Report> {
  const { objects, sound } = homelabOf(own);
  const { state } = bringAboutFrom({ now, objects, sound }, scenario);
  return (await run({ runbooks, cluster: literalCluster(state.objects, {}), now: () => now })).report;
}

const tunes = {
  namespace: 'tunes',
  name: 'tunes',
  hostname: `tunes.${stack.domain}`,
  port: 80,
  containerPort: 4533,
  image: 'docker.io/example/tunes:1.0.0',
  exposed: true,
};

const hostnamesOf = (own: Stack): readonly unknown[] =>
  homelabOf(own)
    .objects.filter(({ kind }) => kind === 'HTTPRoute')
    .flatMap((route) => (route['spec'] as { hostnames: readonly string[] }).hostnames);

const faultIds = (own: Stack): readonly string[] => homelabOf(own).faults.map(({ id }) => id);

describe('an app that is added', () => {
  const more = { ...stack, apps: [...stack.apps, tunes] };

  it('appears with all that an app has, and the cluster is as healthy', async () => {
    expect(hostnamesOf(more)).toEqual([...hostnamesOf(stack).slice(0, -1), tunes.hostname, partNames.vault.hostname]);
    const kinds = homelabOf(more).objects.filter(({ metadata }) => metadata.namespace === 'tunes');
    expect(kinds.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'EndpointSlice',
      'HTTPRoute',
      'Pod',
      'ReplicaSet',
      'Service',
    ]);
    const { checks } = await examine(more);
    expect(checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')).toEqual([]);
    expect(checks.find(({ id }) => id === 'app-pod/ready')?.outcome).toBe('passed');
  });

  it('is what faults are about that take the last app', async () => {
    const fault = homelabOf(more).faults.find(({ id }) => id === 'service-selector-typo');
    expect(fault?.changes[0]?.object.metadata).toEqual({ namespace: 'tunes', name: 'tunes' });
    const report = await examine(more, fault && scenarioOfFault(fault, homelabOf(more).objects));
    expect(report.rootCauses).toEqual([fault?.rootCause]);
  });
});

describe('an app that is dropped', () => {
  const fewer = { ...stack, apps: [stack.app] };

  it('leaves, and the cluster is as healthy', async () => {
    expect(hostnamesOf(fewer)).toEqual([stack.app.hostname, partNames.vault.hostname]);
    const { checks } = await examine(fewer);
    expect(checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')).toEqual([]);
  });

  it('takes the faults along that need one like it, and no other', () => {
    const left = new Set(faultIds(fewer));
    expect(faultIds(stack).filter((id) => !left.has(id))).toEqual([
      'annotation-filter-typo',
      'expose-annotation-misspelt',
      'policy-denies-a-port',
      'policy-keeps-envoy-out',
    ]);
  });
});

it('faults of an app are there for one that is not exposed, too', async () => {
  const [app, ...apps] = stack.apps.map((one) => ({ ...one, exposed: false }));
  const hidden: Stack = { ...stack, app: app ?? stack.app, apps: [app ?? stack.app, ...apps] };
  const { faults, objects } = homelabOf(hidden);
  const own = faults.filter(({ component }) => component.startsWith('app-') || component === 'httproute');
  expect(own.length).toBeGreaterThan(4);
  for (const fault of own) {
    const { rootCauses } = await examine(hidden, scenarioOfFault(fault, objects));
    expect(rootCauses, fault.id).toEqual([fault.rootCause]);
  }
});

it('a certificate for each hostname makes a cluster that is as healthy', async () => {
  const each: Stack = {
    ...stack,
    gateway: { ...stack.gateway, listener: 'https-{host}' },
    certificate: { ...stack.certificate, name: '{host}', secret: '{host}-tls', covers: 'hostname' },
  };
  const certificates = homelabOf(each).objects.filter(({ kind }) => kind === 'Certificate');
  expect(certificates.map(({ metadata }) => metadata.name)).toHaveLength(stack.apps.length + 1);
  const { checks } = await examine(each);
  expect(checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')).toEqual([]);
});

it('what two components share is there once', () => {
  const shared = {
    ...stack,
    tailscaleOperator: { ...stack.tailscaleOperator, namespace: stack.envoyGateway.namespace },
  };
  const names = homelabOf(shared).objects.map(
    ({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
  );
  expect(names).toHaveLength(new Set(names).size);
});
