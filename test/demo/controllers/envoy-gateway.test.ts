/** What Envoy Gateway says of classes, Gateways and routes, and what it makes for them: causes in, statuses out, and the way back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../../src/demo/controllers/cluster.ts';
import { managedName } from '../../../src/demo/controllers/envoy-gateway/managed.ts';
import { at, list, number, text } from '../../../packages/apiserver/objects/fields.ts';
import type { Change } from '../../../packages/apiserver/state/changes.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { conditions, create, live, merge, remove, terminate, type Living } from './support.ts';

const api = 'gateway.networking.k8s.io/v1';
const gateway = 'tailscale/tailscale-gateway';
const managed = 'envoy-gateway/envoy-tailscale-tailscale-gateway-b8ba5d4d';
const envoyProxy = 'tailscale/tailscale-proxy';
const controller = 'envoy-gateway/envoy-gateway';

let demo: Living = live();

beforeEach(() => {
  demo = live();
});

const listener = {
  name: 'https',
  protocol: 'HTTPS',
  port: 443,
  hostname: '*.sudhanva.me',
  tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'wildcard-sudhanva-me-tls' }] },
  allowedRoutes: { namespaces: { from: 'All' } },
};
const listeners = (...all: readonly object[]): Change => merge(api, 'Gateway', gateway, { spec: { listeners: all } });
const ofListener = (index = 0): readonly string[] =>
  conditions(list(demo.get(kinds.Gateway, gateway), 'status', 'listeners')[index]);
const parents = (route = 'docs/docs'): readonly unknown[] =>
  list(demo.get(kinds.HTTPRoute, route), 'status', 'parents');
/** What was said of a parent that the route names today. */
const ofRoute = (route = 'docs/docs', index = 0): readonly string[] => {
  const wanted = list(demo.get(kinds.HTTPRoute, route), 'spec', 'parentRefs')[index];
  const isIt = (entry: unknown): boolean =>
    ['namespace', 'name', 'sectionName', 'port'].every(
      (field) => text(entry, 'parentRef', field) === text(wanted, field),
    );
  return conditions(parents(route).find(isIt));
};
const ofGateway = (path = gateway): readonly string[] => conditions(demo.get(kinds.Gateway, path), 'status');
const service = (object: object): Change =>
  merge('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', envoyProxy, {
    spec: { provider: { kubernetes: { envoyService: object } } },
  });
const route = (spec: object): Change => merge(api, 'HTTPRoute', 'docs/docs', { spec });
const backend = (reference: object): Change => route({ rules: [{ backendRefs: [reference] }] });

it('leaves a healthy cluster alone, and a restart of it too', () => {
  const before = demo.get(kinds.Gateway, gateway).metadata.resourceVersion;
  demo.after();
  expect(demo.get(kinds.Gateway, gateway).metadata.resourceVersion).toBe(before);
});

it('makes for the Gateway exactly what the fixtures say that it made', () => {
  for (const kind of [kinds.ServiceAccount, kinds.ConfigMap, kinds.Deployment]) {
    const { status: _status, metadata, ...wanted } = demo.get(kind, managed);
    const { annotations: _annotations, labels } = metadata;
    demo.after(remove(wanted.apiVersion, wanted.kind, managed));
    const { status: _fresh, metadata: made, ...found } = demo.get(kind, managed);
    expect(found).toEqual(wanted);
    expect(made['labels']).toEqual(labels);
  }
});

