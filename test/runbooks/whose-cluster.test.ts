/** Whether a cluster is the stack file's: what is said of one that is not, and that nothing is said of one that is, or may be. */
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { gatewayNotProgrammed } from '../../runbooks/issues/gateway-not-programmed.ts';
import { noticeOf, withNotice } from '../../runbooks/models/whose-cluster.ts';
import { toJunit } from '../../src/report/junit.ts';
import { toMarkdown } from '../../src/report/markdown.ts';
import { toText } from '../../src/report/text.ts';
import { painter } from '../../src/report/paint.ts';
import { value, type ProblemKind } from '../../src/runbook/fact.ts';
import { list } from '../../src/runbook/read.ts';
import { reportSchema, type Report } from '../../src/runbook/report.ts';
import { run, type ClusterSource, type Run } from '../../src/runbook/run.ts';
import { now } from '../support/examine.ts';
import { literalCluster } from '../support/literal-cluster.ts';
import { changedObjects } from '../support/objects.ts';

const gateway = (fullName: string, gatewayClassName = 'cilium'): KubernetesObject => {
  const [namespace = '', name = ''] = fullName.split('/');
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { namespace, name },
    spec: { gatewayClassName, listeners: [{ name: 'https', port: 443, protocol: 'HTTPS' }] },
  };
};

const gatewayClass = (name: string): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name },
  spec: { controllerName: 'io.cilium/gateway-controller' },
});

interface Asked {
  source?: ClusterSource['source'];
  problems?: Readonly<Record<string, ProblemKind>>;
}

/** A cluster whose list of Gateways is whatever a server may send. */
const listing = (gateways: readonly unknown[]): ClusterSource => {
  const cluster = literalCluster([]);
  return {
    ...cluster,
    read: (read, signal) =>
      read.type === 'list' && read.kind === 'Gateway' ? Promise.resolve(value(gateways)) : cluster.read(read, signal),
  };
};

async function runOf(
  some: readonly KubernetesObject[] | ClusterSource,
  { source = 'live', problems = {} }: Asked = {},
): Promise<Run> {
  const cluster = { ...('read' in some ? some : literalCluster(some, { problems })), source };
  return withNotice(await run({ runbooks: [gatewayNotProgrammed], cluster, now: () => now }));
}

const messageOf = async (...some: Parameters<typeof runOf>): Promise<string | undefined> =>
  (await runOf(...some)).report.notice?.message;

const lacks = 'This cluster has no Gateway tailscale/tailscale-gateway';

describe('a cluster with other Gateways than the stack’s', () => {
  it.each([
    {
      what: 'one',
      gateways: [gateway('network/internal')],
      says: 'it has network/internal: start the handbook with --gateway network/internal, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'two',
      gateways: [gateway('network/internal'), gateway('network/external')],
      says: 'it has network/internal and network/external: start the handbook with --gateway NAMESPACE/NAME for the one that is meant, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'a near name among others',
      gateways: [gateway('network/internal', 'tailscale'), gateway('tailscale/tailscale-gatewya')],
      says: 'it has tailscale/tailscale-gatewya and network/internal: start the handbook with --gateway tailscale/tailscale-gatewya, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'the same name in another namespace',
      gateways: [gateway('network/internal'), gateway('network/tailscale-gateway')],
      says: 'it has network/tailscale-gateway and network/internal: start the handbook with --gateway network/tailscale-gateway, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'one of the stack’s class',
      gateways: [gateway('network/external'), gateway('network/internal', 'tailscale')],
      says: 'it has network/internal and network/external: start the handbook with --gateway network/internal, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'two of the stack’s class',
      gateways: [gateway('a/a'), gateway('b/b', 'tailscale'), gateway('c/c', 'tailscale')],
      says: 'it has b/b, c/c and a/a: start the handbook with --gateway NAMESPACE/NAME for the one that is meant, or name it in runbooks/stack.ts, or ask another cluster.',
    },
    {
      what: 'more than a sentence names',
      gateways: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => gateway(`net/${name}`)),
      says: 'it has net/a, net/b, net/c, net/d, net/e and 2 more: start the handbook with --gateway NAMESPACE/NAME for the one that is meant, or name it in runbooks/stack.ts, or ask another cluster.',
    },
  ])('$what', async ({ gateways, says }) => {
    expect(await messageOf(gateways)).toBe(`${lacks}; ${says}`);
  });

  it('is told as data, too, and asks nothing more of the cluster', async () => {
    const objects = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => gateway(`net/${name}`));
    const { report } = await runOf(objects);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report))).notice).toMatchObject({
      wanted: { namespace: 'tailscale', name: 'tailscale-gateway' },
      gateways: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ namespace: 'net', name })),
      more: 1,
    });
    expect(report.requests).toBe((await runOf(objects, { source: 'demo' })).report.requests);
  });

  it('may be the stack’s by its class: then the Gateway may have to be created again', async () => {
    const objects = [gateway('network/internal'), gatewayClass('tailscale')];
    expect(await messageOf(objects)).toBe(
      `${lacks}; it has network/internal: start the handbook with --gateway network/internal, or name it in runbooks/stack.ts, or create tailscale/tailscale-gateway again.`,
    );
  });

  it('is told of a snapshot, too', async () => {
    const objects = [gateway('network/internal')];
    expect(await messageOf(objects, { source: 'snapshot' })).toBe(await messageOf(objects));
  });

  it.each(['demo', 'manifests'] as const)(
    'is not told of a source that is no cluster of anybody: %s',
    async (source) => {
      expect(await messageOf([gateway('network/internal')], { source })).toBeUndefined();
    },
  );
});

