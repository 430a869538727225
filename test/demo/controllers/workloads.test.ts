/** What the controller manager and the kubelet make of a change: causes in, consequences out, and the way back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { controllers } from '../../../src/demo/controllers/index.ts';
import { settle } from '../../../packages/apiserver/controllers/loop.ts';
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { bringAbout } from '../../../src/demo/node/scenario.ts';
import type { Situation } from '../../../src/demo/scenario.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';

const now = new Date('2026-11-22T12:01:00Z');
let { state, world, cluster }: Situation = bringAbout({ changes: [] }, { now });

beforeEach(() => {
  ({ state, world, cluster } = bringAbout({ changes: [] }, { now }));
});

const after = (...changes: readonly Change[]): void => {
  state.at(new Date(now.getTime() + 1000), () => {
    state.change(changes);
    settle(cluster, controllers);
  });
};

/** Lets time pass. */
const later = (seconds: number): void =>
  state.at(new Date(now.getTime() + seconds * 1000), () => settle(cluster, controllers));

const merge = (apiVersion: string, kind: string, path: string, fields: object): Change => {
  const [namespace = '', name = ''] = path.split('/');
  return { op: 'merge', object: { apiVersion, kind, metadata: { namespace, name }, ...fields } };
};

const get = (kind: Kind, path: string): StoredObject => {
  const [namespace, name = ''] = path.split('/');
  const found = state.get(kind, namespace, name);
  if (found === undefined) throw new Error(`There is no ${kind.kind} ${path}.`);
  return found;
};

const pods = (namespace: string, prefix: string): readonly StoredObject[] =>
  state.list(kinds.Pod, namespace).filter(({ metadata }) => metadata.name.startsWith(prefix));

const endpoints = (namespace: string, service: string): readonly unknown[] =>
  state
    .list(kinds.EndpointSlice, namespace)
    .filter((slice) => text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === service)
    .flatMap((slice) => list(slice, 'endpoints'));

const restarted = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } };
const summary = ({ status }: StoredObject): unknown => status;

it('a healthy cluster is left alone', () => {
  const { resourceVersion } = state;
  settle(cluster, controllers);
  later(5);
  expect(state.resourceVersion).toBe(resourceVersion);
});