describe('a GatewayClass', () => {
  const ofClass = (name = 'tailscale'): readonly string[] => conditions(demo.get(kinds.GatewayClass, name), 'status');

  // Envoy Gateway 1.9: internal/provider/kubernetes/controller.go, Reconcile and processGatewayClassParamsRef.
  it.each([
    [
      'that is not there',
      { name: 'other' },
      'failed to find envoyproxy tailscale/other for GatewayClass tailscale: EnvoyProxy.gateway.envoyproxy.io "other" not found',
    ],
    [
      'of another namespace when none is named',
      { namespace: null },
      'failed to find envoyproxy default/tailscale-proxy for GatewayClass tailscale: EnvoyProxy.gateway.envoyproxy.io "tailscale-proxy" not found',
    ],
    [
      'of another kind',
      { kind: 'ConfigMap', group: '' },
      'unsupported parametersRef(invalid group or kind) for gatewayclass tailscale',
    ],
  ])('with parameters %s is not accepted, and its Gateway goes on', (_name, parametersRef, message) => {
    const before = demo.get(kinds.Service, managed);
    demo.after(merge(api, 'GatewayClass', 'tailscale', { spec: { parametersRef } }));
    expect(ofClass()).toEqual([`Accepted=False InvalidParameters: Invalid parametersRef: ${message}`]);
    expect(demo.get(kinds.Service, managed)).toEqual(before);
    expect(ofGateway()[1]).toMatch(/^Programmed=True/);
    // What is made from now on is made without the EnvoyProxy.
    demo.after(terminate('v1', 'Service', managed));
    expect(text(demo.get(kinds.Service, managed), 'spec', 'loadBalancerClass')).toBe('');
    expect(ofGateway()[1]).toMatch(/^Programmed=False AddressNotAssigned/);
    demo.after(
      merge(api, 'GatewayClass', 'tailscale', {
        spec: {
          parametersRef: {
            group: 'gateway.envoyproxy.io',
            kind: 'EnvoyProxy',
            namespace: 'tailscale',
            name: 'tailscale-proxy',
          },
        },
      }),
      remove('v1', 'Service', managed),
    );
    expect(ofClass()).toEqual(['Accepted=True Accepted: Valid GatewayClass']);
    expect(ofGateway()[1]).toMatch(/^Programmed=True/);
  });

  it('is accepted beside another of the same controller', () => {
    demo.after(
      create(api, 'GatewayClass', 'second', {
        spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
      }),
    );
    expect(ofClass('second')).toEqual(['Accepted=True Accepted: Valid GatewayClass']);
    expect(ofClass()).toEqual(['Accepted=True Accepted: Valid GatewayClass']);
  });

  it('of somebody else is left alone', () => {
    demo.after(create(api, 'GatewayClass', 'other', { spec: { controllerName: 'example.com/other' } }));
    expect(ofClass('other')).toEqual([]);
  });

  it('stays until its last Gateway is gone', () => {
    demo.after(terminate(api, 'GatewayClass', 'tailscale'));
    expect(demo.find(kinds.GatewayClass, 'tailscale')).toBeDefined();
    demo.after(remove(api, 'Gateway', gateway));
    expect(demo.find(kinds.GatewayClass, 'tailscale')).toBeUndefined();
  });
});

