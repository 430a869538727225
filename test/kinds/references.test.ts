/** References: followed from an object to what it names, to what is written because of it, and back. */
import { describe, expect, it } from 'vitest';
import {
  follow,
  leadsTo,
  referencesOf,
  referrers,
  relationAt,
  writtenFor,
  type Nameable,
} from '../../src/kinds/references.ts';

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

  it('of a kind without namespaces are looked for where it says, or where its controller looks', () => {
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'p' };
    const ofClass = (more: object) =>
      of('GatewayClass', { parametersRef: { ...parametersRef, ...more } }, { metadata: { name: 'c' } });
    expect(ofClass({})).toEqual(['spec.parametersRef.name EnvoyProxy default/p']);
    expect(ofClass({ namespace: 'x' })).toEqual(['spec.parametersRef.name EnvoyProxy x/p']);

    const spec = { acme: { solvers: [{ dns01: { cloudflare: { apiTokenSecretRef: { name: 't', key: 'k' } } } }] } };
    const issuer = { kind: 'ClusterIssuer', metadata: { name: 'i' }, spec };
    const relation = relationAt('ClusterIssuer', 'spec.acme.solvers[].dns01.cloudflare.apiTokenSecretRef');
    expect(referencesOf(issuer)).toEqual([]);
    expect(follow(issuer, relation, 'cert-manager')).toMatchObject([
      { kind: 'Secret', namespace: 'cert-manager', name: 't', key: 'k' },
    ]);
  });

  it('are told from labels, too', () => {
    const labels = { 'kubernetes.io/service-name': 'web' };
    const slice = {
      ...{ kind: 'EndpointSlice', metadata: { name: 'web-1', namespace: 'n', labels } },
      endpoints: [{ nodeName: 'node-1', targetRef: { kind: 'Pod', name: 'web-a', namespace: 'n' } }],
    };
    expect(referencesOf(slice).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
      'Service n/web',
      'Pod n/web-a',
      'Node /node-1',
    ]);
    const proxy = (type: string) => ({
      kind: 'StatefulSet',
      metadata: {
        ...{ name: 'ts-web', namespace: 'tailscale' },
        labels: {
          'tailscale.com/parent-resource': 'web',
          'tailscale.com/parent-resource-ns': 'n',
          'tailscale.com/parent-resource-type': type,
        },
      },
    });
    expect(referencesOf(proxy('svc'))).toMatchObject([{ kind: 'Service', namespace: 'n', name: 'web' }]);
    expect(referencesOf(proxy('ingress'))).toEqual([]);
  });

  it('are told from the address of a Service, and from no other host', () => {
    const store = (server: string) => of('SecretStore', { provider: { vault: { server } } });
    expect(store('http://vault-ui.vault.svc.cluster.local:8200')).toEqual([
      'spec.provider.vault.server Service vault/vault-ui:8200',
    ]);
    expect(store('https://vault.example.com')).toEqual([]);
  });

  it('are those of policies to what they are for', () => {
    const target = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw' };
    expect(of('ClientTrafficPolicy', { targetRefs: [target] })).toEqual(['spec.targetRefs.0.name Gateway n/gw']);
    expect(of('SecurityPolicy', { targetRef: target })).toEqual(['spec.targetRef.name Gateway n/gw']);
  });

  it('are none where a field is of another type than its kind promises', () => {
    expect(of('HTTPRoute', { parentRefs: 'gw', rules: [{ backendRefs: [{ name: 7 }, null, 'x'] }] })).toEqual([]);
  });
});

describe('what is written because of an object', () => {
  const written = (kind: string, spec: object) =>
    writtenFor({ kind, metadata: { name: 'a', namespace: 'n' }, spec } as never).map(
      ({ kind: to, namespace, name }) => `${to} ${namespace}/${name}`,
    );

  it('is the Secret that it names', () => {
    expect(written('Certificate', { secretName: 'tls', issuerRef: { name: 'i' } })).toEqual(['Secret n/tls']);
    expect(written('ExternalSecret', { target: { name: 'token' } })).toEqual(['Secret n/token']);
  });

  it('has the object’s own name where that is meant', () => {
    expect(written('ExternalSecret', {})).toEqual(['Secret n/a']);
    expect(written('ExternalSecret', { target: {} })).toEqual(['Secret n/a']);
    expect(written('Certificate', {})).toEqual([]);
  });

  it('need not be there before', () => {
    expect(referencesOf({ kind: 'ExternalSecret', metadata: { name: 'a', namespace: 'n' } })).toEqual([]);
  });
});

describe('the way back', () => {
  const named = (kind: string, name: string, namespace?: string, apiVersion = 'v1'): Nameable => ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  });
  const route = (name: string, parentRefs: readonly object[]) => ({
    ...{ kind: 'HTTPRoute', metadata: { name, namespace: 'n' }, spec: { parentRefs } },
  });
  const gateway = named('Gateway', 'gw', 'infra', 'gateway.networking.k8s.io/v1');

  it('leads to all who name an object, and to where each does', () => {
    const routes = [
      route('one', [{ name: 'gw', namespace: 'infra' }]),
      route('two', [{ name: 'gw' }]),
      route('three', [{ name: 'other' }, { name: 'gw', namespace: 'infra', sectionName: 'https' }]),
    ];
    const found = referrers(routes)(gateway);
    expect(found.map(({ by, reference }) => `${by.metadata.name} ${reference.path.join('.')}`)).toEqual([
      'one spec.parentRefs.0.name',
      'three spec.parentRefs.1.name',
    ]);
    expect(referrers(routes)(named('Gateway', 'nobody', 'n'))).toEqual([]);
  });

  it('does not mix up kinds of one name in two groups', () => {
    const routes = [route('one', [{ group: 'networking.istio.io', kind: 'Gateway', name: 'gw', namespace: 'infra' }])];
    expect(referrers(routes)(gateway)).toEqual([]);
    expect(referrers(routes)({ ...gateway, apiVersion: 'networking.istio.io/v1' })).toHaveLength(1);
  });

  it('follows one relation alone where that is asked for', () => {
    const slice = {
      ...{
        kind: 'EndpointSlice',
        metadata: { name: 's', namespace: 'n', labels: { 'kubernetes.io/service-name': 'a' } },
      },
      endpoints: [{ targetRef: { kind: 'Service', name: 'b' } }],
    };
    const byLabel = relationAt('EndpointSlice', 'metadata.labels');
    const back = referrers([slice], (one) => follow(one, byLabel));
    expect(back(named('Service', 'a', 'n'))).toHaveLength(1);
    expect(back(named('Service', 'b', 'n'))).toEqual([]);
  });

  it('of a relation that nobody wrote down is a mistake', () => {
    expect(() => relationAt('Gateway', 'spec.nothing')).toThrow('No relation of Gateway stands at spec.nothing.');
  });
});

describe('leadsTo', () => {
  it('agrees with what was followed', () => {
    const [reference] = referencesOf({
      ...{ kind: 'Certificate', metadata: { name: 'c', namespace: 'n' } },
      spec: { issuerRef: { group: '', kind: 'ClusterIssuer', name: 'i' } },
    } as never);
    if (reference === undefined) throw new Error('The Certificate names no issuer.');
    const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'i' } };
    expect(leadsTo(reference, issuer)).toBe(true);
    expect(leadsTo(reference, { ...issuer, kind: 'Issuer' })).toBe(false);
    expect(leadsTo(reference, { ...issuer, metadata: { name: 'j' } })).toBe(false);
  });
});