describe('a Deployment', () => {
  it('scaled to zero has no pods, and its Service no endpoints', () => {
    after(merge('apps/v1', 'Deployment', 'jellyfin/jellyfin', { spec: { replicas: 0 } }));
    const { status, metadata } = get(kinds.Deployment, 'jellyfin/jellyfin');
    expect(metadata.generation).toBe(2);
    expect(status).not.toHaveProperty('replicas');
    expect(status).toMatchObject({ observedGeneration: 2 });
    expect(pods('jellyfin', 'jellyfin-')).toEqual([]);
    expect(endpoints('jellyfin', 'jellyfin')).toEqual([]);
  });

  it.each(['kube-system/coredns', 'jellyfin/jellyfin', 'envoy-gateway/envoy-gateway'])(
    '%s restarts with other pods',
    (path) => {
      const [namespace = '', name = ''] = path.split('/');
      const before = pods(namespace, `${name}-`).map(({ metadata }) => metadata.uid);
      after(merge('apps/v1', 'Deployment', path, restarted));
      const fresh = pods(namespace, `${name}-`);
      expect(fresh.map(({ metadata }) => before.includes(metadata.uid)).includes(true)).toBe(false);
      expect(summary(get(kinds.Deployment, path))).toMatchObject({
        observedGeneration: 2,
        updatedReplicas: before.length,
        readyReplicas: before.length,
        conditions: [{ reason: 'MinimumReplicasAvailable' }, { reason: 'NewReplicaSetAvailable' }],
      });
      expect(get(kinds.Deployment, path).metadata['annotations']).toMatchObject({
        'deployment.kubernetes.io/revision': '2',
      });
    },
  );

  it('whose new image does not exist keeps its old pod when it rolls, and has none when it recreates', () => {
    world.change({ missingImages: ['example.org/no:1', 'example.org/no:2'] });
    const image = (name: string, tag: number) =>
      merge('apps/v1', 'Deployment', `${name}/${name}`, {
        spec: {
          template: {
            spec: {
              containers: list(get(kinds.Deployment, `${name}/${name}`), 'spec', 'template', 'spec', 'containers').map(
                (container) => ({ ...(container as object), image: `example.org/no:${tag}` }),
              ),
            },
          },
        },
      });
    after(image('headlamp', 1), image('jellyfin', 2));
    expect(summary(get(kinds.Deployment, 'headlamp/headlamp'))).toMatchObject({
      availableReplicas: 1,
      unavailableReplicas: 1,
    });
    expect(summary(get(kinds.Deployment, 'jellyfin/jellyfin'))).toMatchObject({
      unavailableReplicas: 1,
      conditions: [
        { type: 'Available', status: 'False' },
        { type: 'Progressing', status: 'True' },
      ],
    });
    expect(pods('jellyfin', 'jellyfin-')[0]?.['status']).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
    });
    later(700);
    expect(summary(get(kinds.Deployment, 'jellyfin/jellyfin'))).toMatchObject({
      conditions: [{}, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    });
    world.change({ missingImages: [] });
    later(710);
    expect(summary(get(kinds.Deployment, 'jellyfin/jellyfin'))).toMatchObject({
      readyReplicas: 1,
      availableReplicas: 1,
    });
    expect(pods('headlamp', 'headlamp-')).toHaveLength(1);
  });

  it('crashes in a loop, restarts ever less often, and recovers', () => {
    world.change({
      programs: [{ workload: 'jellyfin/jellyfin', container: 'jellyfin', exitCode: 3, log: 'no such option' }],
    });
    later(0);
    later(1320);
    const [pod] = pods('jellyfin', 'jellyfin-');
    // At once, after 10, 20, 40, 80, 160 seconds, then every five minutes: nine times in 22 minutes.
    expect(pod?.['status']).toMatchObject({
      phase: 'Running',
      containerStatuses: [
        {
          ready: false,
          restartCount: 9,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 3, finishedAt: '2026-11-22T12:21:10Z' } },
        },
      ],
    });
    expect(endpoints('jellyfin', 'jellyfin')).toMatchObject([{ conditions: { ready: false } }]);
    expect(state.log(`jellyfin_${pod?.metadata.name ?? ''}_jellyfin.previous`)).toContain('no such option');
    world.change({ programs: [] });
    later(1330);
    expect(endpoints('jellyfin', 'jellyfin')).toMatchObject([{ conditions: { ready: true } }]);
  });

  // Kubernetes 1.36, pkg/controller/deployment/progress.go: syncRolloutStatus.
  it('whose rollout is complete stays so when its pod fails, and a rollout is stuck at its deadline', () => {
    const progressing = (path: string): unknown => list(get(kinds.Deployment, path), 'status', 'conditions')[1];
    const before = progressing('jellyfin/jellyfin');
    world.change({ programs: [{ workload: 'jellyfin/jellyfin', container: 'jellyfin', exitCode: 3 }] });
    later(0);
    later(1320);
    expect(list(get(kinds.Deployment, 'jellyfin/jellyfin'), 'status', 'conditions')).toMatchObject([
      { type: 'Available', status: 'False', lastTransitionTime: '2026-11-22T12:01:00Z' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ]);
    expect(progressing('jellyfin/jellyfin')).toEqual(before);
    state.at(new Date(now.getTime() + 1_330_000), () => {
      const spec = { ...restarted.spec, progressDeadlineSeconds: 60 };
      state.change([merge('apps/v1', 'Deployment', 'jellyfin/jellyfin', { spec })]);
      settle(cluster, controllers);
    });
    later(1400);
    expect(progressing('jellyfin/jellyfin')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      lastTransitionTime: '2026-11-22T12:24:10Z',
    });
  });

  // Kubernetes 1.36: pkg/controller/deployment/sync.go; pkg/kubelet/images/image_manager.go and kuberuntime/kuberuntime_container.go.
  it('tells of its rollout in Events', () => {
    after(merge('apps/v1', 'Deployment', 'jellyfin/jellyfin', restarted));
    const [pod] = pods('jellyfin', 'jellyfin-');
    const said = (name: string): readonly string[] =>
      state
        .list(kinds.Event, 'jellyfin')
        .filter((event) => text(event, 'involvedObject', 'name') === name)
        .map((event) => `${text(event, 'source', 'component')} ${text(event, 'reason')}: ${text(event, 'message')}`);
    expect(said('jellyfin')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^deployment-controller ScalingReplicaSet: Scaled up replica set \S+ from 0 to 1$/),
        expect.stringMatching(/^deployment-controller ScalingReplicaSet: Scaled down replica set \S+ from 1 to 0$/),
      ]),
    );
    expect(said(pod?.metadata.name ?? '')).toEqual(
      expect.arrayContaining([
        'kubelet Pulled: Container image "docker.io/jellyfin/jellyfin:10.11.3@sha256:1edf3f17997acbe139718f252a7d2ded2706762390d787a34204668498dbc5f6" already present on machine and can be accessed by the pod',
        'kubelet Created: Container created',
        'kubelet Started: Container started',
      ]),
    );
    // The API server keeps them for an hour.
    later(3700);
    expect(said(pod?.metadata.name ?? '')).toEqual([]);
  });

  // Kubernetes 1.36, pkg/kubelet/kubelet_pods.go: getPhase.
  it('whose pod has a container that never ran has a pending pod, whatever the other does', () => {
    world.change({ missingImages: ['missing:1'] });
    after({
      op: 'merge',
      object: {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        kind: 'EnvoyProxy',
        metadata: { namespace: 'tailscale', name: 'tailscale-proxy' },
        spec: { provider: { kubernetes: { envoyDeployment: { container: { image: 'missing:1' } } } } },
      },
    });
    const pending = pods('envoy-gateway', 'envoy-tailscale').find((pod) => text(pod, 'status', 'phase') === 'Pending');
    expect(pending?.['status']).toMatchObject({
      containerStatuses: [
        { name: 'envoy', state: { waiting: { reason: 'ImagePullBackOff' } } },
        { name: 'shutdown-manager', ready: true },
      ],
    });
    const reasons = state
      .list(kinds.Event, 'envoy-gateway')
      .filter((event) => text(event, 'involvedObject', 'fieldPath') === 'spec.containers{envoy}')
      .map((event) => `${text(event, 'reason')}: ${text(event, 'message').slice(0, 30)}`);
    expect(reasons).toEqual(
      expect.arrayContaining([
        'Pulling: Pulling image "missing:1"',
        'Failed: Error: ErrImagePull',
        'BackOff: Back-off pulling image "missin',
        'Failed: Error: ImagePullBackOff',
      ]),
    );
  });

  it('whose Secret is missing does not start', () => {
    after(
      {
        op: 'delete',
        object: { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'tailscale', name: 'operator-oauth' } },
      },
      {
        op: 'delete',
        object: {
          apiVersion: 'external-secrets.io/v1',
          kind: 'ExternalSecret',
          metadata: { namespace: 'tailscale', name: 'operator-oauth' },
        },
      },
      merge('apps/v1', 'Deployment', 'tailscale/operator', restarted),
    );
    expect(pods('tailscale', 'operator-')[0]?.['status']).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
    });
    expect(
      state
        .list(kinds.Event, 'tailscale')
        .some((event) => text(event, 'message').includes('secret "operator-oauth" not found')),
    ).toBe(true);
  });
});

