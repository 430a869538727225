/** A snapshot: the same report again, elsewhere and later, and nothing secret on the way. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults, scenarioOf } from '../../src/demo/faults.ts';
import type { KubernetesObject } from '../../src/demo/objects.ts';
import { defineCheck, pass } from '../../src/runbook/check.ts';
import { problem, value } from '../../src/runbook/fact.ts';
import { list, plain } from '../../src/runbook/read.ts';
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
      component: 'a',
      why: '',
      reads: { orders: plain(list('Pod', 'w', { namespace: 'elsewhere' })) },
      judge: () => pass('Well.'),
    });
    const first = await run({ runbooks: [], cluster: literalCluster([]), now: () => now });
    const again = await replay(first, {
      runbooks: [defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [one] })],
    });
    expect(again.report.runbooks[0]?.checks[0]).toMatchObject({
      outcome: 'unknown',
      message: 'The snapshot does not hold pods in elsewhere: take it again with this runbook.',
    });
  });
});

describe('redaction', () => {
  const pods = defineCheck({
    id: 'a/one',
    title: 'One is well',
    component: 'a',
    why: '',
    reads: { pods: plain(list('Pod', 'w')) },
    judge: () => pass('Well.'),
  });

  const annotated = 'kubectl.kubernetes.io/last-applied-configuration';
  const pod: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'a', name: 'p', annotations: { [annotated]: '{"secret":"hunter2"}', plain: 'kept' } },
    spec: {
      containers: [
        {
          name: 'c',
          env: [
            { name: 'API_TOKEN', value: 'hunter2' },
            { name: 'DB_PASSWORD', value: 'hunter2' },
            { name: 'AWS_SECRET_ACCESS_KEY', value: 'hunter2' },
            { name: 'CLOUDFLARE_API_KEY', value: 'hunter2' },
            { name: 'TOKEN_FROM', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            { name: 'LOG_LEVEL', value: 'debug' },
            { name: 'TS_DEST_IP', value: '10.0.0.1' },
          ],
        },
      ],
    },
  };

  const taken = async (object: KubernetesObject): Promise<Snapshot> => {
    const cluster = literalCluster([object]);
    const one = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [pods] });
    return takeSnapshot(await run({ runbooks: [one], cluster, now: () => now }), { probed: false, inputs: {} });
  };

  it('takes out environment values that may be credentials, and the last applied configuration', async () => {
    const snapshot = await taken(pod);
    expect(JSON.stringify(snapshot)).not.toContain('hunter2');
    expect(snapshot.facts[0]?.fact).toMatchObject({
      ok: true,
      value: [
        {
          metadata: { annotations: { plain: 'kept' } },
          spec: {
            containers: [
              {
                env: [
                  { name: 'API_TOKEN', value: 'REDACTED' },
                  { name: 'DB_PASSWORD', value: 'REDACTED' },
                  { name: 'AWS_SECRET_ACCESS_KEY', value: 'REDACTED' },
                  { name: 'CLOUDFLARE_API_KEY', value: 'REDACTED' },
                  { name: 'TOKEN_FROM', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
                  { name: 'LOG_LEVEL', value: 'debug' },
                  { name: 'TS_DEST_IP', value: '10.0.0.1' },
                ],
              },
            ],
          },
        },
      ],
    });
  });

  it('says what was taken out, by path', async () => {
    const { redacted } = await taken(pod);
    expect(redacted).toHaveLength(5);
    expect(redacted[0]).toMatch(/metadata\.annotations\.kubectl\.kubernetes\.io\/last-applied-configuration$/);
    expect(redacted[1]).toMatch(/\[0\]\.spec\.containers\[0\]\.env\[0\]\.value$/);
  });

  it('leaves the run’s own facts as they were', async () => {
    const before = structuredClone(pod);
    await taken(pod);
    expect(pod).toEqual(before);
  });

  it('takes out annotations whose name says that they hold a credential', async () => {
    const metadata = { namespace: 'a', name: 'p', annotations: { 'example.com/api-token': 'hunter2' } };
    expect(JSON.stringify(await taken({ ...pod, metadata }))).not.toContain('hunter2');
  });
});
