/**
 * The tailnet's resolver for the domain, as infrastructure/tailscale-dns deploys it: CoreDNS, its device, and what keeps the Gateway's
 * address in its Corefile current.
 */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Named, Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { clusterIp, tailnetAddress } from '../addresses.ts';
import { confined, guardedNamespace, httpGet, named, port, unprivileged } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment } from './build/workloads.ts';
import { escaped } from './coredns.ts';
import { deviceName, exposedByTailscale, resolverServiceUid } from './tailscale.ts';
import { updater } from './updater.ts';

/** The names that the Gateway has a certificate for: one label, no underscore. */
export const hostnamePattern = (domain: string): string => `^[a-z0-9-]+\\.${escaped(domain)}\\.$`;

function corefile(stack: Stack): string {
  const { domain } = stack;
  const match = `match ${hostnamePattern(domain)}`;
  const soa = `${domain}. 60 IN SOA ${deviceName(stack, partOf(stack, 'tailnetResolver').device)}. hostmaster.${domain}. 1 3600 600 86400 60`;
  const empty = (type: string): string => `    template IN ${type} ${domain} {
        ${match}
        rcode NOERROR
        authority "${soa}"
        fallthrough
    }
`;
  return `${domain}:1053 {
    errors
    log . {
        class error
    }
    health :8080
    ready :8181

    # Every name that the Gateway has a certificate for: one label, no underscore (_acme-challenge stays public).
    template IN A ${domain} {
        ${match}
        answer "{{ .Name }} 60 IN A ${tailnetAddress.gateway}"
        fallthrough
    }

    # The same names have no other addresses here: an empty answer, signed off with an SOA so that it is cached.
    # Left to the forwarder, these would come from public DNS, and clients would prefer what they find there.
${['AAAA', 'HTTPS', 'SVCB'].map(empty).join('')}
    # The apex, mail and challenges are the same on and off the tailnet.
    forward . 1.1.1.1 1.0.0.1
    cache 60
    # How a new address reaches the resolver: the volume changes, CoreDNS notices.
    reload 15s
}
`;
}

/** A Corefile in the ConfigMap that the resolver reads it from. */
const resolverConfig = ({ namespace, name }: Named, content: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { Corefile: content },
});

const podSpec = (name: string): Fields => ({
  automountServiceAccountToken: false,
  dnsPolicy: 'Default',
  securityContext: unprivileged(65532),
  containers: [
    {
      name: 'coredns',
      image:
        'registry.k8s.io/coredns/coredns:v1.13.1@sha256:9b9128672209474da07c91439bf15ed704ae05ad918dd6454e5b6ae14e35fee6',
      args: ['-conf', '/etc/coredns/Corefile'],
      ports: [port('dns', 1053, 'UDP'), port('dns-tcp', 1053)],
      livenessProbe: httpGet('/health', 8080),
      readinessProbe: httpGet('/ready', 8181),
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
      securityContext: confined,
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
    },
  ],
  volumes: [{ name: 'config', configMap: { name } }],
});

export function tailnetResolver(stack: Stack): readonly KubernetesObject[] {
  const { namespace, name, device } = partOf(stack, 'tailnetResolver');
  const labels = named(name);
  const { objects, pods } = deployment(
    stack.node,
    {
      namespace,
      name,
      labels,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(name) },
      },
    },
    { made: '30d', started: '30d', ips: ['10.0.0.53'], hash: '7k6r4pnvp', suffixes: ['9pq79'] },
  );
  return [
    guardedNamespace(namespace, '95d', 'restricted'),
    resolverConfig(partOf(stack, 'tailnetResolver'), corefile(stack)),
    ...objects,
    ...service({
      namespace,
      name,
      metadata: {
        uid: resolverServiceUid,
        annotations: { 'tailscale.com/hostname': device, 'tailscale.com/tags': stack.device.tag },
        finalizers: ['tailscale.com/finalizer'],
      },
      clusterIP: clusterIp.resolver,
      spec: {
        type: 'LoadBalancer',
        loadBalancerClass: stack.loadBalancerClass,
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: 'Cluster',
        selector: labels,
        ports: [servicePort('dns', 53, 1053, 'UDP'), servicePort('dns-tcp', 53, 1053)],
      },
      status: exposedByTailscale(deviceName(stack, device), tailnetAddress.resolver),
      pods,
      suffix: 'h8nks',
    }),
    ...updater(stack),
  ];
}
