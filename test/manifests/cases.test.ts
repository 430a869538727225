/** Manifests that are wrong, each in one way, and what must be said of them; and variants that must stay quiet. */
import { describe, expect, it } from 'vitest';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

/** A small stack in which nothing is wrong. */
const sound = {
  'namespaces.yaml': `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`,
  'gateway.yaml': `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: tailscale }
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
  parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, namespace: tailscale, name: tailscale-proxy }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: tailscale-proxy, namespace: tailscale }
spec:
  provider:
    type: Kubernetes
    kubernetes:
      envoyService:
        type: LoadBalancer
        loadBalancerClass: tailscale
        annotations: { tailscale.com/hostname: gateway-envoy }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: tailscale-gateway, namespace: tailscale }
spec:
  gatewayClassName: tailscale
  listeners:
    - name: https
      protocol: HTTPS
      port: 443
      hostname: '*.sudhanva.me'
      tls: { mode: Terminate, certificateRefs: [{ name: wildcard }] }
      allowedRoutes: { namespaces: { from: All } }
`,
  'certificate.yaml': `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: wildcard, namespace: tailscale }
spec:
  secretName: wildcard
  dnsNames: ['*.sudhanva.me']
  issuerRef: { kind: ClusterIssuer, name: letsencrypt-dns }
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: letsencrypt-dns }
spec:
  acme:
    server: https://acme-v02.api.letsencrypt.org/directory
    privateKeySecretRef: { name: letsencrypt-account }
    solvers: [{ dns01: { cloudflare: { apiTokenSecretRef: { name: cloudflare, key: token } } } }]
`,
  'shop.yaml': `
apiVersion: v1
kind: ServiceAccount
metadata: { name: shop, namespace: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: shop-settings, namespace: shop }
data: { colour: red }
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: shop-credentials, namespace: shop }
spec:
  secretStoreRef: { kind: ClusterSecretStore, name: vault }
  data: [{ secretKey: password, remoteRef: { key: shop, property: password } }]
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: { name: vault }
spec:
  provider: { vault: { server: 'http://vault.vault:8200', path: secret, version: v2 } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: shop }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      serviceAccountName: shop
      containers:
        - name: shop
          image: registry.example.com/shop:1.0.0
          ports: [{ containerPort: 8080 }]
          envFrom: [{ secretRef: { name: shop-credentials } }]
          volumeMounts: [{ name: settings, mountPath: /etc/shop }]
      volumes: [{ name: settings, configMap: { name: shop-settings } }]
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: shop }
spec:
  selector: { app: shop }
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: tailscale-gateway, namespace: tailscale }]
  hostnames: [shop.sudhanva.me]
  rules: [{ backendRefs: [{ name: shop, port: 80 }] }]
`,
};

interface Case {
  title: string;
  file: keyof typeof sound;
  /** What is replaced in the file, and by what. */
  from: string;
  to: string;
  check: string;
  says: string | RegExp;
  outcome?: 'failed' | 'warned' | 'unknown';
}

const route = 'httproute/manifests-fit-together';
const app = 'app-pod/manifests-fit-together';

