/**
 * Cases of Envoy Gateway's own translator tests as a yardstick: objects, and the conditions that the real controller writes. They are data that
 * this project does not carry: `NAME.in.yaml` and `NAME.out.yaml` in a folder beside it.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { fieldsOf, list, text, type Fields } from '../../packages/apiserver/objects/fields.ts';
import { mergeDocuments } from '../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject, StoredObject } from '../../packages/apiserver/objects/object.ts';
import { settle } from '../../packages/apiserver/controllers/loop.ts';
import { State } from '../../packages/apiserver/state/state.ts';
import { envoyGateway } from '../../src/demo/controllers/envoy-gateway/index.ts';
import { Cluster } from '../../src/demo/controllers/cluster.ts';
import { authors } from '../../src/demo/authors.ts';
import { homelabOf } from '../../src/demo/homelab.ts';
import { World } from '../../src/demo/world.ts';
import { stack } from '#stack';
import type { Report } from '../../src/runbook/report.ts';
import { judgeFolders } from './manifests.ts';

/** Where the data are: beside the repository, or where this says. */
const shared = process.env['HANDBOOK_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));
export const goldensFolder = process.env['HANDBOOK_GOLDENS'] ?? join(shared, 'envoy-gateway-goldens');

/** The settings with which the translator is tested [internal/gatewayapi/translator_test.go]. */
const className = 'envoy-gateway-class';
const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';
const backendsOff: readonly string[] = [
  'envoypatchpolicy-invalid-feature-disabled',
  'backend-invalid-feature-disabled',
];

export interface Golden {
  name: string;
  objects: readonly KubernetesObject[];
  said: readonly Said[];
}

/** A condition that somebody wrote about something. */
export interface Said {
  object: string;
  /** The listener, or the parent of a route and the ancestor of a policy. */
  part: string;
  type: string;
  status: string;
  reason: string;
  message: string;
}

interface Written {
  group: string;
  version: string;
  kind: string;
}
const gatewayApi = { group: 'gateway.networking.k8s.io', version: 'v1' };
const envoyApi = { group: 'gateway.envoyproxy.io', version: 'v1alpha1' };
const core = { group: '', version: 'v1' };

/** What the lists of an input hold, by their key in lower case, as Go takes it. */
const byKey: Readonly<Record<string, Written>> = {
  gatewayclass: { ...gatewayApi, kind: 'GatewayClass' },
  gateways: { ...gatewayApi, kind: 'Gateway' },
  listenersets: { ...gatewayApi, kind: 'ListenerSet' },
  httproutes: { ...gatewayApi, kind: 'HTTPRoute' },
  grpcroutes: { ...gatewayApi, kind: 'GRPCRoute' },
  tlsroutes: { ...gatewayApi, version: 'v1', kind: 'TLSRoute' },
  tcproutes: { ...gatewayApi, version: 'v1alpha2', kind: 'TCPRoute' },
  udproutes: { ...gatewayApi, version: 'v1alpha2', kind: 'UDPRoute' },
  referencegrants: { ...gatewayApi, version: 'v1beta1', kind: 'ReferenceGrant' },
  backendtlspolicies: { ...gatewayApi, kind: 'BackendTLSPolicy' },
  envoyproxyforgatewayclass: { ...envoyApi, kind: 'EnvoyProxy' },
  envoyproxiesforgateways: { ...envoyApi, kind: 'EnvoyProxy' },
  envoypatchpolicies: { ...envoyApi, kind: 'EnvoyPatchPolicy' },
  clienttrafficpolicies: { ...envoyApi, kind: 'ClientTrafficPolicy' },
  backendtrafficpolicies: { ...envoyApi, kind: 'BackendTrafficPolicy' },
  securitypolicies: { ...envoyApi, kind: 'SecurityPolicy' },
  envoyextensionpolicies: { ...envoyApi, kind: 'EnvoyExtensionPolicy' },
  backends: { ...envoyApi, kind: 'Backend' },
  httpfilters: { ...envoyApi, kind: 'HTTPRouteFilter' },
  namespaces: { ...core, kind: 'Namespace' },
  services: { ...core, kind: 'Service' },
  secrets: { ...core, kind: 'Secret' },
  configmaps: { ...core, kind: 'ConfigMap' },
  endpointslices: { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' },
  serviceimports: { group: 'multicluster.x-k8s.io', version: 'v1alpha1', kind: 'ServiceImport' },
  clustertrustbundles: { group: 'certificates.k8s.io', version: 'v1beta1', kind: 'ClusterTrustBundle' },
};

const clusterScoped: ReadonlySet<string> = new Set(['GatewayClass', 'Namespace', 'ClusterTrustBundle']);

type Loose = Fields & { metadata?: Fields; apiVersion?: string; kind?: string };

/** Keys that some cases begin with a capital, which Go does not mind. */
const written = new Map(['Name', 'Namespace', 'Port', 'Kind', 'Group'].map((key) => [key, key.toLowerCase()]));

/** Where a kind wants text, the translator's reader of YAML makes it of a number. */
const asText = (value: unknown, field = ''): unknown =>
  Array.isArray(value)
    ? value.map((one) => asText(one))
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([name, inner]) => [written.get(name) ?? name, asText(inner, name)]),
        )
      : field === 'value' && typeof value === 'number'
        ? String(value)
        : value;

