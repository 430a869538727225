/**
 * The one file to edit when you adopt this handbook: the names of your stack.
 *
 * Pages write `{{gateway.name}}` and get the value from here; runbooks and the demo cluster import it as `#stack`. Runbooks treat names as
 * hints: wherever one object refers to another, they follow the reference. A part that you do not have (`Parts` in `stack-type.ts`) is null.
 */
import type { App, Stack } from './stack-type.ts';

/** The app that examples and the request path follow: the mirror of this handbook. */
const app: App = {
  namespace: 'docs',
  name: 'docs',
  hostname: 'docs.sudhanva.me',
  port: 80,
  containerPort: 8080,
  image: 'ghcr.io/nsudhanva/homelab-docs:v1.0.0',
  // On Cloudflare Pages for the public.
  exposed: false,
  program: 'handbook',
};

export const stack: Stack = {
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
  node: { name: 'legion', address: '192.168.1.20' },
  /** What a `loadBalancerClass` must say for the Tailscale Operator to take a Service. */
  loadBalancerClass: 'tailscale',
  gatewayClass: { name: 'tailscale' },
  gateway: { namespace: 'tailscale', name: 'tailscale-gateway', listener: 'https' },
  envoyProxy: { namespace: 'tailscale', name: 'tailscale-proxy' },
  /** The tailnet device that the Tailscale proxy in front of Envoy registers as. */
  device: { name: 'gateway-envoy', tag: 'tag:k8s' },
  certificate: {
    namespace: 'tailscale',
    name: 'wildcard-sudhanva-me',
    secret: 'wildcard-sudhanva-me-tls',
    covers: 'domain',
  },
  clusterIssuer: { name: 'letsencrypt-dns', email: 'acme@sudhanva.me' },
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
  app,
  apps: [
    app,
    {
      namespace: 'headlamp',
      name: 'headlamp',
      hostname: 'headlamp.sudhanva.me',
      port: 80,
      containerPort: 4466,
      image: 'ghcr.io/headlamp-k8s/headlamp:v0.38.0',
      exposed: true,
      program: 'headlamp',
    },
    {
      namespace: 'jellyfin',
      name: 'jellyfin',
      hostname: 'jellyfin.sudhanva.me',
      port: 80,
      containerPort: 8096,
      image:
        'docker.io/jellyfin/jellyfin:10.11.3@sha256:1edf3f17997acbe139718f252a7d2ded2706762390d787a34204668498dbc5f6',
      exposed: true,
      program: 'jellyfin',
    },
  ],
};
