/**
 * Cases that are alike for every check of what network policies let pass: each way in which they may stop it, at either end, and what must leave
 * the check quiet or in doubt.
 */
import type { Case } from './cases.ts';

/** The namespaces of who sends and who is reached, by check. */
const hops: Readonly<Record<string, { from: string; to: string }>> = {
  'app-pod/lets-envoy-in': { from: 'envoy-gateway', to: 'headlamp' },
  'cert-manager/reaches-what-it-needs': { from: 'cert-manager', to: 'kube-system' },
  'envoy/lets-the-proxy-in': { from: 'tailscale', to: 'envoy-gateway' },
  'envoy-gateway/lets-envoy-in': { from: 'envoy-gateway', to: 'envoy-gateway' },
  'external-dns/reaches-what-it-needs': { from: 'external-dns', to: 'kube-system' },
  'external-secrets/reaches-vault': { from: 'external-secrets', to: 'vault' },
};

type Changes = Case['changes'];

const create = (object: Changes[number]['object']): Changes[number] => ({ op: 'create', object });

const shut = (namespace: string, policyTypes: readonly string[]): Changes[number] =>
  create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name: 'default-deny' },
    spec: { podSelector: {}, policyTypes },
  });

const ciliums = (namespace: string, spec: object): Changes[number] =>
  create({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { namespace, name: 'guard' },
    spec: { endpointSelector: {}, ...spec },
  });

const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kube-system', name: 'cilium-config' } };
const agents = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { namespace: 'kube-system', name: 'cilium' } };

const fromNamespace = (namespace: string): object => ({
  fromEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace } }],
});

const situations: readonly ((hop: { from: string; to: string }) => Omit<Case, 'check'>)[] = [
  () => ({ name: 'no policy stands in the way', outcome: 'passed', changes: [] }),
  ({ to }) => ({
    name: 'a policy lets nobody in',
    outcome: 'failed',
    finds: 'kept-out',
    at: `NetworkPolicy ${to}/default-deny`,
    says: 'and no ingress rule lets ',
    changes: [shut(to, ['Ingress'])],
  }),
  ({ from }) => ({
    name: 'a policy lets nobody out',
    outcome: 'failed',
    finds: 'kept-in',
    at: `NetworkPolicy ${from}/default-deny`,
    says: 'and no egress rule lets it out to ',
    changes: [shut(from, ['Egress'])],
  }),
  ({ from, to }) => ({
    name: 'a rule of Cilium’s denies it, whatever else allows it',
    outcome: 'failed',
    finds: 'denied',
    at: `CiliumNetworkPolicy ${to}/guard`,
    says: 'by spec.ingressDeny[0], the way to ',
    changes: [ciliums(to, { ingress: [{ fromEntities: ['all'] }], ingressDeny: [fromNamespace(from)] })],
  }),
  () => ({
    name: 'Cilium closes what no policy allows',
    outcome: 'failed',
    finds: 'closed',
    at: 'ConfigMap kube-system/cilium-config',
    changes: [{ op: 'merge', object: { ...config, data: { 'enable-policy': 'always' } } }],
  }),
  ({ from, to }) => ({
    name: 'a policy of Cilium’s allows what a NetworkPolicy does not',
    outcome: 'passed',
    changes: [shut(to, ['Ingress']), ciliums(to, { ingress: [fromNamespace(from)] })],
  }),
  ({ to }) => ({
    name: 'Cilium is told to enforce nothing',
    outcome: 'passed',
    changes: [shut(to, ['Ingress']), { op: 'merge', object: { ...config, data: { 'enable-policy': 'never' } } }],
  }),
  ({ to }) => ({
    name: 'nothing says that anybody enforces the policy',
    outcome: 'warned',
    finds: 'kept-out',
    at: `NetworkPolicy ${to}/default-deny`,
    says: 'Nothing here says that the cluster’s network plug-in enforces policies',
    changes: [shut(to, ['Ingress']), { op: 'delete', object: config }, { op: 'delete', object: agents }],
  }),
  ({ to }) => ({
    name: 'a rule looks into what is sent',
    outcome: 'unknown',
    says: 'a rule looks into the requests',
    changes: [
      ciliums(to, { ingress: [{ toPorts: [{ ports: [{ port: '0' }], rules: { http: [{ method: 'GET' }] } }] }] }),
    ],
  }),
  ({ to }) => ({
    name: 'a rule has a field that is not known here',
    outcome: 'unknown',
    says: 'fromMoon, which is not known here',
    changes: [ciliums(to, { ingressDeny: [{ fromMoon: [{}], toPorts: [{ ports: [{ port: '0' }] }] }] })],
  }),
  () => ({
    name: 'Cilium’s kinds are not installed',
    outcome: 'passed',
    changes: [],
    problems: { CiliumNetworkPolicy: 'kind-not-installed', CiliumClusterwideNetworkPolicy: 'kind-not-installed' },
  }),
  () => ({
    name: 'Cilium’s policies may not be read',
    outcome: 'unknown',
    changes: [],
    problems: { CiliumNetworkPolicy: 'forbidden' },
  }),
];

export const policyCases = (): readonly Case[] =>
  Object.entries(hops).flatMap(([check, hop]) => situations.map((situation) => ({ check, ...situation(hop) })));
