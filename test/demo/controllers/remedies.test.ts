/** Faults of the way in, and the way back: what the runbook prints, applied as printed, leads to a cluster in which all is well. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../../runbooks/index.ts';
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../src/demo/controllers/loop.ts';
import { loadFaults, scenarioOf } from '../../../src/demo/faults.ts';
import { bringAbout } from '../../../src/demo/scenario.ts';
import { run } from '../../../src/runbook/run.ts';
import type { Report } from '../../../src/runbook/report.ts';
import type { StoredObject } from '../../../src/demo/objects.ts';
import { applyCommand } from '../../support/kubectl.ts';
import { literalCluster } from '../../support/literal-cluster.ts';

const now = new Date('2026-11-22T12:01:00Z');

const ids = [
  'annotation-filter-typo',
  'apex-hostname',
  'backend-port-wrong',
  'certificate-for-another-domain',
  'cilium-without-replacement',
  'class-points-nowhere',
  'controller-scaled-down',
  'envoy-image',
  'envoyproxy-without-hostname',
  'expose-annotation-misspelt',
  'external-dns-prefix-changed',
  'hostname-too-deep',
  'internal-service-selector',
  'internal-service-wrong-port',
  'kube-proxy-left-over',
  'listener-wrong-secret',
  'missed-address',
  'node-override',
  'operator-crash-loop',
  'proxy-forwards-elsewhere',
  'reference-not-granted',
  'resolver-leaks-aaaa',
  'resolver-old-address',
  'route-not-allowed',
  'route-wrong-parent',
  'service-of-old-class',
  'service-without-class',
  'socket-lb-covers-pods',
  'split-route-exposed',
  'tag-refused',
  'target-annotation-stale',
];

const examine = async (objects: readonly StoredObject[], at: Date): Promise<Report> =>
  (await run({ runbooks, cluster: literalCluster(objects, { problems: {}, logs: {} }), now: () => at })).report;

const causes = (report: Report): readonly string[] => [
  ...new Set(report.runbooks.flatMap(({ rootCauses }) => rootCauses)),
];

describe.each(loadFaults().filter(({ id }) => ids.includes(id)))('$id', (fault) => {
  it('is cured by its remedy, as printed', async () => {
    const { state, world, cluster } = bringAbout(scenarioOf(fault), { now });
    const before = await examine(state.objects, now);
    expect(causes(before)).toEqual([fault.rootCause]);
    const verdict = before.runbooks
      .find(({ id }) => id === fault.runbook)
      ?.checks.find(({ id }) => id === fault.rootCause);
    if (fault.mend !== undefined) world.mend(fault.world);
    const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
    for (const [index, command] of (verdict?.remedy?.commands ?? []).entries()) {
      state.at(after(index + 1), () => {
        applyCommand(state, command);
        settle(state, cluster, controllers);
      });
    }
    // A container in CrashLoopBackOff waits up to five minutes.
    state.at(after(400), () => settle(state, cluster, controllers));
    const report = await examine(state.objects, after(401));
    expect(causes(report)).toEqual([]);
    expect(
      report.runbooks.filter(({ outcome }) => outcome !== 'passed').map(({ id, outcome }) => `${id} ${outcome}`),
    ).toEqual([]);
  });
});

it('every fault of this list is there', () => {
  expect(loadFaults().map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
});