describe('a StatefulSet and a DaemonSet', () => {
  it.each([
    ['StatefulSet', kinds.StatefulSet, 'vault/vault', 'vault-0'],
    ['DaemonSet', kinds.DaemonSet, 'kube-system/cilium', 'cilium-'],
  ])('%s restarts with other pods', (kind, key, path, prefix) => {
    const [namespace = ''] = path.split('/');
    const old = pods(namespace, prefix).filter(({ metadata }) => !metadata.name.startsWith('cilium-operator'));
    after(merge('apps/v1', kind, path, { spec: { updateStrategy: { type: 'RollingUpdate' }, ...restarted.spec } }));
    const fresh = pods(namespace, prefix).filter(({ metadata }) => !metadata.name.startsWith('cilium-operator'));
    expect(fresh).toHaveLength(old.length);
    expect(fresh[0]?.metadata.uid).not.toBe(old[0]?.metadata.uid);
    expect(text(fresh[0], 'status', 'containerStatuses', '0')).toBe('');
    expect(get(key, path).status).toMatchObject({ observedGeneration: get(key, path).metadata.generation });
  });

  it('a deleted pod comes back', () => {
    after({
      op: 'delete',
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'vault', name: 'vault-0' } },
    });
    expect(pods('vault', 'vault-0')).toHaveLength(1);
  });
});

