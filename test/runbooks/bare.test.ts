/**
 * A healthy cluster that lacks every detail that is not required: restored from a backup, without owner references, labels on
 * workloads, finalizers, Events or Cilium's own kinds, its objects younger than its pods. Absence of detail is no alarm.
 */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { loadObjects } from '../../src/demo/node/objects.ts';
import { store } from '../../packages/apiserver/state/store.ts';
import type { KubernetesObject, StoredObject } from '../../packages/apiserver/objects/object.ts';
import { run } from '../../src/runbook/run.ts';
import { literalCluster } from '../support/literal-cluster.ts';

const now = new Date('2026-11-23T12:00:00Z');
const left = new Set([
  'ReplicaSet',
  'Event',
  'CiliumNodeConfig',
  'CustomResourceDefinition',
  'Lease',
  'Node',
  'CertificateRequest',
  'Order',
  'Job',
]);
const workloads = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

function bare(object: StoredObject): KubernetesObject {
  const { name, namespace, labels, annotations, generation } = object.metadata;
  const isProxy = name.startsWith('ts-') || JSON.stringify(labels ?? {}).includes('envoyproxy.io');
  const status = object['status'] as { conditions?: readonly Record<string, unknown>[] } | undefined;
  return {
    ...object,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      // What other objects select by has to stay; a chart's labels on the workload itself do not.
      ...(labels !== undefined && (isProxy || !workloads.has(object.kind)) ? { labels } : {}),
      ...(annotations === undefined ? {} : { annotations }),
      ...(generation === undefined ? {} : { generation }),
      uid: 'restored',
      resourceVersion: '1',
      creationTimestamp: '2026-11-23T11:00:00Z',
      managedFields: [
        {
          manager: 'restore',
          operation: 'Update',
          time: '2026-11-23T11:00:00Z',
          fieldsV1: { 'f:data': { 'f:bpf-lb-sock-hostns-only': {} } },
        },
      ],
    },
    ...(status?.conditions === undefined || object.kind !== 'Pod'
      ? {}
      : {
          status: {
            ...status,
            conditions: status.conditions
              .filter(({ type }) => type === 'Ready')
              .map((ready) => ({ ...ready, lastTransitionTime: null })),
          },
        }),
  };
}

describe('a healthy cluster without the details', () => {
  const objects = store(loadObjects(), now)
    .filter(({ kind }) => !left.has(kind))
    .map(bare);

  it.each(runbooks.map(({ id }) => id))('%s raises no alarm', async (id) => {
    const cluster = literalCluster(objects, { problems: { CiliumNodeConfig: 'kind-not-installed' } });
    const { report } = await run({
      runbooks: runbooks.filter((runbook) => runbook.id === id),
      cluster,
      now: () => now,
    });
    const alarms = report.checks.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
    expect(alarms.map((alarm) => `${alarm.outcome} ${alarm.id}: ${alarm.message}`)).toEqual([]);
  });
});
