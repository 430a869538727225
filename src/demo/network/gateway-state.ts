/**
 * What the demo's objects say about the way in: which tailnet addresses lead to Envoy, which names Envoy has a filter chain
 * for, and where it sends requests. Pure: the objects are the only truth, and a fault in them is a fault of the gateway.
 */
import { at, condition, list, number, text } from '../../../packages/apiserver/objects/fields.ts';
import { ofKind, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { forwards } from './cilium.ts';
import { podsOf, reaches } from './policies.ts';
import { routesOf, type Route } from './gateway-routes.ts';

/** What becomes of a packet to an address of the tailnet. */
export type Reach = 'envoy' | 'resolver' | 'refused' | 'unanswered';

export interface Entrance {
  /** IP addresses and names of the device. */
  hosts: readonly string[];
  ports: readonly number[];
  reach: Reach;
}

export interface Chain {
  /** The listener's hostname; empty when it takes any name. */
  hostname: string;
  /** What the listener's certificate says. */
  certificate: { names: readonly string[]; notBefore?: Date; notAfter?: Date };
}

export interface GatewayState {
  entrances: readonly Entrance[];
  chains: readonly Chain[];
  routes: readonly Route[];
  /** `<namespace>_<pod>_<container>` of each Envoy: where its access log is. */
  logs: readonly string[];
}

export function gatewayState(objects: readonly StoredObject[]): GatewayState {
  const gateways = ofKind(objects, 'gateway.networking.k8s.io', 'Gateway');
  return {
    entrances: ofKind(objects, '', 'Service').flatMap((service) => {
      const hosts = list(service, 'status', 'loadBalancer', 'ingress').flatMap((ingress) =>
        [text(ingress, 'ip'), text(ingress, 'hostname')].filter((host) => host !== ''),
      );
      const ports = list(service, 'spec', 'ports')
        .filter((port) => (text(port, 'protocol') || 'TCP') === 'TCP')
        .map((port) => number(port, 'port'));
      return hosts.length === 0 ? [] : [{ hosts, ports, reach: reach(objects, service) }];
    }),
    chains: gateways.flatMap((gateway) => chains(objects, gateway)),
    routes: gateways.flatMap((gateway) => routesOf(objects, gateway)),
    logs: ofKind(objects, '', 'Pod')
      .filter((pod) => text(pod, 'metadata', 'labels', 'app.kubernetes.io/name') === 'envoy')
      .map(({ metadata }) => `${metadata.namespace ?? ''}_${metadata.name}_envoy`),
  };
}

/** Follows a packet from the tailnet: device, Tailscale proxy, ClusterIP, Envoy. */
function reach(objects: readonly StoredObject[], service: StoredObject): Reach {
  const proxy = ofKind(objects, 'apps', 'StatefulSet').find(
    (set) =>
      text(set, 'metadata', 'labels', 'tailscale.com/parent-resource') === service.metadata.name &&
      text(set, 'metadata', 'labels', 'tailscale.com/parent-resource-ns') === service.metadata.namespace,
  );
  // Without its proxy the device is offline: nobody answers.
  if (proxy === undefined || number(proxy, 'status', 'readyReplicas') === 0) return 'unanswered';
  if (proxyTarget(proxy) !== text(service, 'spec', 'clusterIP')) return 'unanswered';
  if (!forwards(objects)) return 'unanswered';
  const isEnvoy = text(service, 'metadata', 'labels', 'app.kubernetes.io/name') === 'envoy';
  // A Service without endpoints rejects connections; so does the demo for what it has no server behind.
  if (!isServed(objects, service)) return 'refused';
  const [port] = list(service, 'spec', 'ports').map((entry) => number(entry, 'port'));
  if (port !== undefined && !reaches(objects, podsOf(objects, proxy), service, port)) return 'unanswered';
  return isEnvoy ? 'envoy' : isResolver(service) ? 'resolver' : 'refused';
}

/** Whether a Service is DNS. */
export const isResolver = (service: StoredObject): boolean =>
  list(service, 'spec', 'ports').some((port) => text(port, 'protocol') === 'UDP' && number(port, 'port') === 53);

const proxyTarget = (proxy: StoredObject): string =>
  text(
    list(at(proxy, 'spec', 'template', 'spec'), 'containers')
      .flatMap((container) => list(container, 'env'))
      .find((variable) => text(variable, 'name') === 'TS_DEST_IP'),
    'value',
  );

/** Somebody takes connections when the Deployment of that name has a replica available, and the EndpointSlices a ready endpoint. */
function isServed(objects: readonly StoredObject[], service: StoredObject): boolean {
  const deployment = ofKind(objects, 'apps', 'Deployment').find(
    ({ metadata }) => metadata.name === service.metadata.name && metadata.namespace === service.metadata.namespace,
  );
  return (
    deployment !== undefined &&
    number(deployment, 'status', 'availableReplicas') > 0 &&
    hasReadyEndpoint(objects, service.metadata.namespace ?? '', service.metadata.name)
  );
}

/** True without any EndpointSlice: then the objects do not say. */
function hasReadyEndpoint(objects: readonly StoredObject[], namespace: string, service: string): boolean {
  const slices = ofKind(objects, 'discovery.k8s.io', 'EndpointSlice').filter(
    (slice) =>
      slice.metadata.namespace === namespace &&
      text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === service,
  );
  const endpoints = slices.flatMap((slice) => list(slice, 'endpoints'));
  return slices.length === 0 || endpoints.some((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
}

/** A listener has a filter chain once the controller has sent it to Envoy; its certificate is what its Secret's Certificate asks for. */
function chains(objects: readonly StoredObject[], gateway: StoredObject): readonly Chain[] {
  return list(gateway, 'spec', 'listeners').flatMap((listener) => {
    const status = list(gateway, 'status', 'listeners').find((entry) => text(entry, 'name') === text(listener, 'name'));
    if (text(listener, 'protocol') !== 'HTTPS' || condition(status, 'Programmed') !== 'True') return [];
    const [reference] = list(listener, 'tls', 'certificateRefs');
    const certificate = ofKind(objects, 'cert-manager.io', 'Certificate').find(
      ({ metadata, spec }) =>
        text(spec, 'secretName') === text(reference, 'name') &&
        metadata.namespace === (text(reference, 'namespace') || gateway.metadata.namespace),
    );
    const hostname = text(listener, 'hostname');
    const names = list(certificate, 'spec', 'dnsNames').map((name) => text(name));
    return [
      {
        hostname,
        certificate: {
          names: names.length > 0 ? names : [hostname],
          ...date('notBefore', certificate),
          ...date('notAfter', certificate),
        },
      },
    ];
  });
}

function date(field: 'notBefore' | 'notAfter', certificate: unknown): Partial<Record<typeof field, Date>> {
  const time = Date.parse(text(certificate, 'status', field));
  return Number.isNaN(time) ? {} : { [field]: new Date(time) };
}
