/**
 * The kinds that runbooks may read: a closed table.
 *
 * From it follow the request path, the `kubectl` command, the RBAC rule and the TypeScript type of what comes back.
 * `versions` are in order of preference: the first that the server serves is read.
 */
import type { IChallenge } from '@kubernetes-models/cert-manager/acme.cert-manager.io/v1/Challenge';
import type { IOrder } from '@kubernetes-models/cert-manager/acme.cert-manager.io/v1/Order';
import type { ICertificateRequest } from '@kubernetes-models/cert-manager/cert-manager.io/v1/CertificateRequest';
import type { IIssuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer';
import type { IClusterIssuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1/ClusterIssuer';
import type { ICertificate } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate';
import type { ICiliumNodeConfig } from '@kubernetes-models/cilium/cilium.io/v2/CiliumNodeConfig';
import type { IEnvoyProxy } from '@kubernetes-models/envoy-gateway/gateway.envoyproxy.io/v1alpha1/EnvoyProxy';
import type { IClusterSecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore';
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret';
import type { ISecretStore } from '@kubernetes-models/external-secrets/external-secrets.io/v1/SecretStore';
import type { IGateway } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway';
import type { IGatewayClass } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GatewayClass';
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import type { IReferenceGrant } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ReferenceGrant';
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IEvent } from 'kubernetes-models/v1/Event';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import type { Shaped } from './shape.ts';
import type { shapes } from './shapes.ts';

/** The makers' types. */
export interface KindTypes {
  Certificate: ICertificate;
  CertificateRequest: ICertificateRequest;
  Challenge: IChallenge;
  CiliumNodeConfig: ICiliumNodeConfig;
  ClusterIssuer: IClusterIssuer;
  ClusterSecretStore: IClusterSecretStore;
  ConfigMap: IConfigMap;
  CronJob: ICronJob;
  DaemonSet: IDaemonSet;
  Deployment: IDeployment;
  EndpointSlice: IEndpointSlice;
  EnvoyProxy: IEnvoyProxy;
  Event: IEvent;
  ExternalSecret: IExternalSecret;
  Gateway: IGateway;
  GatewayClass: IGatewayClass;
  HTTPRoute: IHTTPRoute;
  Issuer: IIssuer;
  Job: IJob;
  Namespace: INamespace;
  Order: IOrder;
  Pod: IPod;
  ReferenceGrant: IReferenceGrant;
  SecretStore: ISecretStore;
  Service: IService;
  StatefulSet: IStatefulSet;
}

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

/** The name of a kind's CustomResourceDefinition, e.g. `gateways.gateway.networking.k8s.io`. */
export const crdName = (kind: KindName): string => `${kinds[kind].plural}.${kinds[kind].group}`;
