/** An object is held against the schema of the release that the manifests install, or is left open, and the reason told. */
import { describe, expect, it } from 'vitest';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const application = (chart: string, version: string): string => `
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: ${chart}, namespace: argocd }
spec:
  destination: { namespace: tools }
  source: { chart: ${chart}, repoURL: https://charts.example.org, targetRevision: ${version} }
`;

const release = (chart: string, version: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${chart}, namespace: tools }
spec: { chart: { spec: { chart: ${chart}, version: ${version}, sourceRef: { kind: HelmRepository, name: charts } } } }
`;

const repository = (url: string, tag: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: chart, namespace: tools }
spec: { url: ${url}, ref: { tag: ${tag} } }
`;

const deployment = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: tool, namespace: tools }
spec:
  selector: { matchLabels: { app: tool } }
  template:
    metadata: { labels: { app: tool } }
    spec: { containers: [{ name: tool, image: '${image}' }] }
`;

const oldSecret = `
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata: { name: a, namespace: tools }
spec: { secretStoreRef: { kind: ClusterSecretStore, name: vault }, target: { name: a } }
`;

const newField = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: a, namespace: tools }
spec: { mergeTypeOfTomorrow: StrategicMerge }
`;

async function verdictOf(
  id: string,
  ...files: readonly string[]
): Promise<{ outcome: string; message: string } | undefined> {
  const { report } = await judgeFolders([writeFolder({ 'all.yaml': files.join('---\n') })], []);
  return report.checks.find((check) => check.id === id);
}

describe('a version that is served no more', () => {
  it.each([
    ['a chart of Argo CD’s says a later release', application('external-secrets', '1.2.0'), 'failed'],
    ['a chart of Flux’s says a later release', release('external-secrets', '0.18.2'), 'failed'],
    [
      'a chart in a registry says a later release',
      repository('oci://ghcr.io/external-secrets/charts/external-secrets', '0.17.0'),
      'failed',
    ],
    [
      'an image says a later release',
      deployment('ghcr.io/external-secrets/external-secrets:v0.20.1@sha256:aa'),
      'failed',
    ],
    ['an earlier release is installed', application('external-secrets', '0.14.0'), 'unknown'],
    ['nothing says which release is installed', application('another', '1.2.0'), 'warned'],
    ['a chart names a range', application('external-secrets', '"1.*"'), 'warned'],
  ])('where %s', async (_title, installs, outcome) => {
    const verdict = await verdictOf('external-secrets/manifests-are-valid', installs, oldSecret);
    expect(verdict).toMatchObject({ outcome });
    expect(verdict?.message).toContain('external-secrets.io/v1');
  });
});

describe('a field that the schema known here lacks', () => {
  it('is left open where another release is installed, and the reason told', async () => {
    const verdict = await verdictOf('envoyproxy/manifests-are-valid', release('gateway-helm', 'v1.8.0'), newField);
    expect(verdict?.outcome).toBe('unknown');
    expect(verdict?.message).toMatch(
      /unknown field "spec\.mergeTypeOfTomorrow" in Envoy Gateway v1\.7\.\d+, but HelmRelease tools\/gateway-helm installs v1\.8\.0: give its definitions with --crds/,
    );
  });

  it('is a fault where this very release is installed', async () => {
    const verdict = await verdictOf('envoyproxy/manifests-are-valid', release('gateway-helm', 'v1.7.0'), newField);
    expect(verdict?.outcome).toBe('failed');
  });
});
