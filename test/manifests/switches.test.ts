/** Kinds that Envoy Gateway looks at only where its configuration says so, in the values of its chart or in a ConfigMap of one's own. */
import { describe, expect, it } from 'vitest';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const policy = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyPatchPolicy
metadata: { name: headers, namespace: gateway }
spec: { type: JSONPatch, targetRef: { group: gateway.networking.k8s.io, kind: GatewayClass, name: own }, jsonPatches: [] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: outside, namespace: gateway }
spec: { endpoints: [{ fqdn: { hostname: example.org, port: 443 } }] }
`;

const release = (values: string, more = ''): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: envoy-gateway, namespace: gateway }
spec:
  chart: { spec: { chart: gateway-helm, version: 1.7.0, sourceRef: { kind: HelmRepository, name: envoy } } }
  ${more}
  values: ${values}
`;

async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = writeFolder({ 'policies.yaml': policy, ...files });
  const { report } = await judgeFolders([folder], []);
  return report.checks
    .flatMap(({ findings }) => findings)
    .filter(({ id }) => id.endsWith('#switched-off'))
    .map(({ message, evidence }) => `${message.split(' does')[0] ?? ''} ${evidence[0]?.source?.line ?? 0}`);
}

const both = ['EnvoyPatchPolicy gateway/headers 3', 'Backend gateway/outside 8'];

describe('an extension API', () => {
  it.each<[string, string, readonly string[]]>([
    ['that no value names is off', '{}', both],
    [
      'that is switched on is on, and the other is off',
      '{ config: { envoyGateway: { extensionApis: { enableBackend: true } } } }',
      both.slice(0, 1),
    ],
    [
      'that a variable decides is nobody’s to judge',
      '{ config: { envoyGateway: { extensionApis: { enableBackend: "${ON}", enableEnvoyPatchPolicy: true } } } }',
      [],
    ],
  ])('%s', async (_what, values, expected) => {
    expect((await found({ 'release.yaml': release(values) })).toSorted()).toEqual(expected.toSorted());
  });

  it('is nobody’s to judge where the values are not all in Git, or nothing installs Envoy Gateway', async () => {
    expect(await found({ 'release.yaml': release('{}', 'valuesFrom: [{ kind: Secret, name: more }]') })).toEqual([]);
    expect(await found({})).toEqual([]);
  });

  it('is what a ConfigMap of one’s own says', async () => {
    const config = (apis: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: envoy-gateway-config, namespace: gateway }\ndata:\n  envoy-gateway.yaml: |\n    kind: EnvoyGateway\n    extensionApis: ${apis}\n`;
    expect(await found({ 'config.yaml': config('{ enableEnvoyPatchPolicy: true, enableBackend: true }') })).toEqual([]);
    expect(await found({ 'config.yaml': config('{}') })).toHaveLength(2);
  });
});