describe('a Gateway', () => {
  it('without an address is not programmed, before anybody looks at its Envoys', () => {
    demo.after(
      merge('apps/v1', 'Deployment', 'tailscale/operator', { spec: { replicas: 0 } }),
      merge('v1', 'Service', managed, { status: { loadBalancer: { ingress: null } } }),
      merge('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', envoyProxy, {
        spec: {
          provider: {
            kubernetes: { envoyDeployment: { strategy: { type: 'Recreate' }, container: { image: 'missing:1' } } },
          },
        },
      }),
    );
    expect(ofGateway()).toEqual([
      'Accepted=True Accepted: The Gateway has been scheduled by Envoy Gateway',
      'Programmed=False AddressNotAssigned: No addresses have been assigned to the Gateway',
    ]);
    expect(at(demo.get(kinds.Gateway, gateway), 'status', 'addresses')).toBeUndefined();
  });

  it('without an Envoy is not programmed', () => {
    demo.world.change({ missingImages: ['missing:1'] });
    demo.after(
      merge('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', envoyProxy, {
        spec: {
          provider: {
            kubernetes: { envoyDeployment: { strategy: { type: 'Recreate' }, container: { image: 'missing:1' } } },
          },
        },
      }),
    );
    expect(ofGateway()[1]).toBe('Programmed=False NoResources: Envoy replicas unavailable');
  });

  it('says how many Envoys it has', () => {
    demo.after(
      merge('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', envoyProxy, {
        spec: { provider: { kubernetes: { envoyDeployment: { replicas: 2 } } } },
      }),
    );
    expect(ofGateway()[1]).toBe(
      'Programmed=True Programmed: Address assigned to the Gateway, 2/2 envoy replicas available',
    );
  });

  it('is not looked at while nobody runs, and as soon as somebody does', () => {
    demo.after(
      merge('apps/v1', 'Deployment', controller, { spec: { replicas: 0 } }),
      listeners({ ...listener, tls: undefined }),
    );
    expect(text(list(demo.get(kinds.Gateway, gateway), 'status', 'conditions')[0], 'observedGeneration')).toBe('1');
    demo.after(merge('apps/v1', 'Deployment', controller, { spec: { replicas: 1 } }));
    expect(text(list(demo.get(kinds.Gateway, gateway), 'status', 'conditions')[0], 'observedGeneration')).toBe('2');
    expect(ofGateway()[0]).toBe('Accepted=False ListenersNotValid: No listeners are valid: https');
  });

  it('whose address the process missed has none until the process is another', () => {
    demo.world.change({ missedAddress: true });
    demo.after();
    expect(ofGateway()[1]).toMatch(/^Programmed=False AddressNotAssigned/);
    demo.after(
      merge('apps/v1', 'Deployment', controller, {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
      }),
    );
    expect(ofGateway()[1]).toMatch(/^Programmed=True/);
    expect(demo.world.facts.missedAddress).toBe(false);
  });

  it('that somebody makes beside the first is programmed, with a device and an Envoy of its own', () => {
    demo.after(
      create(api, 'Gateway', 'docs/second', {
        spec: {
          gatewayClassName: 'tailscale',
          infrastructure: { parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'second' } },
          listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }],
        },
      }),
      create('gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', 'docs/second', {
        spec: {
          provider: {
            kubernetes: {
              envoyService: {
                loadBalancerClass: 'tailscale',
                annotations: { 'tailscale.com/hostname': 'second', 'tailscale.com/tags': 'tag:k8s' },
              },
            },
          },
        },
      }),
      merge(api, 'HTTPRoute', 'docs/docs', {
        spec: { parentRefs: [{ name: 'second' }, { name: 'tailscale-gateway', namespace: 'tailscale' }] },
      }),
    );
    expect(ofGateway('docs/second')).toEqual([
      'Accepted=True Accepted: The Gateway has been scheduled by Envoy Gateway',
      'Programmed=True Programmed: Address assigned to the Gateway, 1/1 envoy replicas available',
    ]);
    const addresses = list(demo.get(kinds.Gateway, 'docs/second'), 'status', 'addresses').map((one) =>
      text(one, 'value'),
    );
    expect(addresses).toEqual([expect.stringMatching(/^100\./), 'second.tail1234.ts.net']);
    expect(addresses[0]).not.toBe('100.101.102.103');
    expect(demo.get(kinds.Service, `envoy-gateway/${managedName('docs', 'second')}`)['spec']).toMatchObject({
      ports: [{ name: 'http-80', port: 80, targetPort: 10080, protocol: 'TCP' }],
    });
    expect([0, 1].map((index) => ofRoute('docs/docs', index)[0])).toEqual([
      'Accepted=True Accepted: Route is accepted',
      'Accepted=True Accepted: Route is accepted',
    ]);
    demo.after(remove(api, 'Gateway', 'docs/second'));
    expect(demo.find(kinds.Service, `envoy-gateway/${managedName('docs', 'second')}`)).toBeUndefined();
  });
});

