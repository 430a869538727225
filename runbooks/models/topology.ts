/**
 * How the objects of the ingress belong together, resolved by following their references: pure, from lists to Gateways with
 * their class, parameters, Service and workloads. Names from the stack are hints; a Gateway by another name is found too.
 */
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { hostnamesIntersect } from '../../src/formats/hostname.ts';
import { stack } from '#stack';

type Gateway = KubeObject<'Gateway'>;
type Service = KubeObject<'Service'>;

const owningGateway = 'gateway.envoyproxy.io/owning-gateway-name';
const owningNamespace = 'gateway.envoyproxy.io/owning-gateway-namespace';
const owningClass = 'gateway.envoyproxy.io/owning-gatewayclass';

export interface Parameters {
  /** Which object names the EnvoyProxy; a Gateway's own reference wins over its class's. */
  namedBy: Gateway | KubeObject<'GatewayClass'>;
  path: string;
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export interface TailnetGateway {
  gateway: Gateway;
  gatewayClass: KubeObject<'GatewayClass'> | undefined;
  parameters: Parameters | undefined;
  envoyProxy: KubeObject<'EnvoyProxy'> | undefined;
  /** The Services that Envoy Gateway made for it. */
  services: readonly Service[];
}

export interface Topology {
  gateways: readonly Gateway[];
  gatewayClasses: readonly KubeObject<'GatewayClass'>[];
  envoyProxies: readonly KubeObject<'EnvoyProxy'>[];
  services: readonly Service[];
}

export const isNamed = (object: KubeObject, { namespace, name }: { namespace: string; name: string }): boolean =>
  object.metadata.name === name && object.metadata.namespace === namespace;

/**
 * The Gateways that are reached over the tailnet: the stack's own, and every other Gateway of Envoy Gateway whose Service is,
 * or is asked to be, of the Tailscale Operator's class. Gateways of other controllers or classes are nobody's business here.
 */
export function tailnetGateways(topology: Topology): readonly TailnetGateway[] {
  return topology.gateways
    .map((gateway) => resolveGateway(gateway, topology))
    .filter(
      (found) =>
        isNamed(found.gateway, stack.gateway) ||
        (found.gatewayClass?.spec.controllerName === stack.envoyGateway.controllerName &&
          (requestedService(found.envoyProxy).loadBalancerClass === stack.loadBalancerClass ||
            found.services.some((service) => service.spec?.loadBalancerClass === stack.loadBalancerClass))),
    );
}

function resolveGateway(gateway: Gateway, { gatewayClasses, envoyProxies, services }: Topology): TailnetGateway {
  const gatewayClass = gatewayClasses.find((candidate) => candidate.metadata.name === gateway.spec.gatewayClassName);
  const parameters = parametersOf(gateway, gatewayClass);
  const envoyProxy = parameters && envoyProxies.find((candidate) => isNamed(candidate, parameters));
  return {
    gateway,
    gatewayClass,
    parameters,
    envoyProxy,
    services: services.filter((service) => isManagedFor(service, gateway)),
  };
}

function parametersOf(gateway: Gateway, gatewayClass: KubeObject<'GatewayClass'> | undefined): Parameters | undefined {
  const own = gateway.spec.infrastructure?.parametersRef;
  if (own !== undefined) {
    const namespace = gateway.metadata.namespace ?? 'default';
    return {
      namedBy: gateway,
      path: 'spec.infrastructure.parametersRef',
      group: own.group,
      kind: own.kind,
      namespace,
      name: own.name,
    };
  }
  const shared = gatewayClass?.spec.parametersRef;
  if (gatewayClass === undefined || shared === undefined) return undefined;
  // Envoy Gateway looks in `default` when the reference names no namespace.
  const namespace = shared.namespace ?? 'default';
  return {
    namedBy: gatewayClass,
    path: 'spec.parametersRef',
    group: shared.group,
    kind: shared.kind,
    namespace,
    name: shared.name,
  };
}

/** Whether Envoy Gateway made an object (Service, Deployment, DaemonSet, Pod) for a Gateway, in any of its deployment modes. */
export function isManagedFor(object: KubeObject, gateway: Gateway): boolean {
  const labels = object.metadata.labels ?? {};
  if (labels[owningGateway] !== undefined) {
    return labels[owningGateway] === gateway.metadata.name && labels[owningNamespace] === gateway.metadata.namespace;
  }
  if (labels[owningClass] !== undefined) return labels[owningClass] === gateway.spec.gatewayClassName;
  return (
    labels['app.kubernetes.io/managed-by'] === 'envoy-gateway' &&
    isNamed(object, { namespace: gateway.metadata.namespace ?? '', name: gateway.metadata.name })
  );
}

/** The Service that an EnvoyProxy asks for; Envoy Gateway's default is a LoadBalancer without class. */
export function requestedService(envoyProxy: KubeObject<'EnvoyProxy'> | undefined): {
  type: string;
  loadBalancerClass: string | undefined;
  annotations: Readonly<Record<string, string>>;
} {
  const service = envoyProxy?.spec.provider?.kubernetes?.envoyService;
  // A patch is applied to the finished Service, so it has the last word.
  const patch = (service?.patch?.value ?? {}) as {
    spec?: { type?: string; loadBalancerClass?: string };
    metadata?: { annotations?: Record<string, string> };
  };
  return {
    type: patch.spec?.type ?? service?.type ?? 'LoadBalancer',
    loadBalancerClass: patch.spec?.loadBalancerClass ?? service?.loadBalancerClass,
    annotations: { ...service?.annotations, ...patch.metadata?.annotations },
  };
}

/** What a Service's status says it can be reached at. */
export const ingressOf = (service: Service): readonly { ip?: string; hostname?: string }[] =>
  service.status?.loadBalancer?.ingress ?? [];

export const ingressHosts = (service: Service): readonly string[] =>
  ingressOf(service).flatMap(({ ip, hostname }) => [ip, hostname].filter((host) => host !== undefined));

/** The StatefulSet with which the Tailscale Operator exposes a Service; none for one that a ProxyGroup serves. */
export const proxyOf = (
  service: Service,
  statefulSets: readonly KubeObject<'StatefulSet'>[],
): KubeObject<'StatefulSet'> | undefined =>
  statefulSets.find(({ metadata: { labels = {} } }) => {
    return (
      labels['tailscale.com/parent-resource-type'] === 'svc' &&
      labels['tailscale.com/parent-resource'] === service.metadata.name &&
      labels['tailscale.com/parent-resource-ns'] === service.metadata.namespace
    );
  });

/** Whether the Tailscale Operator is to expose a Service by its load-balancer class. */
export const isForTailscale = (service: Service): boolean =>
  service.spec?.type === 'LoadBalancer' && service.spec.loadBalancerClass === stack.loadBalancerClass;

/** What takes the hostnames of the apps. */
export const wildcard = `*.${stack.domain}`;

/** Whether no TLS listener takes any name of the domain: then it is the Gateway that is wrong, not its routes or certificate. */
export const leftTheDomain = ({ spec }: KubeObject<'Gateway'>): boolean =>
  spec.listeners.some(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS') &&
  !spec.listeners.some(({ protocol, hostname }) => protocol !== 'HTTP' && hostnamesIntersect(hostname, wildcard));
