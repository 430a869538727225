/**
 * Cases that are alike for every check of a workload: each way in which a workload may not be ready, put upon the workload that the check is
 * about. What a check has of its own beside that stands in the cases of its component.
 */
import { loadObjects } from '../../src/demo/node/objects.ts';
import type { KubernetesObject } from '../../packages/apiserver/objects/object.ts';
import type { Case } from './cases.ts';

/** The workload of each check, as `Kind namespace/name`. */
const workloads: Readonly<Record<string, string>> = {
  'cert-manager/ready': 'Deployment cert-manager/cert-manager',
  'coredns/ready': 'Deployment kube-system/coredns',
  'envoy-gateway/ready': 'Deployment envoy-gateway/envoy-gateway',
  'envoy/ready': 'Deployment envoy-gateway/envoy-tailscale-tailscale-gateway-b8ba5d4d',
  'external-dns/ready': 'Deployment external-dns/external-dns',
  'external-secrets/ready': 'Deployment external-secrets/external-secrets',
  'tailnet-resolver/ready': 'Deployment tailscale-dns/tailscale-dns',
  'tailnet-resolver/proxy-forwards': 'StatefulSet tailscale/ts-tailscale-dns-m4v9t',
  'tailscale-operator/ready': 'Deployment tailscale/operator',
  'tailscale-proxy/ready': 'StatefulSet tailscale/ts-envoy-tailscale-tailscale-gateway-b8ba5d4d-x7k2q',
  'vault/ready': 'StatefulSet vault/vault',
};

interface State {
  finds: string;
  name: string;
  spec?: object;
  /** Status of a pod of the workload; there is none when left out. */
  pod?: object;
  /** Checks in which this state means something else. */
  not?: readonly string[];
}

const waiting = (reason: string, some: object = {}): object => ({
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'main',
      image: 'registry.example/x:1',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason } },
      ...some,
    },
  ],
});

const states: readonly State[] = [
  { finds: 'scaled-to-zero', name: 'its workload is scaled to zero', spec: { replicas: 0 } },
  { finds: 'pending', name: 'no replica is available, and no pod says why' },
  {
    finds: 'unschedulable',
    name: 'its pod fits on no node',
    pod: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available.' }],
    },
  },
  { finds: 'image-missing', name: 'its image is in no registry', pod: waiting('ImagePullBackOff') },
  {
    finds: 'not-configured',
    name: 'a Secret of its container is not there',
    pod: waiting('CreateContainerConfigError'),
  },
  {
    finds: 'crash-loop',
    name: 'its program ends as soon as it starts',
    pod: waiting('CrashLoopBackOff', { restartCount: 4, lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
  },
  {
    finds: 'not-ready',
    name: 'its program does not pass its readiness probe',
    pod: waiting('', { state: { running: {} } }),
    // A Vault that runs and is not ready is sealed.
    not: ['vault/ready'],
  },
];

export const workloadCases = (): readonly Case[] =>
  Object.entries(workloads).flatMap(([check, name]) =>
    states.filter(({ not = [] }) => !not.includes(check)).map((state) => caseOf(check, workloadNamed(name), state)),
  );

const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

function workloadNamed(name: string): KubernetesObject {
  const found = loadObjects().find((object) => nameOf(object) === name);
  if (found === undefined) throw new Error(`The demo cluster has no ${name}.`);
  return found;
}

function caseOf(check: string, workload: KubernetesObject, { finds, name, spec = {}, pod }: State): Case {
  const { apiVersion, kind } = workload;
  const { namespace, name: own } = workload.metadata;
  const metadata = namespace === undefined ? { name: own } : { namespace, name: own };
  const template = (workload['spec'] as { template: { metadata: { labels: object } } }).template.metadata;
  const unwell = {
    ...{ apiVersion: 'v1', kind: 'Pod', status: pod },
    metadata: { ...metadata, name: 'unwell', labels: template.labels },
    spec: { containers: [{ name: 'main', image: 'registry.example/x:1' }] },
  };
  return {
    ...{ check, name, finds, outcome: 'failed' },
    at: pod === undefined ? nameOf(workload) : [nameOf(workload), `Pod ${namespace ?? ''}/unwell`],
    changes: [
      {
        op: 'merge',
        object: { apiVersion, kind, metadata, spec, status: { availableReplicas: null, readyReplicas: null } },
      },
      ...(pod === undefined ? [] : [{ op: 'create' as const, object: unwell }]),
    ],
  };
}
