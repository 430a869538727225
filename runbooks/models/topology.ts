/**
 * How the objects of the ingress belong together, resolved by following their references: pure, from lists to Gateways with
 * their class, parameters, Service and workloads. Names from the stack are hints; a Gateway by another name is found too.
 */
import { follow, leadsTo, relationAt, type Reference } from '../../src/kinds/references.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';
import { known } from '../../src/runbook/told.ts';
import { hostnamesIntersect } from '../../src/formats/hostname.ts';
import { stack } from '#stack';
import { onDemand } from './on-demand.ts';

type Gateway = KubeObject<'Gateway'>;
type Service = KubeObject<'Service'>;

export interface Parameters {
  /** Which object names the EnvoyProxy; a Gateway's own reference wins over its class's. */
  namedBy: Gateway | KubeObject<'GatewayClass'>;
  reference: Reference;
}

/** A Gateway and what belongs to it. */
export interface ResolvedGateway {
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

/** The topology among what a check reads: the rest may be nobody's to know. */
export const topologyOf = ({ gateways, gatewayClasses, envoyProxies, services }: Topology): Topology => ({
  ...{ gateways, gatewayClasses, envoyProxies, services },
});

/** Whether a name is that of the stack's Gateway. */
export const isStackGateway = ({ namespace, name }: { namespace?: string | undefined; name: string }): boolean =>
  namespace === stack.gateway.namespace && name === stack.gateway.name;

export const isNamed = (object: KubeObject, { namespace, name }: { namespace: string; name: string }): boolean =>
  // Of one that was not read more is known of its namespace than of its name.
  object.metadata.namespace === namespace && object.metadata.name === name;

/**
 * The Gateways of Envoy Gateway, and the stack's own whatever its class: what Gateway API asks of them needs no Service. Those of other
 * controllers are nobody's business here.
 */
export const envoyGateways = (topology: Topology): readonly ResolvedGateway[] =>
  resolved(topology).filter((found) => isNamed(found.gateway, stack.gateway) || isEnvoys(found));

const isEnvoys = ({ gatewayClass }: ResolvedGateway): boolean =>
  gatewayClass?.spec.controllerName === stack.envoyGateway.controllerName;

/**
 * The Gateways that are reached over the tailnet: the stack's own, and every other Gateway of Envoy Gateway whose Service is,
 * or is asked to be, of the Tailscale Operator's class. Others are nobody's business there.
 */
export function tailnetGateways(topology: Topology): readonly ResolvedGateway[] {
  return envoyGateways(topology).filter(
    (found) =>
      isNamed(found.gateway, stack.gateway) ||
      (isEnvoys(found) &&
        (requestedService(found.envoyProxy).loadBalancerClass === stack.loadBalancerClass ||
          // Envoy Gateway makes the Service as it is asked to: where none is told, what is asked for decides.
          known(found.services).some(({ spec }) => spec?.loadBalancerClass === stack.loadBalancerClass))),
  );
}

/** Every Gateway with what belongs to it. */
export const resolved = (topology: Topology): readonly ResolvedGateway[] =>
  topology.gateways.map((gateway) => resolveGateway(gateway, topology));

const classOf = relationAt('Gateway', 'spec.gatewayClassName');
const ownParameters = relationAt('Gateway', 'spec.infrastructure.parametersRef');
const sharedParameters = relationAt('GatewayClass', 'spec.parametersRef');

const parentRefs = relationAt('HTTPRoute', 'spec.parentRefs[]');

type Route = KubeObject<'HTTPRoute'>;

/** The parentRefs of a route that name a Gateway. */
export const parentsOn = (route: Route, gateway: Gateway): readonly ParentRef[] =>
  follow(route, parentRefs)
    .filter((reference) => leadsTo(reference, gateway))
    .flatMap(({ path: [, , index] }) => route.spec.parentRefs?.[Number(index)] ?? []);

type ParentRef = NonNullable<Route['spec']['parentRefs']>[number];

/** Whether a route names a Gateway as its parent. */
export const hangsOn = (route: Route, gateway: Gateway): boolean => parentsOn(route, gateway).length > 0;

/** What a Gateway names as its class. */
export const classRefOf = (gateway: Gateway): Reference | undefined => follow(gateway, classOf)[0];

function resolveGateway(gateway: Gateway, topology: Topology): ResolvedGateway {
  // Where one is not known, the others may be.
  const gatewayClass = onDemand(() => {
    const reference = classRefOf(gateway);
    return reference && topology.gatewayClasses.find((candidate) => leadsTo(reference, candidate));
  });
  const parameters = onDemand(() => parametersOf(gateway, gatewayClass));
  const envoyProxy = onDemand(() => {
    const reference = parameters()?.reference;
    return reference && topology.envoyProxies.find((candidate) => leadsTo(reference, candidate));
  });
  const services = onDemand(() => topology.services.filter((service) => isManagedFor(service, gateway)));
  return {
    gateway,
    get gatewayClass() {
      return gatewayClass();
    },
    get parameters() {
      return parameters();
    },
    get envoyProxy() {
      return envoyProxy();
    },
    get services() {
      return services();
    },
  };
}

function parametersOf(gateway: Gateway, classOf: () => KubeObject<'GatewayClass'> | undefined): Parameters | undefined {
  const [own] = follow(gateway, ownParameters);
  if (own !== undefined) return { namedBy: gateway, reference: own };
  const gatewayClass = classOf();
  const [shared] = gatewayClass === undefined ? [] : follow(gatewayClass, sharedParameters);
  return gatewayClass === undefined || shared === undefined ? undefined : { namedBy: gatewayClass, reference: shared };
}

const owningGateway = 'gateway.envoyproxy.io/owning-gateway-name';
const owningClass = 'gateway.envoyproxy.io/owning-gatewayclass';

type Managed = KubeObject<'Service' | 'Deployment' | 'DaemonSet' | 'Pod'>;

/** Whether Envoy Gateway made an object for a Gateway, in any of its deployment modes. */
export function isManagedFor(object: Managed, gateway: Gateway): boolean {
  const [owner] = follow(object, relationAt(object.kind, 'metadata.labels', owningGateway));
  if (owner !== undefined) return leadsTo(owner, gateway);
  const [shared] = follow(object, relationAt(object.kind, 'metadata.labels', owningClass));
  if (shared !== undefined) return shared.name === gateway.spec.gatewayClassName;
  return (
    object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'envoy-gateway' &&
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

const parentService = relationAt('StatefulSet', 'metadata.labels', 'tailscale.com/parent-resource');

/** The StatefulSet with which the Tailscale Operator exposes a Service; none for one that a ProxyGroup serves. */
export const proxyOf = (
  service: Service,
  statefulSets: readonly KubeObject<'StatefulSet'>[],
): KubeObject<'StatefulSet'> | undefined =>
  statefulSets.find((one) => follow(one, parentService).some((reference) => leadsTo(reference, service)));

/** Whether the Tailscale Operator is to expose a Service by its load-balancer class. */
export const isForTailscale = (service: Service): boolean =>
  service.spec?.type === 'LoadBalancer' && service.spec.loadBalancerClass === stack.loadBalancerClass;

/** What takes the hostnames of the apps. */
export const wildcard = `*.${stack.domain}`;

/** Whether no TLS listener of the stack's Gateway takes any name of the domain: then it is that which is wrong, not its routes or certificate. */
export const leftTheDomain = (gateway: KubeObject<'Gateway'>): boolean =>
  isNamed(gateway, stack.gateway) && hasLeft(gateway);

const hasLeft = ({ spec }: KubeObject<'Gateway'>): boolean =>
  spec.listeners.some(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS') &&
  !spec.listeners.some(({ protocol, hostname }) => protocol !== 'HTTP' && hostnamesIntersect(hostname, wildcard));