function objectsIn(input: Fields): readonly KubernetesObject[] {
  return Object.entries(input).flatMap(([key, value]) => {
    const written = byKey[key.toLowerCase()];
    if (written === undefined) return [];
    const { group, version, kind } = written;
    return ([value].flat() as readonly (Loose | null)[])
      .filter((one) => one !== null)
      .map((one, index): KubernetesObject => {
        const metadata = { ...one.metadata, name: text(one, 'metadata', 'name') || `${kind.toLowerCase()}-${index}` };
        const home = clusterScoped.has(kind) ? {} : { namespace: text(one, 'metadata', 'namespace') || 'default' };
        const apiVersion = one.apiVersion ?? (group === '' ? version : `${group}/${version}`);
        return {
          ...fieldsOf(asText(one)),
          apiVersion,
          kind: one.kind ?? kind,
          metadata: { ...metadata, ...home },
        };
      });
  });
}

const service = (namespace: string, name: string, ports: readonly Fields[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace, name },
  spec: { ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port['port'], ...port })) },
});
const slice = (
  namespace: string,
  name: string,
  ports: readonly Fields[],
  metadata = `endpointslice-${name}`,
): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace, name: metadata, labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: ports.map((port) => ({ protocol: 'TCP', ...port })),
  endpoints: [{ addresses: ['7.7.7.7'], conditions: { ready: true } }],
});

const usualPorts = [
  { name: 'http', port: 8080 },
  { name: 'https', port: 8443 },
  { name: 'tcp', port: 8163 },
  { name: 'udp', port: 8162, protocol: 'UDP' },
];
const collectorPorts = [
  { name: 'grpc', port: 4317, appProtocol: 'grpc' },
  { name: 'zipkin', port: 9411 },
];

