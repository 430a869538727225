/** Charts' values, read as their templates read them: what ExternalDNS and cert-manager are told stands in Git though no Deployment does. */
import { describe, expect, it } from 'vitest';
import { judgeFolders, renderFolders, writeFolder } from '../support/manifests.ts';

const release = (more: string, spec = ''): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: external-dns, namespace: external-dns }
spec:
  chartRef: { kind: OCIRepository, name: charts }
  ${spec}
  values:
    ${more}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: charts, namespace: external-dns }
spec: { url: oci://ghcr.io/example/external-dns, ref: { tag: 1.19.0 } }
`;

const application = (chart: string, helm: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: own, namespace: argocd }
spec:
  source: { chart: ${chart}, repoURL: https://charts.example.org, targetRevision: 1.0.0, helm: { ${helm} } }
  destination: { namespace: dns }
`;

const made = async (manifests: string) => {
  const { clusters } = await renderFolders([writeFolder({ 'all.yaml': manifests })]);
  return clusters[0]?.told.map(({ object, place }) => {
    const { spec, metadata } = object as unknown as {
      metadata: { namespace: string; name: string };
      spec: { template: { spec: { containers: { args: string[] }[] } } };
    };
    const [container] = spec.template.spec.containers;
    return { name: `${metadata.namespace}/${metadata.name}`, args: container?.args, line: place(['spec']).line };
  });
};

describe('values in Git', () => {
  it('of a HelmRelease become arguments, at the line where they stand', async () => {
    const values =
      '{ sources: [gateway-httproute], domainFilters: [example.org], policy: sync, txtOwnerId: home, extraArgs: { cloudflare-proxied: false } }';
    const flat = release('').replace('values:\n    ', `values: ${values}`);
    expect(await made(flat)).toEqual([
      {
        name: 'external-dns/external-dns',
        line: 8,
        args: [
          ...['--source=gateway-httproute', '--policy=sync', '--registry=txt', '--txt-owner-id=home'],
          ...['--domain-filter=example.org', '--cloudflare-proxied=false'],
        ],
      },
    ]);
  });

  it('of an Application too, as an object or as a text', async () => {
    const args = '[--dns01-recursive-nameservers-only, --dns01-recursive-nameservers=1.1.1.1:53]';
    for (const helm of [`valuesObject: { extraArgs: ${args} }`, `values: 'extraArgs: ${args}'`]) {
      expect(await made(application('cert-manager', helm))).toEqual([
        {
          name: 'dns/own-cert-manager',
          line: 6,
          args: [
            '--cluster-resource-namespace=$(POD_NAMESPACE)',
            '--dns01-recursive-nameservers-only',
            '--dns01-recursive-nameservers=1.1.1.1:53',
          ],
        },
      ]);
    }
  });

  it.each([
    ['that others are merged with', release('a: b', 'valuesFrom: [{ kind: Secret, name: more }]')],
    ['that are changed afterwards', release('a: b', 'postRenderers: [{ kustomize: {} }]')],
    ['that a file of the chart changes', application('cert-manager', 'valueFiles: [values-prod.yaml]')],
    ['that are no values', application('cert-manager', "values: '[1'")],
    ['of a chart that is not known', application('podinfo', 'valuesObject: {}')],
    ['of another chart of that name', release('a: b').replace('ghcr.io/example', 'registry-1.docker.io/bitnamicharts')],
  ])('are nobody’s to read: %s', async (_what, manifests) => {
    expect(await made(manifests)).toEqual([]);
  });
});

it('a check finds what ExternalDNS is told, in the file of its release', async () => {
  const routed = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: docs
  namespace: docs
  annotations: { external-dns.alpha.kubernetes.io/expose: 'true' }
spec: { parentRefs: [{ name: tailscale-gateway, namespace: tailscale }], hostnames: [docs.sudhanva.me] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: tailscale-gateway, namespace: tailscale }
spec: { gatewayClassName: tailscale, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---`;
  const { report } = await judgeFolders([
    writeFolder({ 'route.yaml': routed, 'release.yaml': release('sources: [service]') }),
  ]);
  const verdict = report.checks.find(({ id }) => id === 'external-dns/watches-routes');
  expect(verdict?.findings.map(({ id }) => id)).toEqual(['external-dns/watches-routes#source-missing']);
  expect(verdict?.findings[0]?.evidence[0]?.source?.file).toMatch(/release\.yaml$/);
});

describe('a release of a chart', () => {
  const told = async (version: string, values: string): Promise<string | undefined> => {
    const all = release('').replace(/values:\n {4}/, `values: ${values}`);
    const [first] = (await made(all.replace('tag: 1.19.0', `tag: ${version}`))) ?? [];
    return first?.args?.slice(3).join(' ');
  };
  const values = '{ annotationPrefix: a/, annotationFilter: b, gatewayNamespace: c, extraArgs: { d: true, e: false } }';
  it.each([
    ['1.17.0', '--d=true --e=false'],
    ['1.18.0', '--gateway-namespace=c --d=true --e=false'],
    ['1.19.0', '--gateway-namespace=c --annotation-filter=b --d=true --e=false'],
    ['1.20.0', '--gateway-namespace=c --annotation-filter=b --annotation-prefix=a/ --d=true --e=false'],
    ['1.21.1', '--gateway-namespace=c --annotation-filter=b --annotation-prefix=a/ --d --no-e'],
    ['latest', '--gateway-namespace=c --annotation-filter=b --annotation-prefix=a/ --d --no-e'],
  ])('%s reads what it knows, and writes it in its own way', async (version, args) => {
    // After its two sources and its policy stands the registry.
    expect(await told(version, values)).toBe(`--registry=txt ${args}`);
  });
});
