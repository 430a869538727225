/**
 * The one file to edit when you adopt this handbook: the names of your stack.
 *
 * Pages write `{{gateway.name}}` and get the value from here; runbooks, the demo cluster and the tests of the manifests
 * import it. Runbooks treat names as hints: wherever one object refers to another, they follow the reference.
 */
export const stack = {
  site: {
    title: 'Tailnet ingress handbook',
    url: 'https://docs.sudhanva.me',
    repository: 'https://github.com/nsudhanva/homelab',
    branch: 'main',
  },
  /** The zone whose hostnames the Gateway serves. */
  domain: 'sudhanva.me',
  /** The tailnet's MagicDNS suffix. */
  tailnet: 'tail1234.ts.net',
  /** What a `loadBalancerClass` must say for the Tailscale Operator to take a Service. */
  loadBalancerClass: 'tailscale',
  gatewayClass: { name: 'tailscale' },
  gateway: { namespace: 'tailscale', name: 'tailscale-gateway', listener: 'https' },
  envoyProxy: { namespace: 'tailscale', name: 'tailscale-proxy' },
  /** The tailnet device that the Tailscale proxy in front of Envoy registers as. */
  device: { name: 'gateway-envoy', tag: 'tag:k8s' },
  certificate: { namespace: 'tailscale', name: 'wildcard-sudhanva-me', secret: 'wildcard-sudhanva-me-tls' },
  clusterIssuer: { name: 'letsencrypt-dns' },
  envoyGateway: {
    namespace: 'envoy-gateway',
    deployment: 'envoy-gateway',
    controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
  },
  tailscaleOperator: { namespace: 'tailscale', deployment: 'operator', oauthSecret: 'operator-oauth' },
  internalService: { namespace: 'envoy-gateway', name: 'gateway-internal' },
  coredns: { namespace: 'kube-system', configMap: 'coredns', deployment: 'coredns' },
  cilium: { namespace: 'kube-system', configMap: 'cilium-config', daemonSet: 'cilium' },
  externalDns: {
    namespace: 'external-dns',
    deployment: 'external-dns',
    owner: 'homelab',
    tokenSecret: 'cloudflare-api-token',
  },
  certManager: { namespace: 'cert-manager', deployment: 'cert-manager', tokenSecret: 'cloudflare-api-token' },
  externalSecrets: { namespace: 'external-secrets', deployment: 'external-secrets', store: 'vault' },
  vault: { namespace: 'vault', service: 'vault-ui', port: 8200, hostname: 'vault.sudhanva.me' },
  tailnetResolver: {
    namespace: 'tailscale-dns',
    name: 'tailscale-dns',
    device: 'tailscale-dns',
    updater: 'tailscale-dns-updater',
  },
  /** Hostnames that answer differently on and off the tailnet; their routes are not exposed to ExternalDNS. */
  splitHorizon: { hostname: 'docs.sudhanva.me', pages: 'homelab-docs.pages.dev' },
  /** The app that examples and the request path follow. */
  app: { namespace: 'docs', name: 'docs', hostname: 'docs.sudhanva.me', port: 80, containerPort: 8080 },
} as const;
