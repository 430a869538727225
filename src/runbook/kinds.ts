/**
 * The kinds that runbooks may read: a closed table.
 *
 * From it follow the request path, the `kubectl` command, the RBAC rule and the TypeScript type of what comes back.
 * `versions` are in order of preference: the first that the server serves is read.
 */
import type { IClusterIssuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1/ClusterIssuer';
import type { ICertificate } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate';
import type { ICiliumNodeConfig } from '@kubernetes-models/cilium/cilium.io/v2/CiliumNodeConfig';
import type { IEnvoyProxy } from '@kubernetes-models/envoy-gateway/gateway.envoyproxy.io/v1alpha1/EnvoyProxy';
import type { IGateway } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway';
import type { IGatewayClass } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GatewayClass';
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute';
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';

interface KindTypes {
  Certificate: ICertificate;
  CiliumNodeConfig: ICiliumNodeConfig;
  ClusterIssuer: IClusterIssuer;
  ConfigMap: IConfigMap;
  DaemonSet: IDaemonSet;
  Deployment: IDeployment;
  EnvoyProxy: IEnvoyProxy;
  Gateway: IGateway;
  GatewayClass: IGatewayClass;
  HTTPRoute: IHTTPRoute;
  Pod: IPod;
  Service: IService;
  StatefulSet: IStatefulSet;
}

export type KindName = keyof KindTypes;

/** An object of a kind as the API server returns it: name always, namespace where the kind has one. */
export type KubeObject<K extends KindName = KindName> = KindTypes[K] & {
  metadata: { name: string; namespace?: string };
};

export interface Kind {
  /** API group; empty for the core group. */
  group: string;
  versions: readonly [string, ...string[]];
  plural: string;
  namespaced: boolean;
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  Certificate: { group: 'cert-manager.io', versions: ['v1'], plural: 'certificates', namespaced: true },
  CiliumNodeConfig: { group: 'cilium.io', versions: ['v2', 'v2alpha1'], plural: 'ciliumnodeconfigs', namespaced: true },
  ClusterIssuer: { group: 'cert-manager.io', versions: ['v1'], plural: 'clusterissuers', namespaced: false },
  ConfigMap: { group: '', versions: ['v1'], plural: 'configmaps', namespaced: true },
  DaemonSet: { group: 'apps', versions: ['v1'], plural: 'daemonsets', namespaced: true },
  Deployment: { group: 'apps', versions: ['v1'], plural: 'deployments', namespaced: true },
  EnvoyProxy: { group: 'gateway.envoyproxy.io', versions: ['v1alpha1'], plural: 'envoyproxies', namespaced: true },
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
  Pod: { group: '', versions: ['v1'], plural: 'pods', namespaced: true },
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
