/**
 * A user who may read some namespaces only, asked of the demo cluster's own API server over HTTP, with the Roles that `permissions --namespaces`
 * gives: what is in these namespaces is judged, what is elsewhere is not taken for absent, and every verdict says how far it goes.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { stack } from '#stack';
import { runbooks } from '../../runbooks/index.ts';
import { connect, type LiveCluster } from '../../src/cluster/connect.ts';
import { startDemo, type Demo, type KubernetesObject } from '../../src/demo/node/demo.ts';
import { loadFaults, scenarioOf } from '../../src/demo/node/faults.ts';
import { throughFile } from '../../src/demo/node/temporary.ts';
import { namespacedPermissions } from '../../src/runbook/permissions.ts';
import type { Report } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { namespacesOf, withinNamespaces } from '../../src/sources/within.ts';

/** Lets the user `nobody` do what Roles say. */
const bound = (namespaces: readonly string[]): readonly KubernetesObject[] =>
  namespacedPermissions(runbooks, namespaces).flatMap((role): readonly KubernetesObject[] => [
    { ...role },
    {
      ...{ apiVersion: role.apiVersion, kind: 'RoleBinding', metadata: role.metadata },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
    },
  ]);

async function reportOf(namespaces: readonly string[], fault?: string): Promise<Report> {
  const found = loadFaults().find(({ id }) => id === fault);
  const demo: Demo = await startDemo({
    objects: bound(namespaces),
    ...(found === undefined ? {} : { scenario: scenarioOf(found) }),
  });
  let cluster: LiveCluster | undefined;
  try {
    cluster = throughFile(demo.kubeconfig('nobody'), (kubeconfig) => connect({ source: 'demo', kubeconfig }));
    return (await run({ runbooks, cluster: withinNamespaces(cluster, namespacesOf(stack)) })).report;
  } finally {
    await cluster?.close();
    await demo.close();
  }
}

const idsOf = ({ checks }: Report, outcome: string): readonly string[] =>
  checks.filter((check) => check.outcome === outcome).map(({ id }) => id);

describe('a user of the stack’s namespaces', () => {
  let report: Report;
  beforeAll(async () => {
    report = await reportOf(namespacesOf(stack));
  });

  it('finds nothing wrong in a healthy cluster', () => {
    expect([...idsOf(report, 'failed'), ...idsOf(report, 'warned'), ...idsOf(report, 'blocked')]).toEqual([]);
  });

  it('is told what is in these namespaces, and that it is no more', () => {
    expect(idsOf(report, 'passed')).toEqual(
      expect.arrayContaining([
        ...['envoy-gateway/ready', 'gateway/exists', 'gateway/programmed', 'gateway/listeners-are-valid'],
        ...['managed-service/exists', 'tailscale-operator/ready', 'envoy/ready', 'certificate/ready'],
        ...['internal-service/exists', 'httproute/is-accepted', 'external-dns/ready', 'coredns/ready'],
      ]),
    );
    const programmed = report.checks.find(({ id }) => id === 'gateway/programmed');
    expect(programmed?.message).toContain('That is as far as the gateways of');
    expect(programmed?.message).toContain('others may not be listed');
  });

  it('has each list asked of a bounded number of namespaces', () => {
    expect(report.requests).toBeLessThan(300);
  });

  it.each(['operator-crash-loop', 'cert-manager-scaled-down'])('is told the root cause of %s', async (fault) => {
    const { rootCauses } = await reportOf(namespacesOf(stack), fault);
    expect(rootCauses).toContain(loadFaults().find(({ id }) => id === fault)?.rootCause);
  });
});

it('who may read one namespace is told of that one', async () => {
  const report = await reportOf([stack.tailscaleOperator.namespace]);
  expect([...idsOf(report, 'failed'), ...idsOf(report, 'warned')]).toEqual([]);
  expect(idsOf(report, 'passed')).toEqual(expect.arrayContaining(['gateway/exists', 'tailscale-operator/ready']));
});

it('who may read nothing is told nothing', async () => {
  const report = await reportOf([]);
  expect(report.checks.filter(({ outcome }) => outcome !== 'unknown' && outcome !== 'skipped')).toEqual([]);
});
