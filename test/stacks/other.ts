/**
 * Another stack than the owner's, with another name for everything that has one: what is told of it may hold no name of any other. Node, vite and
 * vitest take it for `#stack` under the condition `handbook-other`.
 */
import type { App, Stack } from '../../runbooks/stack-type.ts';

const app: App = {
  namespace: 'reading',
  name: 'guide',
  hostname: 'guide.lab.example.net',
  port: 8000,
  containerPort: 8081,
  image: 'registry.example.net/guide:v3.1.0',
  exposed: false,
  program: 'handbook',
};

export const stack: Stack = {
  site: {
    title: 'Lab guide',
    url: 'https://guide.lab.example.net',
    repository: 'https://git.example.net/somebody/lab',
    branch: 'trunk',
  },
  domain: 'lab.example.net',
  tailnet: 'pine-cone.ts.net',
  node: { name: 'atlas', address: '172.20.0.5' },
  loadBalancerClass: 'tailscale',
  gatewayClass: { name: 'inward' },
  gateway: { namespace: 'ingress', name: 'front-door', listener: 'tls' },
  envoyProxy: { namespace: 'ingress', name: 'door-frame' },
  device: { name: 'way-in', tag: 'tag:doors' },
  certificate: { namespace: 'ingress', name: 'every-lab-name', secret: 'every-lab-name-pair', covers: 'domain' },
  clusterIssuer: { name: 'acme-lab', email: 'pki@mail.example.net' },
  envoyGateway: {
    namespace: 'proxies-system',
    deployment: 'door-keeper',
    controllerName: 'gateway.envoyproxy.io/lab-controller',
  },
  tailscaleOperator: { namespace: 'mesh', deployment: 'mesh-operator', oauthSecret: 'mesh-client' },
  internalService: { namespace: 'proxies-system', name: 'side-door' },
  coredns: { namespace: 'kube-system', configMap: 'cluster-names', deployment: 'cluster-dns' },
  cilium: { namespace: 'network', configMap: 'network-settings', daemonSet: 'network-agent' },
  externalDns: { namespace: 'records', deployment: 'record-keeper', owner: 'lab', tokenSecret: 'zone-token' },
  certManager: { namespace: 'pki', deployment: 'certificates', tokenSecret: 'solver-token' },
  externalSecrets: { namespace: 'copies', deployment: 'copier', store: 'strongroom' },
  vault: { namespace: 'strongroom', service: 'strongroom-ui', port: 8300, hostname: 'strongroom.lab.example.net' },
  tailnetResolver: { namespace: 'answers', name: 'answerer', device: 'lab-answers', updater: 'address-copier' },
  splitHorizon: { hostname: 'guide.lab.example.net', pages: 'lab-guide.pages.dev' },
  app,
  apps: [
    app,
    {
      namespace: 'windows',
      name: 'console',
      hostname: 'console.lab.example.net',
      port: 8001,
      containerPort: 4467,
      image: 'registry.example.net/headlamp:v1.2.3',
      exposed: true,
      program: 'headlamp',
    },
    {
      namespace: 'evenings',
      name: 'films',
      hostname: 'films.lab.example.net',
      port: 8002,
      containerPort: 8097,
      image: 'registry.example.net/jellyfin:12.0.1',
      exposed: true,
      program: 'jellyfin',
    },
    {
      namespace: 'albums',
      name: 'photos',
      hostname: 'photos.lab.example.net',
      port: 8003,
      containerPort: 2342,
      image: 'registry.example.net/photos:v2.0.0',
      exposed: true,
    },
  ],
};
