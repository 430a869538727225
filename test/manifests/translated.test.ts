/** What Envoy Gateway would refuse of manifests is said before it does, at the line, and what it takes is left alone. */
import { describe, expect, it } from 'vitest';
import { judgeFolders, writeFolder } from '../support/manifests.ts';

const around = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
---
`;

const object = (apiVersion: string, kind: string, name: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: web }\nspec: ${spec}\n---\n`;

const standard = 'gateway.networking.k8s.io/v1';
const own = 'gateway.envoyproxy.io/v1alpha1';
const http = '{ name: http, protocol: HTTP, port: 80 }';
const gateway = (...listeners: readonly string[]): string =>
  object(standard, 'Gateway', 'edge', `{ gatewayClassName: envoy, listeners: [${listeners.join(', ')}] }`);
const route = (rule: string): string =>
  object(standard, 'HTTPRoute', 'web', `{ parentRefs: [{ name: edge }], hostnames: [web.example], rules: [${rule}] }`);
const toWeb = 'backendRefs: [{ name: web, port: 80 }]';
const configured = (file: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: envoy-gateway-config, namespace: envoy-gateway-system }
data:
  envoy-gateway.yaml: '${file}'
---
`;
const backend = object(own, 'Backend', 'out', '{ endpoints: [{ fqdn: { hostname: out.example, port: 443 } }] }');
const toBackend = '{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: out }] }';

/** What is found by the translation: the end of the id, the kind and the message. */
async function found(manifests: string): Promise<readonly string[]> {
  const { report } = await judgeFolders([writeFolder({ 'all.yaml': around + manifests })], []);
  return report.checks.flatMap(({ findings }) =>
    findings
      .filter(({ id }) => /#(?:gateway|listener|parameters|policy|route)-refused$/.test(id))
      .map(({ id, message, evidence }) => `${id.split('#')[1] ?? ''} ${evidence[0]?.path ?? ''}: ${message}`),
  );
}

describe('what Envoy Gateway refuses', () => {
  it.each([
    [
      'listeners of two protocols on one port',
      gateway(http, '{ name: raw, protocol: TCP, port: 80 }') + route(`{ ${toWeb} }`),
      ['listener-refused spec.listeners[0]', 'listener-refused spec.listeners[1]'],
      'ProtocolConflict',
    ],
    [
      'a selector that is none',
      gateway(
        '{ name: http, protocol: HTTP, port: 80, allowedRoutes: { namespaces: { from: Selector, selector: { matchExpressions: [{ key: a, operator: Exists, values: [b] }] } } } }',
      ),
      ['listener-refused spec.listeners[0].allowedRoutes.namespaces.selector'],
      'values set must be empty',
    ],
    [
      'an address of a strange type',
      object(
        standard,
        'Gateway',
        'edge',
        `{ gatewayClassName: envoy, addresses: [{ type: example.org/x, value: x }], listeners: [${http}] }`,
      ),
      ['gateway-refused spec.addresses[0].type'],
      'UnsupportedAddress',
    ],
    [
      'a backend of a strange kind',
      gateway(http) + route('{ backendRefs: [{ group: apps, kind: Deployment, name: web, port: 80 }] }'),
      ['route-refused spec.rules[0].backendRefs[0]'],
      'Every request that the rule takes is answered 500.',
    ],
    [
      'a line break in a header',
      gateway(http) +
        route(
          `{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x, value: "a\\nb" }] } }], ${toWeb} }`,
        ),
      ['route-refused spec.rules[0].filters[0]'],
      'UnsupportedValue',
    ],
    [
      'a filter that is not there',
      gateway(http) +
        route(
          `{ filters: [{ type: ExtensionRef, extensionRef: { group: gateway.envoyproxy.io, kind: HTTPRouteFilter, name: x } }], ${toWeb} }`,
        ),
      ['route-refused spec.rules[0].filters[0].extensionRef'],
      'Unable to translate HTTPRouteFilter: web/x',
    ],
    [
      'a Backend that the configuration does not switch on',
      configured('{ kind: EnvoyGateway }') + backend + gateway(http) + route(toBackend),
      ['route-refused spec.rules[0].backendRefs[0]'],
      'Backend is disabled in Envoy Gateway configuration',
    ],
    [
      'a name outside the cluster behind a Service',
      object('v1', 'Service', 'out', '{ type: ExternalName, externalName: out.example, ports: [{ port: 80 }] }') +
        gateway(http) +
        route('{ backendRefs: [{ name: out, port: 80 }] }'),
      ['route-refused spec.rules[0].backendRefs[0]'],
      'is of type ExternalName',
    ],
    [
      'a policy that sends requests to a Service without the port',
      object(
        own,
        'SecurityPolicy',
        'auth',
        '{ targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }], extAuth: { http: { backendRefs: [{ name: web, port: 81 }] } } }',
      ) +
        gateway(http) +
        route(`{ ${toWeb} }`),
      ['policy-refused spec'],
      'ExtAuth: TCP Port 81 not found on Service web/web',
    ],
    [
      'a second policy for one route',
      ['one', 'two']
        .map((name) =>
          object(
            own,
            'BackendTrafficPolicy',
            name,
            '{ targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }] }',
          ),
        )
        .join('') +
        gateway(http) +
        route(`{ ${toWeb} }`),
      ['policy-refused spec'],
      'another BackendTrafficPolicy has already attached to it',
    ],
  ])('%s', async (_what, manifests, places, says) => {
    const told = await found(manifests);
    expect(told.map((one) => one.slice(0, one.indexOf(': ')))).toEqual(places);
    expect(told.join('\n')).toContain(says);
  });
});

describe('what it takes, or only a cluster can tell', () => {
  it.each([
    ['listeners beside one another', gateway(http, '{ name: dns, protocol: UDP, port: 80 }')],
    [
      'a listener whose Secret is in no manifest',
      gateway('{ name: https, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: web }] } }'),
    ],
    ['a Backend, where nobody tells of the configuration', backend + gateway(http) + route(toBackend)],
    [
      'a Backend that is switched on',
      configured('{ extensionApis: { enableBackend: true } }') + backend + gateway(http) + route(toBackend),
    ],
    ['what somebody else fills in', gateway('{ name: http, protocol: "${PROTOCOL}", port: 80 }')],
    [
      'Gateways of other controllers',
      gateway(http, http.replace('http', 'raw').replace('HTTP', 'TCP')).replace('envoy', 'another'),
    ],
  ])('%s', async (_what, manifests) => {
    expect(await found(manifests)).toEqual([]);
  });
});
