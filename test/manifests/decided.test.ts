/** What Git alone decides is found, with the line where it stands, and what only a cluster knows of one object leaves the others alone. */
import { describe, expect, it } from 'vitest';
import type { Report, Verdict } from '../../src/runbook/report.ts';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const judged = async (manifests: string): Promise<Report> =>
  (await judgeFolders([writeFolder({ 'all.yaml': manifests })])).report;

const verdictOf = ({ checks }: Report, id: string): Verdict | undefined => checks.find((check) => check.id === id);

/** Each finding with its line, but for those of schemas. */
const found = ({ checks }: Report): readonly string[] =>
  checks.flatMap(({ findings }) =>
    findings
      .filter(({ outcome }) => outcome !== 'blocked')
      .map(({ id, evidence }) => `${id} ${evidence[0]?.source?.line ?? 'nowhere'}`),
  );

const envoyClass = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec:
  controllerName: gateway.envoyproxy.io/gatewayclass-controller
  parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: proxy, namespace: tailscale }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: proxy, namespace: tailscale }
spec:
  provider:
    type: Kubernetes
    kubernetes: { envoyService: { type: LoadBalancer, annotations: { tailscale.com/hostname: gateway } } }
---
`;

const gateway = (name: string, listener: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: tailscale }
spec: { gatewayClassName: envoy, listeners: [${listener}] }
---
`;

const https = `{ name: https, protocol: HTTPS, port: 443, hostname: '*.sudhanva.me', tls: { certificateRefs: [{ name: web }] }, allowedRoutes: { namespaces: { from: All } } }`;

const route = (kind: string, spec: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: web, namespace: web }
spec: ${spec}
---
`;

describe('several Gateways of one class', () => {
  const two =
    envoyClass + gateway('tailscale-gateway', https) + gateway('external', https.replace('sudhanva', 'other'));

  it.each([
    ['the parent', '{ parentRefs: [{ name: tailscale-gatewai, namespace: tailscale }] }', 'names-a-gateway#misspelt'],
    [
      'the listener of the first',
      '{ parentRefs: [{ name: tailscale-gateway, namespace: tailscale, sectionName: htps }] }',
      'names-a-listener#no-such-section',
    ],
    [
      'the listener of the second',
      '{ parentRefs: [{ name: external, namespace: tailscale, sectionName: htps }] }',
      'names-a-listener#no-such-section',
    ],
    [
      'the hostname on the second',
      '{ parentRefs: [{ name: external, namespace: tailscale }], hostnames: [a.sudhanva.me] }',
      'hostnames-are-served#not-taken',
    ],
  ])('do not keep %s from being judged', async (_what, spec, id) => {
    const report = await judged(two + route('HTTPRoute', spec));
    expect(found(report).filter((one) => one.includes(`httproute/${id} `))).toHaveLength(1);
    expect(found(report).filter((one) => one.includes('nowhere'))).toEqual([]);
  });

  it('are no reason to know nothing of any', async () => {
    const well = '{ parentRefs: [{ name: external, namespace: tailscale }], hostnames: [a.other.me] }';
    const report = await judged(two + route('HTTPRoute', well));
    expect(verdictOf(report, 'httproute/names-a-listener')?.outcome).toBe('passed');
    expect(verdictOf(report, 'httproute/hostnames-are-served')?.outcome).toBe('passed');
    expect(verdictOf(report, 'gateway/exists')?.outcome).toBe('passed');
  });

  it('leave what one of them waits for to that one', async () => {
    const unknown = gateway('tailscale-gateway', https) + gateway('other', https).replace('envoy', 'chart-made');
    const wrong = '{ parentRefs: [{ name: tailscale-gateway, namespace: tailscale, port: 444 }] }';
    const report = await judged(envoyClass + unknown + route('HTTPRoute', wrong));
    expect(found(report).join(' ')).toContain('httproute/names-a-listener#no-such-port');
  });
});

describe('a Corefile', () => {
  const resolver = (corefile: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: tailscale-dns, namespace: tailscale-dns }
data:
  Corefile: |
${corefile.replaceAll(/^/gm, '    ')}
`;

  it('is judged without what else there is of its server', async () => {
    const open = await judged(resolver('sudhanva.me:53 {\n  forward . 1.1.1.1\n'));
    expect(found(open)).toEqual(['tailnet-resolver/loads-its-corefile#refused 6']);
    const named = await judged(resolver('sudhanva.me:53 {\n  forward . dns.web.svc.cluster.local\n}'));
    expect(found(named)).toEqual(['tailnet-resolver/loads-its-corefile#asks-itself 6']);
    const dead = String.raw`sudhanva.me:53 {
  template IN A {
    match "^(.*)\\.sudhanva\\.me\\.$"
    answer "{{ .Name }} 60 IN A 100.64.0.1"
  }
}`;
    expect(found(await judged(resolver(dead)))).toEqual(['tailnet-resolver/rules-can-match#never-matches 6']);
  });

  it('is judged by the hostnames that routes in Git have', async () => {
    const alias = `sudhanva.me:53 {
  template IN CNAME {
    match ^[a-z]+\\.sudhanva\\.me\\.$
    answer "{{ .Name }} 60 IN CNAME gateway.tail1234.ts.net."
  }
  forward . 1.1.1.1
}`;
    const routed = route(
      'HTTPRoute',
      '{ parentRefs: [{ name: tailscale-gateway, namespace: tailscale }], hostnames: [a.sudhanva.me] }',
    );
    const report = await judged(envoyClass + gateway('tailscale-gateway', https) + routed + resolver(alias));
    expect(found(report).join(' ')).toContain('tailnet-resolver/holds-the-gateways-address#alias-only');
  });
});

