/**
 * Every system that a request, or the configuration behind it, passes through: a closed list. One that is a part which a stack may lack names
 * that part, and without it nothing speaks of the component.
 *
 * Diagram nodes, checks, pages and demo faults name a component by its `id`, so that a verdict can be shown where the
 * component stands on the line. Objects of the Kubernetes API are called what `kubectl` calls them.
 */
import { has } from './parts.ts';
import type { Part } from './stack-type.ts';

const known = [
  { id: 'client', title: 'Client', plane: 'request' },
  { id: 'cloudflare-dns', title: 'Cloudflare DNS', plane: 'dns' },
  { id: 'tailnet-resolver', title: 'Tailnet resolver', plane: 'dns', part: 'tailnetResolver' },
  { id: 'external-dns', title: 'ExternalDNS', plane: 'dns', part: 'externalDns' },
  { id: 'coredns', title: 'CoreDNS', plane: 'dns', part: 'internalService' },
  { id: 'tailscale-operator', title: 'Tailscale Operator', plane: 'control' },
  { id: 'tailscale-proxy', title: 'Tailscale proxy', plane: 'request' },
  { id: 'cilium', title: 'Cilium', plane: 'request', part: 'cilium' },
  { id: 'managed-service', title: 'Managed Service', plane: 'request' },
  { id: 'internal-service', title: 'Internal Service', plane: 'request', part: 'internalService' },
  { id: 'envoy-gateway', title: 'Envoy Gateway', plane: 'control' },
  { id: 'gatewayclass', title: 'GatewayClass', plane: 'control' },
  { id: 'envoyproxy', title: 'EnvoyProxy', plane: 'control' },
  { id: 'gateway', title: 'Gateway', plane: 'control' },
  { id: 'envoy', title: 'Envoy', plane: 'request' },
  { id: 'httproute', title: 'HTTPRoute', plane: 'request' },
  { id: 'app-service', title: 'App Service', plane: 'request' },
  { id: 'app-pod', title: 'App pod', plane: 'request' },
  { id: 'cert-manager', title: 'cert-manager', plane: 'tls' },
  { id: 'clusterissuer', title: 'ClusterIssuer', plane: 'tls' },
  { id: 'certificate', title: 'Certificate', plane: 'tls' },
  { id: 'lets-encrypt', title: "Let's Encrypt", plane: 'tls' },
  { id: 'external-secrets', title: 'External Secrets', plane: 'secrets', part: 'externalSecrets' },
  { id: 'vault', title: 'Vault', plane: 'secrets', part: 'vault' },
] as const satisfies readonly (Component & { id: string })[];

interface Component {
  title: string;
  plane: 'request' | 'dns' | 'control' | 'tls' | 'secrets';
  part?: Part;
}

export type ComponentId = (typeof known)[number]['id'];

const all: readonly (Component & { id: ComponentId })[] = known;
const byId = new Map<string, Component>(all.map((component) => [component.id, component]));

/** Those that the stack has. */
export const components = all.filter(({ part }) => part === undefined || has(part));

/** Whether it is the id of a component, of this stack or not. */
export const isComponent = (id: string): id is ComponentId => byId.has(id);

/** Whether the stack has what goes by this id; what goes by none is no component, and is not asked. */
export const hasComponent = (id: string): boolean => {
  const part = byId.get(id)?.part;
  return part === undefined || has(part);
};

/** The title of a component, as pages and reports show it. */
export const componentTitle = (id: ComponentId): string => byId.get(id)?.title ?? id;