const cases: readonly Case[] = [
  {
    title: 'allowedRoutes beside the listener instead of in it',
    file: 'gateway.yaml',
    from: '      allowedRoutes: {',
    to: '  allowedRoutes: {',
    check: 'gateway/manifests-are-valid',
    says: /gateway\.yaml:32: unknown field "spec\.allowedRoutes"\. spec has no such field; spec\.listeners\[0\] has\. Move it there\. \(Gateway API v1\.5\.1\)/,
    // A newer release than the one at hand could have it.
    outcome: 'warned',
  },
  {
    title: 'a misspelt field',
    file: 'gateway.yaml',
    from: 'loadBalancerClass: tailscale',
    to: 'loadbalancerClass: tailscale',
    check: 'envoyproxy/manifests-are-valid',
    says: /gateway\.yaml:18: .*Did you mean "loadBalancerClass"\? \(Envoy Gateway v1\.7\.3\)/,
    outcome: 'warned',
  },
  {
    title: 'a port in quotes',
    file: 'gateway.yaml',
    from: 'port: 443',
    to: "port: '443'",
    check: 'gateway/manifests-are-valid',
    says: /gateway\.yaml:29: spec\.listeners\[0\]\.port: Invalid value: "string".* must be of type integer/,
  },
  {
    title: 'a value that is none of the supported ones',
    file: 'gateway.yaml',
    from: 'from: All',
    to: 'from: Any',
    check: 'gateway/manifests-are-valid',
    says: 'Unsupported value: "Any": supported values: ',
  },
  {
    title: 'a missing field',
    file: 'certificate.yaml',
    from: '  secretName: wildcard\n',
    to: '',
    check: 'certificate/manifests-are-valid',
    says: 'spec.secretName: Required value',
  },
  {
    title: 'yes, which YAML takes for a boolean',
    file: 'shop.yaml',
    from: 'colour: red',
    to: 'colour: yes',
    check: 'app-pod/manifests-are-valid',
    says: 'data.colour: Invalid value: "boolean"',
  },
  {
    title: 'a selector that does not match its template',
    file: 'shop.yaml',
    from: 'labels: { app: shop }',
    to: 'labels: { app: store }',
    check: 'app-pod/manifests-are-valid',
    says: '`selector` does not match template `labels`',
  },
  {
    title: 'a volume that is not there',
    file: 'shop.yaml',
    from: 'volumes: [{ name: settings,',
    to: 'volumes: [{ name: setting,',
    check: 'app-pod/manifests-are-valid',
    says: 'volumeMounts[0].name: Not found: "settings"',
  },
  {
    title: 'an object twice, and differently',
    file: 'namespaces.yaml',
    from: 'metadata: { name: shop }',
    to: 'metadata: { name: shop }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop }\ndata: { colour: blue }',
    check: 'app-pod/manifests-are-valid',
    says: /stands twice, and differently: in .*namespaces\.yaml:6 and in .*shop\.yaml:6/,
  },
  {
    title: 'an object twice, the same',
    file: 'namespaces.yaml',
    from: 'kind: Namespace\nmetadata: { name: shop }',
    to: 'kind: Namespace\nmetadata: { name: shop }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }',
    check: 'app-pod/manifests-are-valid',
    says: /Namespace shop stands twice: in .*:2 and in .*:6/,
    outcome: 'warned',
  },
  {
    title: 'an object in three files, which are told once',
    file: 'namespaces.yaml',
    from: 'metadata: { name: shop }',
    to: `metadata: { name: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: shop-settings, namespace: shop, labels: { by: hand } }
data: { colour: red }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: shop-settings, namespace: shop }
data: { colour: blue }`,
    check: 'app-pod/manifests-are-valid',
    says: /^\S+shop\.yaml:6: ConfigMap shop\/shop-settings stands 3 times, and differently: in \S+:6 and in \S+:11 and in \S+:6\.$/,
  },
  {
    title: 'an object twice, with other labels alone',
    file: 'namespaces.yaml',
    from: 'metadata: { name: shop }',
    to: 'metadata: { name: shop }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop, labels: { a: b } }\ndata: { colour: red }',
    check: 'app-pod/manifests-are-valid',
    says: /stands twice: in /,
    outcome: 'warned',
  },
  {
    title: 'no namespace',
    file: 'shop.yaml',
    from: 'kind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop }',
    to: 'kind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }',
    check: 'app-pod/manifests-are-valid',
    says: 'ConfigMap other names no namespace',
    outcome: 'warned',
  },
  {
    title: 'a namespace that is misspelt',
    file: 'shop.yaml',
    from: 'kind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop }',
    to: 'kind: ConfigMap\nmetadata: { name: shop-settings, namespace: shops }',
    check: 'app-pod/manifests-are-valid',
    says: 'is in a namespace that no manifest declares; there is shop.',
  },
  {
    title: 'a route to a Service that is not there',
    file: 'shop.yaml',
    from: 'backendRefs: [{ name: shop,',
    to: 'backendRefs: [{ name: catalogue,',
    check: route,
    says: /shop\.yaml:\d+: HTTPRoute shop\/shop refers to Service shop\/catalogue, which is in no manifest/,
  },
  {
    title: 'a route to a port that the Service does not have',
    file: 'shop.yaml',
    from: 'backendRefs: [{ name: shop, port: 80',
    to: 'backendRefs: [{ name: shop, port: 8080',
    check: route,
    says: 'asks Service shop/shop for port 8080, which it does not have',
  },
  {
    title: 'a ServiceAccount that is not there',
    file: 'shop.yaml',
    from: 'serviceAccountName: shop',
    to: 'serviceAccountName: shopkeeper',
    check: app,
    says: 'refers to ServiceAccount shop/shopkeeper, which is in no manifest',
  },
  {
    title: 'a ConfigMap by a misspelt name',
    file: 'shop.yaml',
    from: 'configMap: { name: shop-settings }',
    to: 'configMap: { name: shop-setings }',
    check: app,
    says: 'refers to ConfigMap shop/shop-setings, which is in no manifest; there is shop-settings.',
  },
  {
    title: 'a Secret by a misspelt name',
    file: 'shop.yaml',
    from: 'secretRef: { name: shop-credentials }',
    to: 'secretRef: { name: shop-credential }',
    check: app,
    says: 'refers to Secret shop/shop-credential, which is in no manifest; there is shop-credentials.',
  },
  {
    title: 'a Secret that may be made by hand',
    file: 'shop.yaml',
    from: 'secretRef: { name: shop-credentials }',
    to: 'secretRef: { name: payment }',
    check: app,
    says: 'refers to Secret shop/payment, which is in no manifest.',
    outcome: 'warned',
  },
  {
    title: 'a Service that selects no pod',
    file: 'shop.yaml',
    from: 'selector: { app: shop }',
    to: 'selector: { app: store }',
    check: 'app-service/manifests-fit-together',
    says: 'Service shop/shop selects no pod',
  },
  {
    title: 'a Service of pods that an operator may make',
    file: 'shop.yaml',
    from: 'selector: { app: shop }',
    to: `selector: { app: store }
  ports: [{ port: 80 }]
---
apiVersion: example.com/v1
kind: Store
metadata: { name: main, namespace: shop }
spec: { podMetadata: { labels: { app: store, part: main } } }
---
apiVersion: v1
kind: Service
metadata: { name: other, namespace: shop }
spec:
  selector: { app: shop }`,
    check: 'app-service/manifests-fit-together',
    says: 'Service shop/shop selects pods that Store shop/main may make.',
    outcome: 'unknown',
  },
  {
    title: 'a Service of pods that a controller labels',
    file: 'shop.yaml',
    from: 'selector: { app: shop }',
    to: 'selector: { app: shop, shop.example.com/leader: "true" }',
    check: 'app-service/manifests-fit-together',
    says: 'Service shop/shop selects pods by shop.example.com/leader, a label that controllers give.',
    outcome: 'unknown',
  },
  {
    title: 'a Service whose labels only a route has',
    file: 'shop.yaml',
    from: 'selector: { app: shop }',
    to: `selector: { app: store }
  ports: [{ port: 80 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: store, namespace: shop, labels: { app: store } }
spec: { rules: [{ backendRefs: [{ name: shop, port: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: other, namespace: shop }
spec:
  selector: { app: shop }`,
    check: 'app-service/manifests-fit-together',
    says: 'Service shop/shop selects no pod: no workload in shop has these labels.',
  },
  {
    title: 'a route whose parent is in no manifest, though Gateways are',
    file: 'shop.yaml',
    from: 'parentRefs: [{ name: tailscale-gateway,',
    to: 'parentRefs: [{ name: tailscale,',
    check: 'httproute/names-a-gateway',
    says: 'hangs on Gateway tailscale/tailscale, which does not exist',
  },
  {
    title: 'a route that asks for a listener that the Gateway does not have',
    file: 'shop.yaml',
    from: 'name: tailscale-gateway, namespace: tailscale }',
    to: 'name: tailscale-gateway, namespace: tailscale, sectionName: http }',
    check: 'httproute/names-a-listener',
    says: 'http',
  },
  {
    title: 'a listener that lets no route of other namespaces in',
    file: 'gateway.yaml',
    from: 'from: All',
    to: 'from: Same',
    check: 'httproute/is-allowed-by-the-listener',
    says: 'shop/shop',
  },
  {
    title: 'a certificate for another name',
    file: 'certificate.yaml',
    from: "dnsNames: ['*.sudhanva.me']",
    to: 'dnsNames: [www.example.com]',
    check: 'gateway/serves-fitting-certificates',
    says: 'sudhanva.me',
  },
  {
    title: 'an issuer that is in no manifest, though issuers are',
    file: 'certificate.yaml',
    from: 'issuerRef: { kind: ClusterIssuer, name: letsencrypt-dns }',
    to: 'issuerRef: { kind: ClusterIssuer, name: letsencrypt }',
    check: 'clusterissuer/exists',
    says: 'letsencrypt',
  },
  {
    title: 'a class whose parameters are in no manifest, though such are',
    file: 'gateway.yaml',
    from: 'kind: EnvoyProxy, namespace: tailscale, name: tailscale-proxy }',
    to: 'kind: EnvoyProxy, namespace: tailscale, name: tailscale }',
    check: 'gatewayclass/parameters-resolve',
    says: 'EnvoyProxy tailscale/tailscale',
  },
  {
    title: 'a Service in front of Envoy without class',
    file: 'gateway.yaml',
    from: '        loadBalancerClass: tailscale\n',
    to: '',
    check: 'envoyproxy/asks-for-tailscale',
    says: 'tailscale',
  },
  {
    title: 'a store by a misspelt name',
    file: 'shop.yaml',
    from: 'secretStoreRef: { kind: ClusterSecretStore, name: vault }',
    to: 'secretStoreRef: { kind: ClusterSecretStore, name: valt }',
    check: 'external-secrets/stores-exist',
    says: 'valt',
  },
];

