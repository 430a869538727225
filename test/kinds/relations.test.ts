/** Relations between kinds: each speaks of fields that its kind has. */
import { describe, expect, it } from 'vitest';
import { isServed } from '../../src/kinds/kind.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { relations, selections, type Relation } from '../../src/kinds/relations.ts';
import { schemaAt, type KindSchema } from '../../src/kinds/schema.ts';
import { withoutNamespace } from '../../src/kinds/scope.ts';
import type { Step } from '../../src/kinds/violation.ts';

/** Where the kinds of the relations are found. */
const apiVersions: Readonly<Record<string, string>> = {
  BackendTLSPolicy: 'gateway.networking.k8s.io/v1',
  BackendTrafficPolicy: 'gateway.envoyproxy.io/v1alpha1',
  Certificate: 'cert-manager.io/v1',
  CertificateRequest: 'cert-manager.io/v1',
  Challenge: 'acme.cert-manager.io/v1',
  CiliumNetworkPolicy: 'cilium.io/v2',
  ClientTrafficPolicy: 'gateway.envoyproxy.io/v1alpha1',
  ClusterIssuer: 'cert-manager.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  ClusterSecretStore: 'external-secrets.io/v1',
  CronJob: 'batch/v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  EnvoyExtensionPolicy: 'gateway.envoyproxy.io/v1alpha1',
  EnvoyPatchPolicy: 'gateway.envoyproxy.io/v1alpha1',
  Event: 'v1',
  ExternalSecret: 'external-secrets.io/v1',
  GRPCRoute: 'gateway.networking.k8s.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
  GatewayClass: 'gateway.networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Ingress: 'networking.k8s.io/v1',
  Issuer: 'cert-manager.io/v1',
  Job: 'batch/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  Order: 'acme.cert-manager.io/v1',
  PersistentVolumeClaim: 'v1',
  Pod: 'v1',
  PodDisruptionBudget: 'policy/v1',
  ReplicaSet: 'apps/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  SecretStore: 'external-secrets.io/v1',
  SecurityPolicy: 'gateway.envoyproxy.io/v1alpha1',
  Service: 'v1',
  StatefulSet: 'apps/v1',
  TCPRoute: 'gateway.networking.k8s.io/v1alpha2',
  TLSRoute: 'gateway.networking.k8s.io/v1',
  UDPRoute: 'gateway.networking.k8s.io/v1alpha2',
};

const structureOf = async (kind: string): Promise<KindSchema> => {
  const found = await packagedKinds.find(apiVersions[kind] ?? '', kind);
  if (found === undefined || !isServed(found)) throw new Error(`No package knows ${kind}.`);
  return found.structure;
};

const stepsOf = (path: string): readonly Step[] =>
  path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));

/** The fields that a relation speaks of. */
const fieldsOf = ({
  path,
  name,
  to,
  group,
  namespace,
  optional,
  port,
  key,
  section,
  when,
}: Relation): readonly Step[][] => {
  const beside = [
    ...[name, typeof to === 'string' ? '' : to.field, group?.field ?? '', namespace ?? ''],
    ...[optional ?? '', key ?? '', when?.field ?? ''],
  ].filter((field) => field !== '');
  const inside = [port, section].flatMap((field) => (field === undefined ? [] : [field.split('.')]));
  return [
    [...stepsOf(path)],
    ...beside.map((field) => [...stepsOf(path), field]),
    ...inside.map((steps) => [...stepsOf(path), ...steps]),
  ];
};

describe.each(relations)('$from $path $name', (relation) => {
  it('speaks of fields that its kind has', async () => {
    const structure = await structureOf(relation.from);
    expect(fieldsOf(relation).filter((steps) => schemaAt(steps, structure) === undefined)).toEqual([]);
  });
});

describe.each(selections)('$from $path', ({ from, path, to, as }) => {
  it('speaks of a selector that its kind has, written as it says', async () => {
    const structure = await structureOf(from);
    const inner = as === 'selector' ? ['matchLabels', 'matchExpressions'] : [];
    const all = [[], ...inner.map((field) => [field]), ...(typeof to === 'string' ? [] : [[to.field]])];
    const strange = all.filter((more) => schemaAt([...stepsOf(path), ...more], structure) === undefined);
    expect(strange).toEqual([]);
    if (as === 'labels') expect(schemaAt(stepsOf(path), structure)?.properties).toBeUndefined();
  });
});

it('no relation stands twice', () => {
  const ids = relations.map(({ from, path, name }) => `${from} ${path} ${name}`);
  expect(ids).toEqual([...new Set(ids)]);
});

it('who has no namespace names only what has none either, or tells the namespace, or leaves it to the controller', () => {
  const untold = relations.filter(
    ({ from, to, namespace, home, url }) =>
      url !== true &&
      withoutNamespace.has(from) &&
      !(typeof to === 'string' && withoutNamespace.has(to)) &&
      namespace === undefined &&
      home === undefined,
  );
  expect(new Set(untold.map(({ from }) => from))).toEqual(new Set(['ClusterIssuer']));
});
