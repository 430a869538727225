/** What manifests do not hold is unknown, and says so; what they hold is judged. */
import { describe, expect, it } from 'vitest';
import { openObject } from '../../src/manifests/open.ts';
import { manifestCluster } from '../../src/manifests/source.ts';
import type { Manifest, ManifestObject } from '../../src/manifests/manifest.ts';
import { defineCheck, pass } from '../../src/runbook/check.ts';
import { fail } from '../support/judgements.ts';
import { NeedsCluster } from '../../src/runbook/fact.ts';
import { follow, list, object, plain, raw, type ClusterRead } from '../../src/runbook/read.ts';
import { openList } from '../../src/runbook/open-list.ts';
import { run } from '../../src/runbook/run.ts';
import { defineRunbook } from '../../src/runbook/runbook.ts';
import { sh } from '../../src/runbook/shell.ts';

const gateway = (name: string): ManifestObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace: 'tailscale', labels: { tier: 'edge' } },
  ...{ spec: { gatewayClassName: 'tailscale', listeners: [] }, status: { addresses: [] } },
});
const service: ManifestObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'docs', namespace: 'docs' },
  ...{ spec: { ports: [{ port: 80 }] } },
};
const issuer: ManifestObject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'ClusterIssuer',
  metadata: { name: 'letsencrypt' },
};
const manifests = [gateway('a'), gateway('b'), service, issuer].map((some): Manifest => ({
  object: some,
  file: 'all.yaml',
  place: () => ({ line: 1, column: 1 }),
}));
const cluster = manifestCluster(manifests, { name: 'the manifests in all.yaml', isStack: true });

describe('an object of a manifest', () => {
  const opened = openObject(gateway('a'));

  it('has what is written', () => {
    expect(opened).toMatchObject({ kind: 'Gateway', spec: { gatewayClassName: 'tailscale' } });
    expect(opened.metadata.labels).toEqual({ tier: 'edge' });
    expect(opened.metadata['deletionTimestamp']).toBeUndefined();
  });

  it.each(['uid', 'generation', 'resourceVersion', 'creationTimestamp', 'managedFields', 'finalizers'])(
    'has a %s that only a cluster can tell',
    (field) => {
      expect(() => opened.metadata[field]).toThrow(`The ${field} of Gateway tailscale/a: only a cluster can tell.`);
    },
  );

  it('has a status that only a cluster can tell, even where somebody wrote one', () => {
    expect(() => (opened as unknown as { status: unknown }).status).toThrow(NeedsCluster);
    expect(() => 'status' in opened).toThrow('The status of Gateway tailscale/a: only a cluster can tell.');
    expect(JSON.stringify(opened)).not.toContain('addresses');
  });

  it('is allocated an address by the server, unless it names one', () => {
    const { spec } = openObject(service) as unknown as { spec: { clusterIP: string } };
    expect(() => spec.clusterIP).toThrow('The clusterIP of Service docs/docs: only a cluster can tell.');
    const headless = { ...service, spec: { clusterIP: 'None' } };
    expect(openObject(headless).spec.clusterIP).toBe('None');
  });
});

describe('a list that may be longer in the cluster', () => {
  const numbers = openList([1, 2, 3], new NeedsCluster('What other numbers there are'));
  const message = 'What other numbers there are: only a cluster can tell.';

  it('tells a hit', () => {
    expect(numbers.find((number) => number > 1)).toBe(2);
    expect(numbers.some((number) => number > 2)).toBe(true);
    expect(numbers.includes(3)).toBe(true);
    expect(numbers.every((number) => number > 1)).toBe(false);
    expect(numbers.filter((number) => number > 1).find((number) => number > 2)).toBe(3);
    expect(numbers.map((number) => number * 2).some((number) => number === 6)).toBe(true);
    expect(numbers.flatMap((number) => [number, -number]).includes(-2)).toBe(true);
    for (const number of numbers) if (number === 1) return;
  });

  it.each([
    ['find', () => numbers.find((number) => number > 3)],
    ['some', () => numbers.some((number) => number > 3)],
    ['includes', () => numbers.includes(4)],
    ['every', () => numbers.every((number) => number > 0)],
    ['filter, then a miss', () => numbers.filter((number) => number > 3).some((number) => number > 0)],
    ['its length', () => numbers.length],
    ['its first', () => numbers[0]],
    ['all of it', () => [...numbers]],
    ['its sum', () => numbers.reduce((sum, number) => sum + number, 0)],
    ['as text', () => JSON.stringify(numbers)],
    ['joined', () => numbers.join()],
  ])('does not tell %s', (_what, look) => {
    expect(look).toThrow(message);
  });
});

