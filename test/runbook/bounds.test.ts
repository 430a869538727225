/** However much is wrong, a report can be read. */
import { describe, expect, it } from 'vitest';
import { defineCheck, refOf } from '../../src/runbook/check.ts';
import { list, plain } from '../../src/runbook/read.ts';
import { run } from '../../src/runbook/run.ts';
import { defineRunbook } from '../../src/runbook/runbook.ts';
import { sh } from '../../src/runbook/shell.ts';
import { fail } from '../support/judgements.ts';
import { literalCluster } from '../support/literal-cluster.ts';

const check = defineCheck({
  id: 'a/one',
  title: 'One is well',
  why: '',
  reads: { pods: plain(list('Pod', 'w')) },
  judge: ({ pods }) =>
    pods.map((pod) =>
      fail({
        message: `Pod ${pod.metadata.name} is not well.`,
        evidence: [
          { object: refOf(pod), path: 'spec', observed: pod.spec?.containers[0]?.args, expected: 'x'.repeat(9000) },
        ],
        commands: [sh`kubectl get pod ${pod.metadata.name}`],
      }),
    ),
});

const runbook = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [check] });
const pods = Array.from({ length: 10_000 }, (_, index) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'a', name: `p${index}` },
  spec: { containers: [{ name: 'c', args: Array.from({ length: 100 }, (__, at) => `--source=${at}`) }] },
}));

describe('ten thousand objects with the same fault', () => {
  it('make a report that a person can read, which says how many there are', async () => {
    const { report } = await run({ runbooks: [runbook], cluster: literalCluster(pods) });
    const [verdict] = report.checks;
    expect(verdict?.message).toMatch(/^Pod p0 is not well\. .* And 9980 more like these\.$/);
    expect(verdict?.findings).toHaveLength(20);
    expect(verdict?.findings[0]?.evidence[0]?.observed).toHaveLength(31);
    expect(verdict?.findings[0]?.evidence[0]?.expected).toHaveLength(500);
    expect(JSON.stringify(report).length).toBeLessThan(100_000);
  });
});