describe('a cluster without any Gateway', () => {
  it('is another one where it lacks the stack’s class, too', async () => {
    const says = `${lacks}, and no other: give the names of this cluster in runbooks/stack.ts, or ask another cluster.`;
    expect(await messageOf([])).toBe(says);
    expect(await messageOf([gatewayClass('cilium')])).toBe(says);
  });

  it('may be the stack’s where its classes cannot be read', async () => {
    expect(await messageOf([], { problems: { GatewayClass: 'forbidden' } })).toBeUndefined();
  });

  it('is the stack’s where only the Gateway was deleted: that is a finding', async () => {
    const { apiVersion, kind } = gateway('tailscale/tailscale-gateway');
    const metadata = { namespace: 'tailscale', name: 'tailscale-gateway' };
    const { report } = await runOf(changedObjects([{ op: 'delete', object: { apiVersion, kind, metadata } }], now));
    expect(report.rootCauses).toContain('gateway/exists#missing');
    expect(report.notice).toBeUndefined();
  });
});

describe('nothing is said', () => {
  it('where the Gateway is there, beside others', async () => {
    expect(await messageOf([...changedObjects([], now), gateway('network/internal')])).toBeUndefined();
  });

  it.each<ProblemKind>(['forbidden', 'unreachable', 'timed-out', 'kind-not-installed', 'malformed'])(
    'where Gateways were not read: %s',
    async (kind) => {
      expect(await messageOf([gateway('network/internal')], { problems: { Gateway: kind } })).toBeUndefined();
    },
  );

  it.each([
    ['nothing', null],
    ['text', 'Gateway'],
    ['an empty object', {}],
    ['no metadata', { ...gateway('a/b'), metadata: null }],
    ['no name', { ...gateway('a/b'), metadata: {} }],
    ['a number for a name', { ...gateway('a/b'), metadata: { namespace: 'a', name: 7 } }],
    ['a list for a namespace', { ...gateway('a/b'), metadata: { namespace: [], name: 'b' } }],
  ])('where one of them has no name that can be read: %s', async (_what, odd) => {
    expect(await messageOf(listing([odd, gateway('network/internal')]))).toBeUndefined();
  });

  it.each([
    ['no spec', { ...gateway('network/internal'), spec: null }],
    ['a number for a class', { ...gateway('network/internal'), spec: { gatewayClassName: 7 } }],
  ])('of the class of one that has none to be read: %s', async (_what, odd) => {
    expect(await messageOf(listing([odd]))).toMatch(
      /it has network\/internal: start the handbook with --gateway network\/internal,/,
    );
  });

  it('of a list of some of them', () => {
    const read = list('Gateway', 'a test', { namespace: 'network' });
    const fact = { ok: true, value: [gateway('network/internal')] } as const;
    expect(noticeOf('live', [{ read, fact, readAt: now.toISOString() }])).toBeUndefined();
  });
});

describe('every face tells it before the findings', () => {
  const found = async (): Promise<Report> => (await runOf([gateway('network/internal')])).report;
  const paint = painter({ isTTY: false }, {});

  it('text, in its width', async () => {
    const text = toText(await found(), { paint, verbose: false });
    const [, first] = text.split('\n\n');
    expect(first?.replace(/\s+/g, ' ')).toContain(`! NOTICE ${lacks}; it has network/internal:`);
    expect(Math.max(...(first ?? '').split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('Markdown', async () => {
    const [, first] = toMarkdown(await found()).split('\n\n');
    expect(first).toMatch(/^\*\*Notice:\*\* This cluster has no Gateway/);
  });

  it('JUnit, as a property of each suite, with names as text', async () => {
    const report = await found();
    const { notice } = report;
    if (notice === undefined) throw new Error('There is no notice.');
    const xml = toJunit({ ...report, notice: { ...notice, message: 'a "<b>"' } });
    expect(xml).toMatch(
      /<testsuite [^>]*>\n {4}<properties><property name="notice" value="a &quot;&lt;b&gt;&quot;"\/><\/properties>\n {4}<testcase/,
    );
    expect(toJunit({ ...report, notice: undefined })).not.toContain('propert');
  });
});