it('an object that names no namespace may be where somebody else looks for it', async () => {
  const homeless = gateway('tailscale-gateway', https).replace(', namespace: tailscale', '');
  const named = route('HTTPRoute', '{ parentRefs: [{ name: tailscale-gateway, namespace: tailscale }] }');
  const report = await judged(envoyClass + homeless + named);
  expect(verdictOf(report, 'httproute/names-a-gateway')?.outcome).toBe('unknown');
});

it('an issuer with the address of an example is found', async () => {
  const report = await judged(`
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: own }
spec:
  acme:
    server: https://acme-v02.api.letsencrypt.org/directory
    email: you@example.com
    privateKeySecretRef: { name: key }
    solvers: [{ dns01: { cloudflare: { apiTokenSecretRef: { name: token, key: token } } } }]
`);
  expect(found(report)).toEqual(['clusterissuer/contact-is-taken#refused 8']);
});

it('a file of the handbook is an example to whoever has manifests of their own', async () => {
  const report = await judged(
    `${envoyClass}${gateway('tailscale-gateway', https)}---
apiVersion: v1
kind: ConfigMap
metadata: { name: tailscale-dns, namespace: tailscale-dns }
data:
  Corefile: |
    sudhanva.me:1053 {
      template IN A {
        match ^[a-z0-9-]+\\.sudhanva\\.me\\.$
        answer "{{ .Name }} 60 IN A 100.101.102.103"
        fallthrough
      }
      forward . 1.1.1.1
    }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: docs, namespace: docs }
spec: { parentRefs: [{ name: tailscale-gateway, namespace: tailscale }], hostnames: [docs.sudhanva.me] }
`,
  );
  const [leaks] = verdictOf(report, 'tailnet-resolver/keeps-every-type')?.findings ?? [];
  expect(leaks?.remedies[0]?.title).toContain(
    'The handbook’s own, as an example: infrastructure/tailscale-dns/configmap.yaml.',
  );
  expect(leaks?.remedies[0]?.commands.join('\n')).not.toContain('apply');
});

