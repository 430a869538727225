/** ExternalDNS, as infrastructure/external-dns deploys it. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { confined, guardedNamespace, httpGet, named, port, unprivileged } from './build/basics.ts';
import { deployment } from './build/workloads.ts';

const name = 'external-dns';
export const prefix = 'external-dns.alpha.kubernetes.io/';

/** What ExternalDNS is told. */
export const externalDnsArguments = (stack: Stack): readonly string[] => [
  '--source=gateway-httproute',
  `--annotation-prefix=${prefix}`,
  `--annotation-filter=${prefix}expose=true`,
  `--domain-filter=${stack.domain}`,
  '--provider=cloudflare',
  '--policy=sync',
  '--registry=txt',
  `--txt-owner-id=${partOf(stack, 'externalDns').owner}`,
  '--interval=1m',
  '--log-format=json',
];

/** Its container, told one thing or another. */
export const externalDnsContainer = (stack: Stack, args = externalDnsArguments(stack)): Fields => ({
  name,
  image: 'registry.k8s.io/external-dns/external-dns:v0.22.0',
  args,
  env: [
    {
      name: 'CF_API_TOKEN',
      valueFrom: { secretKeyRef: { name: partOf(stack, 'externalDns').tokenSecret, key: 'api-token' } },
    },
  ],
  ports: [port('http', 7979)],
  livenessProbe: httpGet('/healthz', 'http'),
  readinessProbe: httpGet('/healthz', 'http'),
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } },
  securityContext: confined,
});

export function externalDns(stack: Stack): readonly KubernetesObject[] {
  const { namespace, deployment: own } = partOf(stack, 'externalDns');
  const labels = named(name);
  const reader = (kind: string, content: Fields): KubernetesObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, labels },
    ...content,
  });
  const { objects } = deployment(
    stack.node,
    {
      namespace,
      name: own,
      labels,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            securityContext: unprivileged(65532),
            containers: [externalDnsContainer(stack)],
          },
        },
      },
    },
    { made: '90d', started: '33d', ips: ['10.0.0.41'], hash: 'ghbv4wjxv', suffixes: ['9ls49'] },
  );
  return [
    guardedNamespace(namespace, '95d', 'restricted'),
    reader('ClusterRole', {
      rules: [
        {
          apiGroups: ['gateway.networking.k8s.io'],
          resources: ['gateways', 'httproutes'],
          verbs: ['get', 'list', 'watch'],
        },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
      ],
    }),
    reader('ClusterRoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
    ...objects,
  ];
}