describe('a CronJob', () => {
  it('runs at its time, and copies an address that has changed', () => {
    after(
      merge('v1', 'ConfigMap', 'tailscale-dns/tailscale-dns', {
        data: {
          Corefile: text(get(kinds.ConfigMap, 'tailscale-dns/tailscale-dns'), 'data', 'Corefile').replaceAll(
            '100.101.102.103',
            '100.64.0.9',
          ),
        },
      }),
    );
    later(300);
    const cron = get(kinds.CronJob, 'tailscale-dns/tailscale-dns-updater');
    expect(cron.status).toMatchObject({
      lastScheduleTime: '2026-11-22T12:05:00Z',
      lastSuccessfulTime: '2026-11-22T12:06:00Z',
    });
    expect(cron.status).not.toHaveProperty('active');
    expect(text(get(kinds.ConfigMap, 'tailscale-dns/tailscale-dns'), 'data', 'Corefile')).toContain(
      'IN A 100.101.102.103',
    );
    const [job, ...more] = state.list(kinds.Job, 'tailscale-dns');
    expect(more).toEqual([]);
    expect(job?.status).toMatchObject({
      succeeded: 1,
      conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete' }],
    });
  });

  it('fails when its ServiceAccount may not read the Gateway', () => {
    after({
      op: 'delete',
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { namespace: 'tailscale', name: 'tailscale-dns-updater' },
      },
    });
    later(300);
    const failed = state.list(kinds.Job, 'tailscale-dns').find((job) => text(job, 'status', 'failed') !== '');
    expect(failed?.status).toMatchObject({
      failed: 2,
      conditions: [{ type: 'FailureTarget' }, { type: 'Failed', reason: 'BackoffLimitExceeded' }],
    });
    const [pod] = state.list(kinds.Pod, 'tailscale-dns').filter((one) => text(one, 'status', 'phase') === 'Failed');
    expect(state.log(`tailscale-dns_${pod?.metadata.name ?? ''}_updater`)).toContain('cannot get resource "gateways"');
  });
});

describe('a Service', () => {
  it('whose selector fits nothing has no endpoints, and again when it does', () => {
    const select = (name: string) =>
      merge('v1', 'Service', 'jellyfin/jellyfin', { spec: { selector: { 'app.kubernetes.io/name': name } } });
    const before = endpoints('jellyfin', 'jellyfin');
    after(select('jellyfn'));
    expect(endpoints('jellyfin', 'jellyfin')).toEqual([]);
    after(select('jellyfin'));
    expect(endpoints('jellyfin', 'jellyfin')).toMatchObject(
      before.map((entry) => ({ addresses: (entry as { addresses: unknown }).addresses })),
    );
  });

  it('that is new gets an address and endpoints', () => {
    after({
      op: 'create',
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'docs', name: 'again' },
        spec: { selector: { 'app.kubernetes.io/name': 'docs' }, ports: [{ port: 80, targetPort: 'http' }] },
      },
    });
    expect(text(get(kinds.Service, 'docs/again'), 'spec', 'clusterIP')).toMatch(/^10\.\d+\.\d+\.\d+$/);
    expect(endpoints('docs', 'again')).toHaveLength(2);
  });
});

it('what is owned goes with its owner', () => {
  after({
    op: 'delete',
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'jellyfin', name: 'jellyfin' } },
  });
  expect(state.list(kinds.ReplicaSet, 'jellyfin')).toEqual([]);
  expect(pods('jellyfin', 'jellyfin-')).toEqual([]);
});
