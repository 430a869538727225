/** Cilium, as its Helm chart installs it: the network, and every Service, for there is no kube-proxy. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Parts, Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { ago, created, fieldRef, type Labels } from './build/basics.ts';
import { daemonSet, deployment } from './build/workloads.ts';

const version = 'v1.18.4';

/** As infrastructure/cilium/values.yaml renders it. */
const settings: Labels = {
  'agent-not-ready-taint-key': 'node.cilium.io/agent-not-ready',
  'auto-direct-node-routes': 'false',
  'bpf-lb-acceleration': 'disabled',
  'bpf-lb-external-clusterip': 'false',
  'bpf-lb-map-max': '65536',
  'bpf-lb-sock': 'false',
  'bpf-lb-sock-hostns-only': 'true',
  'cilium-endpoint-gc-interval': '5m0s',
  'cluster-id': '0',
  'cluster-name': 'default',
  'cluster-pool-ipv4-cidr': '10.0.0.0/16',
  'cluster-pool-ipv4-mask-size': '24',
  'cni-exclusive': 'true',
  debug: 'false',
  'enable-bpf-masquerade': 'false',
  'enable-health-check-nodeport': 'true',
  'enable-hubble': 'true',
  'enable-ipv4': 'true',
  'enable-ipv4-masquerade': 'true',
  'enable-ipv6': 'false',
  'enable-l7-proxy': 'true',
  'enable-policy': 'default',
  'external-envoy-proxy': 'false',
  'identity-allocation-mode': 'crd',
  ipam: 'cluster-pool',
  'kube-proxy-replacement': 'true',
  'kube-proxy-replacement-healthz-bind-address': '',
  'monitor-aggregation': 'medium',
  'operator-api-serve-addr': '127.0.0.1:9234',
  'routing-mode': 'tunnel',
  'tunnel-protocol': 'vxlan',
};

/** The agents started after its last change, so they run with what it says: the managed fields tell when each key was written. */
const config = ({ namespace, configMap: name }: Parts['cilium']): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace,
    ...created('120d'),
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'cilium', 'meta.helm.sh/release-namespace': namespace },
    managedFields: [
      {
        manager: 'helm',
        operation: 'Update',
        apiVersion: 'v1',
        time: ago('34d'),
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { '.': {}, ...Object.fromEntries(Object.keys(settings).map((key) => [`f:${key}`, {}])) },
          'f:metadata': {
            'f:annotations': { '.': {}, 'f:meta.helm.sh/release-name': {}, 'f:meta.helm.sh/release-namespace': {} },
            'f:labels': { '.': {}, 'f:app.kubernetes.io/managed-by': {} },
          },
        },
      },
    ],
  },
  data: settings,
});

/** What agents and operator have in common: both run on the node's own network, and read the settings from files. */
const container = ({ node }: Stack, name: string, image: string, command: string, env: readonly Fields[]): Fields => ({
  name,
  image: `quay.io/cilium/${image}:${version}`,
  imagePullPolicy: 'IfNotPresent',
  command: [command],
  args: ['--config-dir=/tmp/cilium/config-map', ...(command === 'cilium-agent' ? [] : ['--debug=$(CILIUM_DEBUG)'])],
  env: [
    ...env,
    { name: 'KUBERNETES_SERVICE_HOST', value: node.address },
    { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
  ],
  volumeMounts: [{ name: 'cilium-config-path', mountPath: '/tmp/cilium/config-map', readOnly: true }],
});

const everywhere: Fields = { nodeSelector: { 'kubernetes.io/os': 'linux' }, tolerations: [{ operator: 'Exists' }] };

function agents(stack: Stack): readonly KubernetesObject[] {
  const { namespace, configMap, daemonSet: name } = partOf(stack, 'cilium');
  const labels = {
    'app.kubernetes.io/name': 'cilium-agent',
    'app.kubernetes.io/part-of': 'cilium',
    'k8s-app': 'cilium',
  };
  const metadata = {
    name,
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'Helm', ...labels },
    annotations: { 'deprecated.daemonset.template.generation': '3' },
  };
  const template = {
    metadata: { labels },
    spec: {
      hostNetwork: true,
      serviceAccountName: 'cilium',
      priorityClassName: 'system-node-critical',
      terminationGracePeriodSeconds: 1,
      ...everywhere,
      containers: [
        container(stack, 'cilium-agent', 'cilium', 'cilium-agent', [fieldRef('K8S_NODE_NAME', 'spec.nodeName')]),
      ],
      volumes: [{ name: 'cilium-config-path', configMap: { name: configMap, defaultMode: 420, optional: true } }],
    },
  };
  const spec = {
    selector: { matchLabels: { 'k8s-app': 'cilium' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } },
    revisionHistoryLimit: 10,
    template,
  };
  const rollout = { made: '120d', started: '33d', generation: 3, hash: '8873184952', suffix: 'spnbq' };
  return daemonSet(stack.node, { metadata, spec }, rollout);
}

function operator(stack: Stack): readonly KubernetesObject[] {
  const { namespace, configMap } = partOf(stack, 'cilium');
  const name = 'cilium-operator';
  const selector = { 'io.cilium/app': 'operator', name };
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'cilium', ...selector };
  const debug = {
    name: 'CILIUM_DEBUG',
    valueFrom: { configMapKeyRef: { name: configMap, key: 'debug', optional: true } },
  };
  return deployment(
    stack.node,
    {
      namespace,
      name,
      labels: { 'app.kubernetes.io/managed-by': 'Helm', ...labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '50%' } },
        template: {
          metadata: { labels },
          spec: {
            hostNetwork: true,
            serviceAccountName: name,
            priorityClassName: 'system-cluster-critical',
            ...everywhere,
            containers: [container(stack, name, 'operator-generic', 'cilium-operator-generic', [debug])],
            volumes: [{ name: 'cilium-config-path', configMap: { name: configMap, defaultMode: 420 } }],
          },
        },
      },
    },
    { made: '120d', started: '33d', ips: [stack.node.address], hash: 'bsgfkjjcg', suffixes: ['j5tz2'] },
  ).objects;
}

export const cilium = (stack: Stack): readonly KubernetesObject[] => [
  config(partOf(stack, 'cilium')),
  ...agents(stack),
  ...operator(stack),
];