describe('manifests as a cluster', () => {
  const read = (wanted: ClusterRead) => cluster.read(wanted);

  it('hold every object of a kind that only people write', async () => {
    const fact = await read(list('Gateway', 'test'));
    expect(fact).toMatchObject({ ok: true, written: true });
    expect(fact.ok && (fact.value as unknown[]).length).toBe(2);
    expect(await read(object('Gateway', { namespace: 'tailscale', name: 'c' }, 'test'))).toMatchObject({
      problem: { kind: 'not-found' },
    });
    expect(await read(list('Issuer', 'test'))).toEqual({ ok: true, value: [], written: true });
  });

  it.each<[string, ClusterRead, string]>([
    ['an object of a built-in kind', object('Service', { namespace: 'docs', name: 'x' }, 'test'), 'Service docs/x'],
    [
      'an object of a kind that they have none of',
      object('HTTPRoute', { namespace: 'docs', name: 'x' }, 'test'),
      'HTTPRoute docs/x',
    ],
    [
      'a log',
      {
        type: 'log',
        namespace: 'a',
        pod: 'b',
        container: 'c',
        tailLines: 1,
        keep: { lines: '', fields: [] },
        why: 'test',
      },
      'The log of pod a/b, container c',
    ],
  ])('do not know %s', async (_what, wanted, subject) => {
    expect(await read(wanted)).toEqual({
      ok: false,
      problem: { kind: 'unreachable', message: `${subject}: only a cluster can tell.` },
    });
  });

  it.each<[ClusterRead, string]>([
    [list('Service', 'test'), 'What other Services there are'],
    [list('GatewayClass', 'test'), 'What GatewayClasses there are'],
    [list('EnvoyProxy', 'test'), 'What EnvoyProxies there are'],
    [list('Event', 'test', { fields: { type: 'Warning' } }), 'What Events there are'],
  ])('leave a list open', async (wanted, subject) => {
    const fact = await read(wanted);
    expect(() => fact.ok && (fact.value as unknown[]).length).toThrow(`${subject}: only a cluster can tell.`);
  });

  it('choose by namespace and label', async () => {
    const chosen = await read(list('Gateway', 'test', { namespace: 'tailscale', labels: { tier: 'edge' } }));
    expect(chosen.ok && (chosen.value as unknown[]).length).toBe(2);
    expect(await read(list('Gateway', 'test', { labels: { tier: 'core' } }))).toMatchObject({ value: [] });
    expect(await read(list('Gateway', 'test', { namespace: 'other' }))).toMatchObject({ value: [] });
  });
});

describe('a check that looks at what only a cluster can tell', () => {
  const about = { title: 'A title', why: 'A reason.' } as const;
  const gateways = list('Gateway', 'test');
  const services = list('Service', 'test');
  const examine = async (...checks: Parameters<typeof defineRunbook>[0]['checks']) => {
    const runbook = defineRunbook({ id: 'test', title: 'Test', summary: 'Test.', checks });
    const { report } = await run({ runbooks: [runbook], cluster });
    return report.checks;
  };

  it('is unknown, while judging, following or showing it', async () => {
    const verdicts = await examine(
      defineCheck({
        ...about,
        id: 'gateway/judges',
        reads: { gateways: plain(gateways) },
        judge: ({ gateways: found }) => pass(`${found[0]?.status?.addresses?.length ?? 0} addresses`),
      }),
      defineCheck({
        ...about,
        id: 'gateway/follows',
        reads: {
          pods: follow(
            { services: plain(services) },
            ({ services: found }) =>
              found.map(({ metadata: { name } }) => object('Pod', { namespace: 'a', name }, 'test')),
            { why: 'test', command: sh`true`, probes: false },
          ),
        },
        judge: () => pass('followed'),
      }),
      defineCheck({
        ...about,
        id: 'gateway/shows',
        reads: { services: raw(services) },
        judge: ({ services: fact }) =>
          fail({
            message: 'shown',
            evidence: [
              {
                object: { apiVersion: 'v1', kind: 'Service', name: 'a' },
                path: 'metadata.name',
                observed: fact.ok ? fact.value.map(({ metadata }) => metadata.name) : null,
                expected: 'all',
              },
            ],
          }),
      }),
    );
    expect(verdicts.map(({ outcome, problem }) => [outcome, problem?.kind, problem?.message])).toEqual([
      ['unknown', 'unreachable', 'The status of Gateway tailscale/a: only a cluster can tell.'],
      ['unknown', 'unreachable', 'What other Services there are: only a cluster can tell.'],
      ['unknown', 'unreachable', 'What other Services there are: only a cluster can tell.'],
    ]);
  });

  it('is judged where the rest decides', async () => {
    const [verdict] = await examine(
      defineCheck({
        ...about,
        id: 'gateway/decides',
        reads: { gateways: plain(gateways), services: plain(services) },
        judge: ({ gateways: found, services: there }) =>
          pass(`${found.length} Gateways; ${String(there.some(({ metadata }) => metadata.name === 'docs'))}`),
      }),
    );
    expect(verdict).toMatchObject({ outcome: 'passed', message: '2 Gateways; true' });
  });
});