describe('a listener', () => {
  const secret = { tls: { certificateRefs: [{ name: 'other' }] } };
  const abroad = { tls: { certificateRefs: [{ name: 'other', namespace: 'docs' }] } };
  const invalid = 'Programmed=False Invalid: Listener is invalid, see other Conditions for details.';

  it.each([
    [
      'whose Secret is missing',
      [{ ...listener, ...secret }],
      [
        'ResolvedRefs=False InvalidCertificateRef: No valid secrets exist: certificate refs 0: Secret tailscale/other does not exist.',
        'Accepted=True Accepted: Listener has been successfully translated',
        invalid,
      ],
    ],
    [
      'whose Secret is not granted',
      [{ ...listener, ...abroad }],
      [
        'ResolvedRefs=False RefNotPermitted: No valid secrets exist: certificate refs 0: Certificate ref to secret docs/other not permitted by any ReferenceGrant.',
        invalid,
      ],
    ],
    [
      'of a protocol that nobody speaks',
      [{ ...listener, protocol: 'QUIC' }],
      [
        'Accepted=False UnsupportedProtocol: Protocol QUIC is unsupported, must be HTTP, HTTPS, TCP or UDP.',
        invalid,
        'ResolvedRefs=True ResolvedRefs: Listener references have been resolved',
      ],
    ],
    [
      'that another has the hostname and port of',
      [listener, { ...listener, name: 'twin' }],
      [
        'Conflicted=True HostnameConflict: All listeners for a given port must use a unique hostname, conflicting listeners: tailscale/tailscale-gateway/https, tailscale/tailscale-gateway/twin',
        invalid,
        'ResolvedRefs=True ResolvedRefs: Listener references have been resolved',
      ],
    ],
    [
      'without TLS',
      [{ ...listener, tls: undefined }],
      [
        'Programmed=False Invalid: Listener must have TLS set when protocol is HTTPS.',
        'ResolvedRefs=True ResolvedRefs: Listener references have been resolved',
      ],
    ],
  ])('%s is invalid, and what runs goes on', (name, all, expected) => {
    demo.after(listeners(...all));
    expect([...ofListener()].sort()).toEqual([...expected].sort());
    // A listener without its certificate is accepted, and does not work.
    const names = all.map((one) => one.name).join(', ');
    expect(ofGateway()).toEqual([
      name.includes('is missing')
        ? 'Accepted=True Accepted: The Gateway has been scheduled by Envoy Gateway'
        : `Accepted=False ListenersNotValid: No listeners are valid: ${names}`,
      'Programmed=True Programmed: Address assigned to the Gateway, 1/1 envoy replicas available',
    ]);
    // That the listener does not work is none of the route's business [1.9, envoyproxy/gateway#9129].
    expect(ofRoute()[0]).toBe(
      name.includes('protocol')
        ? 'Accepted=False NotAllowedByListeners: No listeners included by this parent ref allowed this attachment.'
        : 'Accepted=True Accepted: Route is accepted',
    );
    demo.after(listeners(listener));
    expect(new Set(ofListener())).toEqual(
      new Set([
        'Programmed=True Programmed: Sending translated listener configuration to the data plane',
        'Accepted=True Accepted: Listener has been successfully translated',
        'ResolvedRefs=True ResolvedRefs: Listener references have been resolved',
      ]),
    );
    expect(ofRoute()[0]).toBe('Accepted=True Accepted: Route is accepted');
  });

  it('takes routes of the namespaces that it selects', () => {
    const namespaces = { from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': 'docs' } } };
    demo.after(listeners({ ...listener, allowedRoutes: { namespaces } }));
    expect(number(list(demo.get(kinds.Gateway, gateway), 'status', 'listeners')[0], 'attachedRoutes')).toBe(1);
    expect(ofRoute('docs/docs')[0]).toMatch(/^Accepted=True/);
    expect(ofRoute('vault/vault')[0]).toMatch(/^Accepted=False NotAllowedByListeners/);
  });

  it('on another port reaches the pod and the Service', () => {
    demo.after(listeners(listener, { ...listener, name: 'alt', port: 8443 }));
    expect(demo.get(kinds.Service, managed)['spec']).toMatchObject({
      ports: [
        { name: 'https-443', port: 443, targetPort: 10443 },
        { name: 'https-8443', port: 8443, targetPort: 8443 },
      ],
    });
  });
});

describe('an HTTPRoute', () => {
  const parent = { namespace: 'tailscale', name: 'tailscale-gateway' };
  const resolved = 'ResolvedRefs=True ResolvedRefs: Resolved all the Object references for the Route';
  const accepted = 'Accepted=True Accepted: Route is accepted';
  const rule = 'Failed to process route rule 0 backendRef 0:';

  it.each<[string, Change, readonly string[]]>([
    [
      'of a hostname that no listener takes',
      route({ hostnames: ['sudhanva.me'] }),
      [
        "Accepted=False NoMatchingListenerHostname: There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s).",
        resolved,
      ],
    ],
    [
      'of a section that is not there',
      route({ parentRefs: [{ ...parent, sectionName: 'http' }] }),
      ['Accepted=False NoMatchingParent: No listeners match this parent ref', resolved],
    ],
    [
      'that is not let in',
      listeners({ ...listener, allowedRoutes: { namespaces: { from: 'Same' } } }),
      [
        'Accepted=False NotAllowedByListeners: No listeners included by this parent ref allowed this attachment.',
        resolved,
      ],
    ],
    [
      'to a Service that is not there',
      backend({ name: 'other', port: 80 }),
      [accepted, `ResolvedRefs=False BackendNotFound: ${rule} service docs/other not found.`],
    ],
    [
      'to a port that is not there',
      backend({ name: 'docs', port: 8080 }),
      [accepted, `ResolvedRefs=False PortNotFound: ${rule} TCP Port 8080 not found on Service docs/docs.`],
    ],
    [
      'to another namespace without a grant',
      backend({ name: 'vault', namespace: 'vault', port: 8200 }),
      [
        accepted,
        `ResolvedRefs=False RefNotPermitted: ${rule} Backend ref to Service vault/vault not permitted by any ReferenceGrant.`,
      ],
    ],
    [
      'to something that is no Service',
      backend({ name: 'docs', kind: 'ConfigMap', port: 80 }),
      [
        accepted,
        `ResolvedRefs=False InvalidKind: ${rule} Kind is invalid, only Service, MCS ServiceImport and Envoy Gateway Backend are supported.`,
      ],
    ],
  ])('%s', (_name, change, expected) => {
    demo.after(change);
    expect(ofRoute()).toEqual(expected);
    demo.after(
      listeners(listener),
      route({
        hostnames: ['docs.sudhanva.me'],
        parentRefs: [parent],
        rules: [{ backendRefs: [{ name: 'docs', port: 80 }] }],
      }),
    );
    expect(ofRoute()).toEqual([accepted, resolved]);
  });

  it('has no entry for a Gateway that is not there, and keeps what was said of others', () => {
    const stale = parents()[0];
    const foreign = { controllerName: 'example.com/other', parentRef: { name: 'x' }, conditions: [] };
    demo.after(
      merge(api, 'HTTPRoute', 'docs/docs', {
        spec: { parentRefs: [{ name: 'nowhere' }] },
        status: { parents: [...parents(), foreign] },
      }),
    );
    // The old entry speaks of generation 1 for ever [Envoy Gateway 1.9, envoyproxy/gateway#774 and #9023].
    expect(parents()).toEqual([stale, foreign]);
    expect(number(list(demo.get(kinds.Gateway, gateway), 'status', 'listeners')[0], 'attachedRoutes')).toBe(3);
  });

  // Envoy Gateway 1.9, internal/gatewayapi/route.go: processHTTPRouteParentRefListener.
  it('whose hostname no listener takes is not counted', () => {
    demo.after(route({ hostnames: ['sudhanva.me'] }));
    expect(number(list(demo.get(kinds.Gateway, gateway), 'status', 'listeners')[0], 'attachedRoutes')).toBe(3);
  });

  // Envoy Gateway 1.9, internal/gatewayapi/route.go: processServiceDestinationSetting, getIREndpointsFromEndpointSlice.
  it('to a Service without endpoints says so, and one whose pod is not ready does not', () => {
    const selecting = (name: string): Change =>
      merge('v1', 'Service', 'jellyfin/jellyfin', { spec: { selector: { 'app.kubernetes.io/name': name } } });
    demo.after(selecting('jellyfn'));
    const empty =
      'BackendsAvailable=False EndpointsNotFound: Failed to find endpoints: no ready endpoints for the related Service jellyfin/jellyfin.';
    expect([...ofRoute('jellyfin/jellyfin')].sort()).toEqual([accepted, empty, resolved]);
    demo.after(selecting('jellyfin'));
    expect(ofRoute('jellyfin/jellyfin')).toEqual([accepted, resolved]);
    demo.world.change({ programs: [{ workload: 'jellyfin/jellyfin', container: 'jellyfin', notReady: 'no' }] });
    demo.after();
    expect(ofRoute('jellyfin/jellyfin')).toEqual([accepted, resolved]);
  });

  it('is counted and answered for, ten thousand times', () => {
    const many = Array.from({ length: 10_000 }, (_, index): KubernetesObject => ({
      apiVersion: api,
      kind: 'HTTPRoute',
      metadata: { namespace: 'docs', name: `route-${index}` },
      spec: {
        parentRefs: [parent],
        hostnames: [`app-${index}.sudhanva.me`],
        rules: [{ backendRefs: [{ name: 'docs', port: 80 }] }],
      },
    }));
    demo = live(many);
    expect(number(list(demo.get(kinds.Gateway, gateway), 'status', 'listeners')[0], 'attachedRoutes')).toBe(10_004);
    const answered = demo.state.list(kinds.HTTPRoute).filter((one) => list(one, 'status', 'parents').length === 1);
    expect(answered).toHaveLength(10_004);
  });
});

describe('what it makes', () => {
  it('follows the EnvoyProxy, and gives up what the EnvoyProxy no longer asks for', () => {
    demo.after(service({ annotations: { 'tailscale.com/tags': null, other: 'one' }, externalTrafficPolicy: 'Local' }));
    const made = demo.get(kinds.Service, managed);
    expect(made.metadata['annotations']).toEqual({ 'tailscale.com/hostname': 'gateway-envoy', other: 'one' });
    expect(text(made, 'spec', 'externalTrafficPolicy')).toBe('Local');
  });

  it('leaves alone what somebody else wrote', () => {
    demo.after(
      merge('v1', 'Service', managed, { metadata: { annotations: { mine: 'kept' } } }),
      service({ annotations: { other: 'one' } }),
    );
    expect(demo.get(kinds.Service, managed).metadata['annotations']).toMatchObject({ mine: 'kept', other: 'one' });
  });

  it('keeps the class that the Service was made with, until the Service is made anew', () => {
    const before = demo.get(kinds.Service, managed);
    demo.after(service({ loadBalancerClass: 'other', annotations: { late: 'yes' } }));
    expect(demo.get(kinds.Service, managed).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    demo.after(terminate('v1', 'Service', managed));
    const fresh = demo.get(kinds.Service, managed);
    expect(text(fresh, 'spec', 'loadBalancerClass')).toBe('other');
    expect(fresh.metadata.uid).not.toBe(before.metadata.uid);
    expect(text(fresh, 'spec', 'clusterIP')).not.toBe(text(before, 'spec', 'clusterIP'));
  });
});

it('names what it makes within the limits of a name', () => {
  expect(managedName('tailscale', 'tailscale-gateway')).toBe('envoy-tailscale-tailscale-gateway-b8ba5d4d');
  expect(managedName('a'.repeat(47), 'b')).toBe(
    `envoy-${'a'.repeat(47)}-${managedName('a'.repeat(47), 'b').slice(-8)}`,
  );
});
