/** Relations between kinds: each names fields that its kind has, and is followed to what it names. */
import { describe, expect, it } from 'vitest';
import { isServed } from '../../src/kinds/kind.ts';
import { packagedKinds } from '../../src/kinds/node/packaged.ts';
import { referencesOf, relations, type Relation } from '../../src/kinds/relations.ts';
import { schemaAt } from '../../src/kinds/schema.ts';

/** Where the kinds of the relations are found. */
const apiVersions: Readonly<Record<string, string>> = {
  Certificate: 'cert-manager.io/v1',
  CertificateRequest: 'cert-manager.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  CronJob: 'batch/v1',
  DaemonSet: 'apps/v1',
  Deployment: 'apps/v1',
  ExternalSecret: 'external-secrets.io/v1',
  GRPCRoute: 'gateway.networking.k8s.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
  GatewayClass: 'gateway.networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  Job: 'batch/v1',
  PersistentVolumeClaim: 'v1',
  Pod: 'v1',
  ReplicaSet: 'apps/v1',
  RoleBinding: 'rbac.authorization.k8s.io/v1',
  StatefulSet: 'apps/v1',
  TCPRoute: 'gateway.networking.k8s.io/v1alpha2',
  TLSRoute: 'gateway.networking.k8s.io/v1',
  UDPRoute: 'gateway.networking.k8s.io/v1alpha2',
};

const stepsOf = (path: string): readonly (string | number)[] =>
  path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), 0] : [step]));

/** The fields that a relation speaks of. */
const fieldsOf = ({ path, name, to, group, namespace, optional, port }: Relation): readonly string[] => {
  const beside = [
    ...[name, typeof to === 'string' ? '' : to.field, group?.field ?? ''],
    ...[namespace === 'none' ? '' : (namespace ?? ''), optional ?? '', port ?? ''],
  ].filter((field) => field !== '');
  return [path, ...beside.map((field) => `${path}.${field}`)];
};

describe.each(relations)('$from $path', (relation) => {
  it('speaks of fields that its kind has', async () => {
    const found = await packagedKinds.find(apiVersions[relation.from] ?? '', relation.from);
    if (found === undefined || !isServed(found)) throw new Error(`No package knows ${relation.from}.`);
    const strange = fieldsOf(relation).filter((path) => schemaAt(stepsOf(path), found.structure) === undefined);
    expect(strange).toEqual([]);
  });
});

describe('the references of an object', () => {
  const of = (kind: string, spec: object, more: object = {}) =>
    referencesOf({ kind, metadata: { name: 'a', namespace: 'n' }, spec, ...more } as never).map(
      ({ kind: to, namespace, name, path, port }) =>
        `${path.join('.')} ${to} ${namespace}/${name}${port === undefined ? '' : `:${port}`}`,
    );

  it('are those of its route, in other namespaces too', () => {
    expect(
      of('HTTPRoute', {
        parentRefs: [
          { name: 'gw', namespace: 'infra' },
          { kind: 'Service', group: '', name: 'mesh' },
        ],
        rules: [
          {
            backendRefs: [
              { name: 'web', port: 80 },
              { name: 'api', namespace: 'other', port: 8080 },
            ],
          },
          {},
        ],
      }),
    ).toEqual([
      'spec.parentRefs.0.name Gateway infra/gw',
      'spec.parentRefs.1.name Service n/mesh',
      'spec.rules.0.backendRefs.0.name Service n/web:80',
      'spec.rules.0.backendRefs.1.name Service other/api:8080',
    ]);
  });

  it('are those of its pods, but for what need not be there', () => {
    expect(
      of('CronJob', {
        jobTemplate: {
          spec: {
            template: {
              spec: {
                serviceAccountName: 'sa',
                volumes: [{ secret: { secretName: 's', optional: true } }, { configMap: { name: 'c' } }],
                containers: [{ envFrom: [{ secretRef: { name: 'e' } }] }],
              },
            },
          },
        },
      }),
    ).toEqual([
      'spec.jobTemplate.spec.template.spec.serviceAccountName ServiceAccount n/sa',
      'spec.jobTemplate.spec.template.spec.volumes.1.configMap.name ConfigMap n/c',
      'spec.jobTemplate.spec.template.spec.containers.0.envFrom.0.secretRef.name Secret n/e',
    ]);
  });

  it('of a kind without namespaces have none', () => {
    expect(of('Certificate', { issuerRef: { kind: 'ClusterIssuer', name: 'i' } })).toEqual([
      'spec.issuerRef.name ClusterIssuer /i',
    ]);
    expect(of('Certificate', { issuerRef: { name: 'i' } })).toEqual(['spec.issuerRef.name Issuer n/i']);
  });

  it('are none where a field is of another type than its kind promises', () => {
    expect(of('HTTPRoute', { parentRefs: 'gw', rules: [{ backendRefs: [{ name: 7 }, null, 'x'] }] })).toEqual([]);
  });
});