/** What each test of the translator has besides its own objects. */
const fixtures: readonly KubernetesObject[] = [
  ...[1, 2, 3, 4].flatMap((index) => [
    service('default', `service-${index}`, usualPorts),
    slice('default', `service-${index}`, usualPorts, `endpointslice-${index}`),
  ]),
  service('default', 'mirror-service', usualPorts.slice(0, 1)),
  slice('default', 'mirror-service', usualPorts.slice(0, 1), 'mirror-service-endpointslice'),
  service('monitoring', 'otel-collector', collectorPorts),
  slice(
    'monitoring',
    'otel-collector',
    collectorPorts.map(({ name, port }) => ({ name, port })),
    'otel-collector-endpointslice',
  ),
  ...['envoy-gateway', 'default'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
];

const keyOf = ({ apiVersion, kind, metadata: { namespace = '', name } }: KubernetesObject): string =>
  `${apiVersion.split('/').slice(0, -1).join('/')} ${kind} ${namespace}/${name}`;

/** What a cluster has, and a translator is merely told. */
function surrounded(own: readonly KubernetesObject[], forClass: Fields | undefined): readonly KubernetesObject[] {
  // Of two by one name the later counts.
  const all = [...new Map([...own, ...fixtures].map((object) => [keyOf(object), object])).values()];
  const named = all.find(({ kind }) => kind === 'GatewayClass');
  const gatewayClass = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    ...named,
    kind: 'GatewayClass',
    metadata: { ...named?.metadata, name: className },
    spec: {
      ...fieldsOf(named, 'spec'),
      controllerName,
      ...(forClass === undefined
        ? {}
        : {
            parametersRef: {
              ...{ group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: text(forClass, 'metadata', 'name') },
              namespace: text(forClass, 'metadata', 'namespace') || 'default',
            },
          }),
    },
  };
  const declared = new Set(all.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const homes = new Set(all.flatMap(({ metadata: { namespace } }) => namespace ?? []).filter((n) => !declared.has(n)));
  return [
    gatewayClass,
    ...all.filter((object) => object !== named),
    ...[...homes].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  ];
}

/** The goldens of a folder; none where it is not there. */
export const goldens = (folder = goldensFolder): readonly Golden[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder)
        .filter((file) => file.endsWith('.in.yaml'))
        .sort()
        .map((file) => {
          const name = file.slice(0, -'.in.yaml'.length);
          const read = (end: string): Fields =>
            fieldsOf(parse(readFileSync(join(folder, `${name}${end}`), 'utf8'), { schema: 'yaml-1.1' }));
          const input = read('.in.yaml');
          const forClass = fieldsOf(input, 'envoyProxyForGatewayClass');
          return {
            name,
            objects: surrounded(objectsIn(input), Object.keys(forClass).length === 0 ? undefined : forClass),
            said: objectsIn(read('.out.yaml')).flatMap(saidOf),
          };
        });

const nameOf = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

const partOf = (reference: unknown): string =>
  [
    `${text(reference, 'kind') || 'Gateway'} ${text(reference, 'namespace')}/${text(reference, 'name')}`,
    text(reference, 'sectionName'),
    text(reference, 'port'),
  ]
    .filter((word) => word !== '')
    .join(' ');

/** Every condition of an object's status: its own, its listeners', those of a route's parents and of a policy's ancestors. */
function saidOf(object: KubernetesObject): readonly Said[] {
  const status = fieldsOf(object, 'status');
  const of = (holder: unknown, part: string): readonly Said[] =>
    list(holder, 'conditions').map((condition) => ({
      object: nameOf(object),
      part,
      type: text(condition, 'type'),
      status: text(condition, 'status'),
      reason: text(condition, 'reason'),
      message: text(condition, 'message'),
    }));
  return [
    ...of(status, ''),
    ...list(status, 'listeners').flatMap((listener) => of(listener, text(listener, 'name'))),
    ...list(status, 'parents').flatMap((entry) => of(entry, partOf(fieldsOf(entry, 'parentRef')))),
    ...list(status, 'ancestors').flatMap((entry) => of(entry, partOf(fieldsOf(entry, 'ancestorRef')))),
  ];
}

/** Whether a condition says that something is not taken as it stands. */
export const isRefusal = ({ type, status }: Said): boolean =>
  ['Conflicted', 'PartiallyInvalid'].includes(type) ? status === 'True' : status === 'False';

/** The demo's cluster with a golden's objects in it, once its Envoy Gateway has looked at them. */
export function demoOf({ name, objects }: Golden): readonly Said[] {
  const { objects: own, sound } = homelabOf(stack);
  const configured = own.map((object) => withConfiguration(object, !backendsOff.includes(name)));
  const state = new State(mergeDocuments([...configured, ...objects]), {
    now: new Date('2026-11-22T12:00:00Z'),
    logs: new Map(),
    authors,
  });
  const cluster = new Cluster(state, new World(sound));
  settle(cluster, [envoyGateway]);
  const keys = new Set(objects.map(keyOf));
  return state.objects.filter((object: StoredObject) => keys.has(keyOf(object))).flatMap(saidOf);
}

/** The controller of the goldens has every extension switched on that its configuration can. */
function withConfiguration(object: KubernetesObject, isOn: boolean): KubernetesObject {
  const file = text(object, 'data', 'envoy-gateway.yaml');
  if (object.kind !== 'ConfigMap' || file === '') return object;
  const configuration = fieldsOf(parse(file));
  const extensionApis = { enableBackend: isOn, enableEnvoyPatchPolicy: isOn };
  return {
    ...object,
    data: { ...fieldsOf(object, 'data'), 'envoy-gateway.yaml': stringify({ ...configuration, extensionApis }) },
  };
}

const onTheTailnet = { type: 'LoadBalancer', loadBalancerClass: 'tailscale' };
const provider = { type: 'Kubernetes', kubernetes: { envoyService: onTheTailnet } };

/** Every Gateway is on the tailnet: what is asked of those alone is asked of each. */
function tailnetted(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const named = objects.map((object): KubernetesObject => {
    if (object.kind === 'EnvoyProxy') return { ...object, spec: { ...fieldsOf(object, 'spec'), provider } };
    const spec = fieldsOf(object, 'spec');
    if (object.kind !== 'GatewayClass' || 'parametersRef' in spec) return object;
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'tailnet', namespace: 'default' };
    return { ...object, spec: { ...spec, parametersRef } };
  });
  const isThere = objects.some(({ kind, spec }) => kind === 'GatewayClass' && 'parametersRef' in fieldsOf(spec));
  return isThere
    ? named
    : [
        ...named,
        {
          apiVersion: 'gateway.envoyproxy.io/v1alpha1',
          kind: 'EnvoyProxy',
          metadata: { namespace: 'default', name: 'tailnet' },
          spec: { provider },
        },
      ];
}

/** What the manifests of a golden are judged to be. */
export async function judgedOf({ objects }: Golden): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    tailnetted(objects).forEach(({ status: _status, ...object }, index) => {
      const file = `${String(index).padStart(2, '0')}-${object.kind}-${object.metadata.name}.yaml`;
      writeFileSync(join(folder, file), stringify(object));
    });
    return (await judgeFolders([folder])).report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
