/** Several clusters in one tree are judged apart, and told as one: each finding says of which cluster it is. */
import { expect, it } from 'vitest';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const kustomization = (...resources: readonly string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [${resources.join(', ')}]\n`;

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n';
const service = (port: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { ports: [{ port: ${port} }] }\n`;
const route = (port: number): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec: { parentRefs: [{ name: gateway, namespace: net }], rules: [{ backendRefs: [{ name: web, port: ${port} }] }] }
`;

/** Two clusters of one base; `ports` are those that their routes ask for. */
const tree = (ports: { main: number; test: number }): string =>
  writeFolder({
    'base/kustomization.yaml': kustomization('namespace.yaml', 'service.yaml'),
    'base/namespace.yaml': namespace,
    'base/service.yaml': service(80),
    'clusters/main/kustomization.yaml': kustomization('../../base', 'route.yaml'),
    'clusters/main/route.yaml': route(ports.main),
    'clusters/test/kustomization.yaml': kustomization('../../base', 'route.yaml'),
    'clusters/test/route.yaml': route(ports.test),
  });

async function judge(ports: { main: number; test: number }): Promise<readonly string[]> {
  const { report } = await judgeFolders([tree(ports)], []);
  return report.checks.flatMap(({ findings }) =>
    findings.map(({ message, evidence: [{ source } = {}] }) => `${source?.file.replace(/^.*clusters/, '')} ${message}`),
  );
}

it('has nothing twice, where both are sound', async () => {
  expect(await judge({ main: 80, test: 80 })).toEqual([]);
});

it('says of which cluster a finding is', async () => {
  expect(await judge({ main: 80, test: 8080 })).toEqual([
    '/test/route.yaml In test: HTTPRoute shop/web asks Service shop/web for port 8080, which it does not have.',
  ]);
});

it('tells each of two clusters its own', async () => {
  expect(await judge({ main: 81, test: 8080 })).toEqual([
    '/main/route.yaml In main: HTTPRoute shop/web asks Service shop/web for port 81, which it does not have.',
    '/test/route.yaml In test: HTTPRoute shop/web asks Service shop/web for port 8080, which it does not have.',
  ]);
});

it('tells what all have in one place once, without a name', async () => {
  const folder = tree({ main: 80, test: 80 });
  const { report } = await judgeFolders([folder], []);
  expect(report.checks.filter(({ id }) => id === 'app-service/manifests-are-valid')).toHaveLength(1);
  const broken = writeFolder({
    ...{ 'base/kustomization.yaml': kustomization('namespace.yaml', 'service.yaml'), 'base/namespace.yaml': namespace },
    'base/service.yaml': service(99_999),
    'main/kustomization.yaml': kustomization('../base'),
    'test/kustomization.yaml': kustomization('../base'),
  });
  const found = (await judgeFolders([broken], [])).report.checks.flatMap(({ findings }) => findings);
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toMatch(/^spec\.ports\[0\]\.port: Invalid value: 99999/);
  expect(found[0]?.evidence).toHaveLength(1);
});
