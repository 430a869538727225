/** What a reader says to narrow a run down: only the route of that hostname is looked at, and a name without route is a finding. */
import { describe, expect, it } from 'vitest';
import { run } from '../../src/runbook/run.ts';
import { routeNotReachable } from '../../runbooks/issues/route-not-reachable.ts';
import { now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { changedObjects } from '../support/objects.ts';

const brokenJellyfin = {
  op: 'merge',
  object: {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { namespace: 'jellyfin', name: 'jellyfin' },
    spec: { rules: [{ backendRefs: [{ name: 'jellyfn', port: 80 }] }] },
  },
} as const;

async function findingsAbout(hostname: string): Promise<readonly { id: string; message: string; at: string }[]> {
  const objects = changedObjects([brokenJellyfin], now);
  const { report } = await run({
    runbooks: [routeNotReachable],
    cluster: literalCluster(objects),
    inputs: { hostname },
    now: () => now,
  });
  return report.checks
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')
    .map(({ id, message, findings }) => ({ id, message, at: findings[0]?.evidence[0]?.object.name ?? '' }));
}

describe('the hostname of route-not-reachable', () => {
  it('left out, every route is looked at', async () => {
    expect((await findingsAbout('')).map(({ id }) => id)).toEqual(['httproute/backends-exist']);
  });

  it('of a route that is well, nothing is found', async () => {
    expect(await findingsAbout('docs.sudhanva.me')).toEqual([]);
  });

  it('of the route at fault, the fault is found', async () => {
    expect((await findingsAbout('jellyfin.sudhanva.me')).map(({ id }) => id)).toEqual(['httproute/backends-exist']);
  });

  it('without a route, the one with the nearest name is suspected', async () => {
    expect(await findingsAbout('dcos.sudhanva.me')).toEqual([
      {
        id: 'httproute/routes-the-hostname',
        message: 'No HTTPRoute on the Gateway takes dcos.sudhanva.me; HTTPRoute docs/docs takes docs.sudhanva.me.',
        at: 'docs',
      },
    ]);
  });

  it('without a route or one of a near name, the Gateway is what lacks one', async () => {
    const [finding] = await findingsAbout('grafana.sudhanva.me');
    expect(finding).toMatchObject({ id: 'httproute/routes-the-hostname', at: 'tailscale-gateway' });
  });

  it('must look like a hostname', () => {
    const pattern = routeNotReachable.inputs?.[0]?.pattern ?? /^$/;
    const takes = (text: string): boolean => new RegExp(`^(?:${pattern.source})$`).test(text);
    expect(['docs.sudhanva.me', 'sudhanva.me', 'a-b.c.example.com'].filter((name) => !takes(name))).toEqual([]);
    expect(['docs', '-a.example.com', 'a..b.com', '100.64.1.2', 'a b.com', ''].filter(takes)).toEqual([]);
  });
});