describe('what hangs on something', () => {
  const cilium = (listener: string): string => gateway('gw', listener).replace('envoy', 'cilium');
  const web = `
apiVersion: v1
kind: Namespace
metadata: { name: web, labels: { tier: apps } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: web }
spec: { ports: [{ name: http, port: 80 }] }
---
`;
  const onGateway = (more = ''): string => `parentRefs: [{ name: gw, namespace: tailscale${more} }]`;
  const policy = (kind: string, target: string): string => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ${kind}
metadata: { name: rule, namespace: tailscale }
spec: { targetRefs: [{ group: gateway.networking.k8s.io, ${target} }] }
`;
  const fits = 'manifests-fit-together';

  it.each([
    [
      'a parent that is not there',
      route('GRPCRoute', '{ parentRefs: [{ name: gone, namespace: net }] }'),
      'target-missing',
    ],
    [
      'a Service that is not there',
      route('GRPCRoute', `{ ${onGateway()}, rules: [{ backendRefs: [{ name: webb, port: 80 }] }] }`),
      'target-missing',
    ],
    [
      'a port that its Service lacks',
      route('GRPCRoute', `{ ${onGateway()}, rules: [{ backendRefs: [{ name: web, port: 81 }] }] }`),
      'port-missing',
    ],
    ['a listener that is not there', route('HTTPRoute', `{ ${onGateway(', sectionName: http')} }`), 'section-missing'],
    ['a port that no listener has', route('HTTPRoute', `{ ${onGateway(', port: 80')} }`), 'section-missing'],
    [
      'a hostname that no listener takes',
      route('HTTPRoute', `{ ${onGateway()}, hostnames: [a.example.net] }`),
      'hostname-not-taken',
    ],
    [
      'a route of another kind',
      route(
        'TLSRoute',
        `{ ${onGateway()}, hostnames: [a.sudhanva.me], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }`,
      ),
      'not-admitted',
    ],
    [
      'a policy of a Gateway that is not there',
      policy('ClientTrafficPolicy', 'kind: Gateway, name: other'),
      'target-missing',
    ],
    [
      'a policy of a listener that is not there',
      policy('ClientTrafficPolicy', 'kind: Gateway, name: gw, sectionName: http'),
      'section-missing',
    ],
    ['a policy of what it cannot be for', policy('ClientTrafficPolicy', 'kind: HTTPRoute, name: gw'), 'foreign-target'],
  ])('is found: %s', async (_what, manifest, id) => {
    const report = await judged(web + cilium(https) + manifest);
    const own = found(report).filter((one) => one.includes(fits));
    expect(own).toEqual([expect.stringMatching(new RegExp(`${fits}#${id} \\d+$`))]);
  });

  it.each([
    ['only its own namespace', https.replace('All', 'Same'), true],
    [
      'chosen namespaces, and not this one',
      https.replace('from: All', 'from: Selector, selector: { matchLabels: { tier: core } }'),
      true,
    ],
    [
      'chosen namespaces',
      https.replace('from: All', 'from: Selector, selector: { matchLabels: { tier: apps } }'),
      false,
    ],
    ['chosen kinds, and not this one', https.replace('namespaces:', 'kinds: [{ kind: GRPCRoute }], namespaces:'), true],
    ['every namespace', https, false],
  ])('is let in as the listener says: %s', async (_what, listener, isShut) => {
    const report = await judged(
      web + cilium(listener) + route('HTTPRoute', `{ ${onGateway()}, hostnames: [a.sudhanva.me] }`),
    );
    expect(found(report).filter((one) => one.includes('not-admitted'))).toHaveLength(isShut ? 1 : 0);
  });

  it('asks a Service for a port, as an Ingress does', async () => {
    const ingress = (port: string): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: web }
spec: { rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { ${port} } } } }] } }] }
`;
    expect(found(await judged(web + ingress('number: 8080')))).toEqual([expect.stringContaining('port-missing')]);
    expect(found(await judged(web + ingress('number: 80')))).toEqual([]);
  });

  it('is left alone where a Gateway may be somebody else’s', async () => {
    expect(found(await judged(web + route('GRPCRoute', `{ ${onGateway()} }`)))).toEqual([]);
  });
});
