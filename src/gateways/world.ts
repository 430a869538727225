/**
 * What Envoy Gateway makes of Gateways, routes and policies: from objects to what it writes into their statuses, in its own words. Pure, so that
 * the demo's controller and who judges manifests say the same. [Envoy Gateway 1.9, internal/gatewayapi; Gateway API 1.5]
 *
 * Who knows only some of what there is says so of what is asked for: what is untold is taken for sound, so that what is refused is refused
 * whatever else there may be.
 */
import { list, text, type Fields } from '../formats/fields.ts';

/** An object as a file or a cluster has it. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Nobody can tell whether the object is there. */
export const untold = Symbol('untold');
export type Found = Resource | undefined | typeof untold;

/** What the configuration of the controller switches on [api/v1alpha1/envoygateway_types.go, extensionApis]. */
export interface Settings {
  backends: boolean;
  patchPolicies: boolean;
}

export interface World {
  settings: Settings;
  /** All objects of a kind that are known. */
  list: (kind: string) => readonly Resource[];
  find: (kind: string, namespace: string | undefined, name: string) => Found;
  /** Whether a reference into another namespace may be permitted by a grant that is not known. */
  mayBeGranted: (namespace: string) => boolean;
}

export const gatewayApi = 'gateway.networking.k8s.io';
export const envoyGateway = 'gateway.envoyproxy.io';
const clusterImports = 'multicluster.x-k8s.io';

/** The kinds that are looked at, with their groups. */
export const groups: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['GatewayClass', 'Gateway', 'ListenerSet', 'ReferenceGrant', 'BackendTLSPolicy'],
      ...['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'],
    ].map((kind) => [kind, gatewayApi]),
  ),
  ...Object.fromEntries(
    [
      ...['EnvoyProxy', 'Backend', 'HTTPRouteFilter', 'EnvoyPatchPolicy', 'EnvoyExtensionPolicy'],
      ...['SecurityPolicy', 'ClientTrafficPolicy', 'BackendTrafficPolicy'],
    ].map((kind) => [kind, envoyGateway]),
  ),
  ...Object.fromEntries(['Namespace', 'Service', 'Secret', 'ConfigMap'].map((kind) => [kind, ''])),
  EndpointSlice: 'discovery.k8s.io',
  ServiceImport: clusterImports,
  ClusterTrustBundle: 'certificates.k8s.io',
};

export const backendGroups: readonly string[] = ['', clusterImports, envoyGateway];

export const namespaceOf = ({ metadata }: Resource): string => metadata.namespace ?? '';
export const placeOf = (object: Resource): string => `${namespaceOf(object)}/${object.metadata.name}`;
/** The group of an object's kind; empty for the core group. */
export const groupOf = ({ apiVersion }: Resource): string => apiVersion.split('/').slice(0, -1).join('/');

/** What a reference names, with what is meant where it names none. */
export interface Target {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export const targetOf = (reference: unknown, home: string, kind: string, group = ''): Target => ({
  group: text(reference, 'group') || group,
  kind: text(reference, 'kind') || kind,
  namespace: text(reference, 'namespace') || home,
  name: text(reference, 'name'),
});

type From = Pick<Target, 'group' | 'kind' | 'namespace'>;

/** Whether somebody of one namespace may refer to something in another. */
export function isPermitted(world: World, from: From, to: Target): boolean {
  if (from.namespace === to.namespace) return true;
  const permits = (grant: Fields): boolean =>
    list(grant, 'spec', 'from').some(
      (entry) =>
        text(entry, 'group') === from.group &&
        text(entry, 'kind') === from.kind &&
        text(entry, 'namespace') === from.namespace,
    ) &&
    list(grant, 'spec', 'to').some(
      (entry) =>
        text(entry, 'group') === to.group &&
        text(entry, 'kind') === to.kind &&
        ['', to.name].includes(text(entry, 'name')),
    );
  const there = world.list('ReferenceGrant').filter((grant) => namespaceOf(grant) === to.namespace);
  return there.some((grant) => permits(grant as unknown as Fields)) || world.mayBeGranted(to.namespace);
}