const findings = async (files: Readonly<Record<string, string>>) => {
  const { report } = await judgeFolders([writeFolder(files)]);
  return report.checks;
};

describe('manifests that are wrong', () => {
  it('stand on manifests that are sound', async () => {
    const verdicts = await findings(sound);
    const bad = verdicts.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned' || outcome === 'blocked');
    expect(bad.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
    expect(verdicts.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(20);
  });

  it.each(cases)('$title', async ({ file, from, to, check, says, outcome = 'failed' }) => {
    expect(sound[file]).toContain(from);
    const verdicts = await findings({ ...sound, [file]: sound[file].replace(from, to) });
    const found = verdicts.find(({ id }) => id === check);
    expect(found?.outcome).toBe(outcome);
    const told = found?.findings.map(
      ({ message, evidence: [{ source } = {}] }) => `${source?.file}:${source?.line}: ${message}`,
    );
    expect(outcome === 'unknown' ? found?.message : told?.join('\n')).toMatch(says);
  });
});

const quiet: readonly (readonly [title: string, files: Readonly<Record<string, string>>])[] = [
  [
    'only apps, whose Gateway is elsewhere',
    { 'shop.yaml': sound['shop.yaml'], 'namespaces.yaml': sound['namespaces.yaml'] },
  ],
  ['only the Gateway', { 'gateway.yaml': sound['gateway.yaml'] }],
  [
    'a route to a Service of a chart',
    { ...sound, 'vault.yaml': sound['shop.yaml'].split('---').slice(-1)[0]?.replaceAll('shop', 'vault') ?? '' },
  ],
  [
    'a namespace from the kustomization',
    {
      ...sound,
      'extra/kustomization.yaml': 'namespace: shop\nresources: [settings.yaml]\n',
      'extra/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: extra }\n',
    },
  ],
  [
    'a ConfigMap that kustomize generates',
    {
      ...sound,
      'kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator: [{ name: generated, namespace: shop, literals: [a=b] }]\n',
      'shop.yaml': sound['shop.yaml'].replace('configMap: { name: shop-settings }', 'configMap: { name: generated }'),
    },
  ],
  [
    'a patch of a kustomization, which is no second object',
    {
      ...Object.fromEntries(Object.entries(sound).map(([file, text]) => [`base/${file}`, text])),
      'base/kustomization.yaml': `resources: [${Object.keys(sound).join(', ')}]\n`,
      'overlay/kustomization.yaml': 'resources: [../base]\npatches: [{ path: patch.yaml }]\n',
      'overlay/patch.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop-settings, namespace: shop }\ndata: { colour: blue }\n',
    },
  ],
  [
    'a namespace on what has none, which an API server takes off',
    {
      ...sound,
      'certificate.yaml': sound['certificate.yaml'].replace(
        'metadata: { name: letsencrypt-dns }',
        'metadata: { name: letsencrypt-dns, namespace: shop }',
      ),
    },
  ],
  [
    'objects in a List',
    {
      ...sound,
      'list.yaml':
        'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: listed, namespace: shop }\n',
    },
  ],
  [
    'an octal mode and a time that is text',
    {
      ...sound,
      'shop.yaml': sound['shop.yaml']
        .replace('configMap: { name: shop-settings }', 'configMap: { name: shop-settings, defaultMode: 0644 }')
        .replace('colour: red', 'opens: 08:30:00'),
    },
  ],
];

const encrypted = `
apiVersion: v1
kind: Secret
metadata: { name: a, namespace: b }
data: { password: 'ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]' }
sops: { version: 3.9.0, mac: 'ENC[AES256_GCM,data:abc]' }
`;

describe('manifests that are not wrong', () => {
  it('what SOPS encrypts is left out, and a note says so', async () => {
    const { report, notes } = await judgeFolders([writeFolder({ 'secret.yaml': encrypted })], []);
    expect(report.runbooks[0]?.outcome).toBe('passed');
    expect(notes.join()).toMatch(/secret\.yaml is encrypted with SOPS: its values are not judged\./);
  });

  it.each(quiet)('%s', async (_title, files) => {
    const verdicts = await findings(files);
    const bad = verdicts.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned' || outcome === 'blocked');
    expect(bad.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
  });

  it('a kind that nobody knows is unknown, not wrong', async () => {
    const [verdict] = await findings({
      'release.yaml': 'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: a }\nspec: {}\n',
    });
    expect(verdict).toMatchObject({ id: 'app-pod/manifests-are-valid', outcome: 'unknown' });
    expect(verdict?.message).toContain('HelmRelease (helm.toolkit.fluxcd.io/v2)');
  });

  it('a Secret’s value is not shown, though it is wrong', async () => {
    const verdicts = await findings({
      'secret.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: { name: a, namespace: b }\ndata: { password: "hunter2!" }\n',
    });
    const found = verdicts.find(({ outcome }) => outcome === 'failed');
    expect(found?.message).toContain('data.password is not what a Secret may hold');
    expect(JSON.stringify(verdicts)).not.toContain('hunter2');
  });
});
