/** The cluster's resolver: CoreDNS as kubeadm installs it, with the block that leads pods to the Gateway without leaving the cluster. */
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ifThere, partOf } from '../part.ts';
import { httpGet, type Labels, port } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment } from './build/workloads.ts';

/** A hostname's place in a regular expression. */
export const escaped = (hostname: string): string => hostname.replaceAll('.', '\\.');

/** What pods are led to: the internal Service, by the name that the cluster gives it. */
export const internalName = (stack: Stack): string => {
  const { namespace, name } = partOf(stack, 'internalService');
  return `${name}.${namespace}.svc.cluster.local`;
};

/** kubeadm's own server block. */
const rootBlock = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30
    loop
    # Takes up an edit of this ConfigMap within a minute or two, with no restart.
    reload
    loadbalance
}
`;

/** The block that leads pods to the internal Service. */
const insideBlock = (
  stack: Stack,
): string => `# The apps' hostnames, as pods see them: the Service ${partOf(stack, 'internalService').name}, not an address of the tailnet.
${stack.domain}:53 {
    errors
    # One label only, as the certificate has it, and no underscore: _acme-challenge must reach public DNS.
    # "answer auto" puts the name that was asked for back into the answer; resolvers reject any other.
    rewrite name regex ^[a-z0-9-]+\\.${escaped(stack.domain)}\\.$ ${internalName(stack)} answer auto
    # Answers the rewritten name, so it has to stand in this block.
    kubernetes cluster.local
    # The apex and all else under the zone: without it nothing here would answer them, which is SERVFAIL.
    forward . 1.1.1.1 1.0.0.1
    cache 30
    loadbalance
    reload
}

`;

const corefile = (stack: Stack): string =>
  [...ifThere(stack, 'internalService', (own) => [insideBlock(own)]), rootBlock].join('');

/** A Corefile in the ConfigMap that CoreDNS reads it from. */
const coreDnsConfig = ({ coredns: { namespace, configMap } }: Stack, content: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: configMap, namespace },
  data: { Corefile: content },
});

export function coreDns(stack: Stack): readonly KubernetesObject[] {
  const { namespace, deployment: name, configMap } = stack.coredns;
  const labels: Labels = { 'k8s-app': 'kube-dns' };
  const deployed = deployment(
    stack.node,
    {
      namespace,
      name,
      labels,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [
              { key: 'CriticalAddonsOnly', operator: 'Exists' },
              { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
            ],
            containers: [
              {
                name: 'coredns',
                image: 'registry.k8s.io/coredns/coredns:v1.13.1',
                imagePullPolicy: 'IfNotPresent',
                args: ['-conf', '/etc/coredns/Corefile'],
                ports: [port('dns', 53, 'UDP'), port('dns-tcp', 53), port('metrics', 9153)],
                livenessProbe: httpGet('/health', 8080),
                readinessProbe: httpGet('/ready', 8181),
                resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
                volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [
              {
                name: 'config-volume',
                configMap: { name: configMap, defaultMode: 420, items: [{ key: 'Corefile', path: 'Corefile' }] },
              },
            ],
          },
        },
      },
    },
    {
      made: '120d',
      started: '33d',
      ips: ['10.0.0.11', '10.0.0.12'],
      hash: '29r4hnm87',
      suffixes: ['tlbft', '88q92'],
    },
  );
  return [
    coreDnsConfig(stack, corefile(stack)),
    ...deployed.objects,
    ...service({
      namespace,
      name: 'kube-dns',
      made: '120d',
      labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      metadata: { annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' } },
      clusterIP: '10.96.0.10',
      spec: {
        selector: labels,
        ports: [servicePort('dns', 53, 53, 'UDP'), servicePort('dns-tcp', 53, 53), servicePort('metrics', 9153, 9153)],
      },
      pods: deployed.pods,
      suffix: 'vxkwv',
    }),
  ];
}
