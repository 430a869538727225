/**
 * The kinds that runbooks may read: a closed table.
 *
 * From it follow the request path, the `kubectl` command, the RBAC rule and the TypeScript type of what comes back.
 * `versions` are in order of preference: the first that the server serves is read.
 */
import type { KindTypes } from './kind-types.ts';
import type { Shaped } from './shape.ts';
import type { shapes } from './shapes.ts';

export type KindName = keyof KindTypes;

/** What is kept of an object of a kind: the fields that checks read. */
export type KubeObject<K extends KindName = KindName> = KubeObjects[K];

type KubeObjects = { [K in KindName]: Shaped<KindTypes[K], (typeof shapes)[K]> };

export interface Kind {
  /** API group; empty for the core group. */
  group: string;
  versions: readonly [string, ...string[]];
  plural: string;
  namespaced: boolean;
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  Certificate: { group: 'cert-manager.io', versions: ['v1'], plural: 'certificates', namespaced: true },
  CertificateRequest: { group: 'cert-manager.io', versions: ['v1'], plural: 'certificaterequests', namespaced: true },
  Challenge: { group: 'acme.cert-manager.io', versions: ['v1'], plural: 'challenges', namespaced: true },
  CiliumClusterwideNetworkPolicy: {
    group: 'cilium.io',
    versions: ['v2'],
    plural: 'ciliumclusterwidenetworkpolicies',
    namespaced: false,
  },
  CiliumNetworkPolicy: { group: 'cilium.io', versions: ['v2'], plural: 'ciliumnetworkpolicies', namespaced: true },
  CiliumNodeConfig: { group: 'cilium.io', versions: ['v2', 'v2alpha1'], plural: 'ciliumnodeconfigs', namespaced: true },
  ClusterIssuer: { group: 'cert-manager.io', versions: ['v1'], plural: 'clusterissuers', namespaced: false },
  ClusterSecretStore: {
    group: 'external-secrets.io',
    versions: ['v1', 'v1beta1'],
    plural: 'clustersecretstores',
    namespaced: false,
  },
  ConfigMap: { group: '', versions: ['v1'], plural: 'configmaps', namespaced: true },
  CronJob: { group: 'batch', versions: ['v1'], plural: 'cronjobs', namespaced: true },
  DaemonSet: { group: 'apps', versions: ['v1'], plural: 'daemonsets', namespaced: true },
  Deployment: { group: 'apps', versions: ['v1'], plural: 'deployments', namespaced: true },
  EndpointSlice: { group: 'discovery.k8s.io', versions: ['v1'], plural: 'endpointslices', namespaced: true },
  EnvoyProxy: { group: 'gateway.envoyproxy.io', versions: ['v1alpha1'], plural: 'envoyproxies', namespaced: true },
  Event: { group: '', versions: ['v1'], plural: 'events', namespaced: true },
  ExternalSecret: {
    group: 'external-secrets.io',
    versions: ['v1', 'v1beta1'],
    plural: 'externalsecrets',
    namespaced: true,
  },
  Gateway: { group: 'gateway.networking.k8s.io', versions: ['v1', 'v1beta1'], plural: 'gateways', namespaced: true },
  GatewayClass: {
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'gatewayclasses',
    namespaced: false,
  },
  HTTPRoute: {
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'httproutes',
    namespaced: true,
  },
  Issuer: { group: 'cert-manager.io', versions: ['v1'], plural: 'issuers', namespaced: true },
  Job: { group: 'batch', versions: ['v1'], plural: 'jobs', namespaced: true },
  Namespace: { group: '', versions: ['v1'], plural: 'namespaces', namespaced: false },
  NetworkPolicy: { group: 'networking.k8s.io', versions: ['v1'], plural: 'networkpolicies', namespaced: true },
  Order: { group: 'acme.cert-manager.io', versions: ['v1'], plural: 'orders', namespaced: true },
  Pod: { group: '', versions: ['v1'], plural: 'pods', namespaced: true },
  ReferenceGrant: {
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'referencegrants',
    namespaced: true,
  },
  SecretStore: { group: 'external-secrets.io', versions: ['v1', 'v1beta1'], plural: 'secretstores', namespaced: true },
  Service: { group: '', versions: ['v1'], plural: 'services', namespaced: true },
  StatefulSet: { group: 'apps', versions: ['v1'], plural: 'statefulsets', namespaced: true },
};

/** `apiVersion` of a kind in its preferred version, e.g. `apps/v1`. */
export const apiVersion = (kind: KindName): string => {
  const { group, versions } = kinds[kind];
  return group === '' ? versions[0] : `${group}/${versions[0]}`;
};

/** The group of an `apiVersion`; empty for the core group. */
export const groupOf = (version: string): string => (version.includes('/') ? (version.split('/')[0] ?? '') : '');

/** The kind of the table that an object is of; undefined for one that runbooks do not read. */
export const knownKind = (version: string, kind: string): KindName | undefined =>
  isKindName(kind) && kinds[kind].group === groupOf(version) ? kind : undefined;

const isKindName = (kind: string): kind is KindName => Object.hasOwn(kinds, kind);

/** The name of a kind's CustomResourceDefinition, e.g. `gateways.gateway.networking.k8s.io`. */
export const crdName = (kind: KindName): string => `${kinds[kind].plural}.${kinds[kind].group}`;
