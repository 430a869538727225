/** A snapshot: the same report again, elsewhere and later, and nothing secret on the way. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import { defineCheck, pass, type Check } from '../../src/runbook/check.ts';
import { problem, value } from '../../src/runbook/fact.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { list, plain } from '../../src/runbook/read.ts';
import type { Verdict } from '../../src/runbook/report.ts';
import { run, type ProbeSource, type Run, type RunOptions } from '../../src/runbook/run.ts';
import { defineRunbook } from '../../src/runbook/runbook.ts';
import { openSnapshot, takeSnapshot, type Snapshot } from '../../src/runbook/snapshot.ts';
import { now } from '../support/examine.ts';
import { literalCluster, literalProbes } from '../support/literal-cluster.ts';
import { objectsOf } from '../support/objects.ts';

const throughJson = (snapshot: Snapshot): Snapshot => JSON.parse(JSON.stringify(snapshot)) as Snapshot;

async function replay(first: Run, options: Omit<RunOptions, 'cluster'>): Promise<Run> {
  const taken = takeSnapshot(first, { probed: options.probes !== undefined, inputs: options.inputs ?? {} });
  const opened = openSnapshot(throughJson(taken));
  return run({
    runbooks: options.runbooks,
    cluster: opened.cluster,
    now: opened.now,
    inputs: taken.inputs,
    ...(opened.probes === undefined ? {} : { probes: opened.probes }),
  });
}

const unreachable: ProbeSource = literalProbes((read) =>
  read.type === 'tcp' ? value({ connected: false, reason: 'timed-out' }) : problem('timed-out', 'No answer.'),
);

describe('a replay', () => {
  const faults = [undefined, ...loadFaults()].map((fault) => ({ name: fault?.id ?? 'healthy', fault }));

  it.each(faults)('of $name is the very same report', async ({ fault }) => {
    const objects = objectsOf(fault === undefined ? { changes: [] } : scenarioOf(fault), now);
    for (const probes of [undefined, unreachable]) {
      const options = { runbooks, now: () => now, ...(probes && { probes }) };
      const first = await run({
        ...options,
        cluster: literalCluster(objects, { problems: { StatefulSet: 'forbidden' } }),
      });
      expect((await replay(first, options)).report).toEqual(first.report);
    }
  });

  it('of a runbook that was not run says what the snapshot lacks', async () => {
    const one = defineCheck({
      id: 'a/one',
      title: 'One is well',
      why: '',
      reads: { pods: plain(list('Pod', 'w', { namespace: 'elsewhere' })) },
      judge: ({ pods }) => pass(`There are ${pods.length}.`),
    });
    const first = await run({ runbooks: [], cluster: literalCluster([]), now: () => now });
    const again = await replay(first, {
      runbooks: [defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [one] })],
    });
    expect(again.report.checks[0]).toMatchObject({
      outcome: 'unknown',
      message: 'The snapshot does not hold pods in elsewhere: take it again with this runbook.',
    });
  });
});

describe('what a snapshot holds', () => {
  type Pod = KubeObject<'Pod'>;

  const podCheck = (says: (found: readonly Pod[]) => string): Check =>
    defineCheck({
      id: 'a/one',
      title: 'One is well',
      why: '',
      reads: { pods: plain(list('Pod', 'w')) },
      judge: ({ pods }) => pass(says(pods)),
    });

  const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
  const pod: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'a',
      name: 'p',
      annotations: { [lastApplied]: '{"secret":"hunter2"}', 'a/b': 'hunter2', 'tailscale.com/hostname': 'kept' },
    },
    spec: {
      containers: [
        {
          name: 'c',
          args: ['--source=service', '--password=hunter2', '--token', 'hunter2', 'hunter2'],
          env: [
            { name: 'LOG_LEVEL', value: 'hunter2' },
            { name: 'FROM', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            { name: 'TS_DEST_IP', value: '10.0.0.1' },
          ],
        },
      ],
    },
  };

  const taken = async (object: KubernetesObject): Promise<Snapshot> => {
    const cluster = literalCluster([object]);
    const one = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [podCheck(() => 'Well.')] });
    return takeSnapshot(await run({ runbooks: [one], cluster, now: () => now }), { probed: false, inputs: {} });
  };

  it('is what checks read, and no more', async () => {
    const snapshot = await taken(pod);
    expect(JSON.stringify(snapshot)).not.toContain('hunter2');
    expect(snapshot.facts[0]?.fact).toEqual({
      ok: true,
      value: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            namespace: 'a',
            name: 'p',
            annotations: {
              'a/b': { $withheld: 'Pod a/p: metadata.annotations.a/b was taken out before this was written down' },
              'tailscale.com/hostname': 'kept',
            },
          },
          spec: {
            containers: [
              {
                name: 'c',
                args: ['--source=service', '--password=', '--token', '…', '…'],
                env: [
                  { name: 'LOG_LEVEL' },
                  { name: 'FROM', valueFrom: { secretKeyRef: { name: 's' } } },
                  { name: 'TS_DEST_IP', value: '10.0.0.1' },
                ],
              },
            ],
          },
        },
      ],
    });
  });

  it('is nothing of who took it', async () => {
    const cluster = { ...literalCluster([]), user: 'somebody@example.org' };
    const done = await run({ runbooks, cluster, now: () => now });
    expect(done.report.cluster.user).toBe('somebody@example.org');
    expect(JSON.stringify(takeSnapshot(done, { probed: false, inputs: {} }))).not.toContain('somebody');
  });

  it('says what was taken out, by path', async () => {
    expect((await taken(pod)).redacted).toEqual(['list Pod *  : metadata.annotations.a/b']);
  });

  it('leaves the run’s own facts as they were', async () => {
    const before = structuredClone(pod);
    await taken(pod);
    expect(pod).toEqual(before);
  });

  const judged = async (check: Check, first: Run): Promise<Verdict | undefined> => {
    const taken = takeSnapshot(first, { probed: false, inputs: {} });
    const { cluster } = openSnapshot(throughJson(taken));
    const one = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [check] });
    return (await run({ runbooks: [one], cluster, now: () => now })).report.checks[0];
  };

  it('makes a check unknown that looks at what was taken out, and says so', async () => {
    const looks = podCheck((found) => found.map(({ metadata }) => metadata.annotations?.['a/b']).join());
    const one = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [looks] });
    const first = await run({ runbooks: [one], cluster: literalCluster([pod]), now: () => now });
    expect(first.report.runbooks[0]?.outcome).toBe('passed');
    expect(await judged(looks, first)).toMatchObject({
      outcome: 'unknown',
      problem: { kind: 'malformed' },
      message: 'Pod a/p: metadata.annotations.a/b was taken out before this was written down.',
    });
  });

  it('keeps what was malformed malformed', async () => {
    const broken = { ...pod, spec: { containers: null } };
    const looks = podCheck(([found]) => String(found?.spec?.containers.length));
    const one = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [looks] });
    const first = await run({ runbooks: [one], cluster: literalCluster([broken]), now: () => now });
    expect(await judged(looks, first)).toMatchObject({
      outcome: 'unknown',
      message: 'Pod a/p: spec.containers is null, not a list.',
    });
  });
});

describe('a probe’s result that nobody could have found', () => {
  it.each([null, 7, 'x', {}, { outcome: 'completed' }, { outcome: 'answered', records: [1] }])(
    '%j is unknown',
    async (found) => {
      const one = defineCheck({
        id: 'a/one',
        title: 'One is well',
        why: '',
        reads: {
          dns: plain({ type: 'dns', name: 'a.example', record: 'A', server: 'system', why: '' }),
        },
        judge: ({ dns }) => pass(dns.outcome),
      });
      const runbook = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [one] });
      const probes = literalProbes(() => value(found));
      const { report } = await run({ runbooks: [runbook], cluster: literalCluster([]), probes, now: () => now });
      expect(report.checks[0]).toMatchObject({ outcome: 'unknown', problem: { kind: 'malformed' } });
    },
  );
});
