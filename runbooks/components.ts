/**
 * Every system that a request, or the configuration behind it, passes through: a closed list.
 *
 * Diagram nodes, checks, pages and demo faults name a component by its `id`, so that a verdict can be shown where the
 * component stands on the line. Objects of the Kubernetes API are called what `kubectl` calls them.
 */
export const components = [
  { id: 'client', title: 'Client', plane: 'request' },
  { id: 'cloudflare-dns', title: 'Cloudflare DNS', plane: 'dns' },
  { id: 'tailnet-resolver', title: 'Tailnet resolver', plane: 'dns' },
  { id: 'external-dns', title: 'ExternalDNS', plane: 'dns' },
  { id: 'coredns', title: 'CoreDNS', plane: 'dns' },
  { id: 'tailscale-operator', title: 'Tailscale Operator', plane: 'control' },
  { id: 'tailscale-proxy', title: 'Tailscale proxy', plane: 'request' },
  { id: 'cilium', title: 'Cilium', plane: 'request' },
  { id: 'managed-service', title: 'Managed Service', plane: 'request' },
  { id: 'internal-service', title: 'Internal Service', plane: 'request' },
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
  { id: 'external-secrets', title: 'External Secrets', plane: 'secrets' },
  { id: 'vault', title: 'Vault', plane: 'secrets' },
] as const;

export type ComponentId = (typeof components)[number]['id'];

const byId = new Map<string, (typeof components)[number]>(components.map((component) => [component.id, component]));

/** The title of a component, as pages and reports show it. */
export const componentTitle = (id: ComponentId): string => byId.get(id)?.title ?? id;
