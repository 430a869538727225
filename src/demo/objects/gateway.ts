/** The Gateway as infrastructure/gateway has it, and the Envoy that Envoy Gateway has made for it. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { listenerFor, listenersOf, type StackListener } from '../../../runbooks/stack-listeners.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ifThere, partOf } from '../part.ts';
import { clusterIp, tailnetAddress } from '../addresses.ts';
import {
  deploymentSpec,
  managed,
  managedName,
  ownerName,
  ownerNamespace,
  sds,
} from '../controllers/envoy-gateway/managed.ts';
import { type Labels, observed } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment, type DeploymentTemplate, type Deployed } from './build/workloads.ts';
import { envoyGatewayImage } from './envoy-gateway.ts';
import { prefix } from './external-dns.ts';
import { deviceName, exposedByTailscale, gatewayServiceUid } from './tailscale.ts';

/** What a Gateway's listener says: HTTPS for every name under the domain, or for one. */
export const listener = ({ name, hostname, certificate }: StackListener): Fields => ({
  name,
  protocol: 'HTTPS',
  port: 443,
  hostname,
  tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: certificate.secret }] },
  allowedRoutes: { namespaces: { from: 'All' } },
});

/** The parent of an app's route. */
export const parentRef = (stack: Stack, hostname: string): Fields => ({
  group: 'gateway.networking.k8s.io',
  kind: 'Gateway',
  namespace: stack.gateway.namespace,
  name: stack.gateway.name,
  sectionName: listenerFor(stack, hostname).name,
});

const gatewayClass = ({ gatewayClass: { name }, envoyGateway, envoyProxy }: Stack): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name, finalizers: ['gateway-exists-finalizer.gateway.networking.k8s.io'] },
  spec: {
    controllerName: envoyGateway.controllerName,
    parametersRef: {
      group: 'gateway.envoyproxy.io',
      kind: 'EnvoyProxy',
      name: envoyProxy.name,
      namespace: envoyProxy.namespace,
    },
  },
  status: { conditions: [observed('Accepted', '30d', 'Accepted', 'Valid GatewayClass')] },
});

const deviceAnnotations = ({ device }: Stack): Labels => ({
  'tailscale.com/hostname': device.name,
  'tailscale.com/tags': device.tag,
});

const envoyProxy = (stack: Stack): KubernetesObject => ({
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'EnvoyProxy',
  metadata: { name: stack.envoyProxy.name, namespace: stack.envoyProxy.namespace },
  spec: {
    provider: {
      type: 'Kubernetes',
      kubernetes: {
        envoyService: {
          type: 'LoadBalancer',
          loadBalancerClass: stack.loadBalancerClass,
          allocateLoadBalancerNodePorts: false,
          externalTrafficPolicy: 'Cluster',
          annotations: deviceAnnotations(stack),
        },
      },
    },
  },
});

function gateway(stack: Stack, hostnames: readonly string[]): KubernetesObject {
  const { namespace, name } = stack.gateway;
  const device = deviceName(stack, stack.device.name);
  const listeners = listenersOf(stack);
  const attached = Map.groupBy(hostnames, (hostname) => listenerFor(stack, hostname).name);
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: {
      name,
      namespace,
      ...(stack.externalDns === null ? {} : { annotations: { [`${prefix}target`]: device } }),
    },
    spec: { gatewayClassName: stack.gatewayClass.name, listeners: listeners.map(listener) },
    status: {
      addresses: [
        { type: 'IPAddress', value: tailnetAddress.gateway },
        { type: 'Hostname', value: device },
      ],
      conditions: [
        observed('Accepted', '30d', 'Accepted', 'The Gateway has been scheduled by Envoy Gateway'),
        observed('Programmed', '30d', 'Programmed', 'Address assigned to the Gateway, 1/1 envoy replicas available'),
      ],
      listeners: listeners.map((one) => ({
        name: one.name,
        attachedRoutes: attached.get(one.name)?.length ?? 0,
        supportedKinds: ['HTTPRoute', 'GRPCRoute'].map((kind) => ({ group: 'gateway.networking.k8s.io', kind })),
        conditions: [
          observed('Programmed', '30d', 'Programmed', 'Sending translated listener configuration to the data plane'),
          observed('Accepted', '30d', 'Accepted', 'Listener has been successfully translated'),
          observed('ResolvedRefs', '30d', 'ResolvedRefs', 'Listener references have been resolved'),
        ],
      })),
    },
  };
}

/** What Envoy Gateway's objects for the Gateway are called, and how it finds them. */
const envoyOf = ({ gateway: { namespace, name }, envoyGateway }: Stack) => ({
  namespace: envoyGateway.namespace,
  name: managedName(namespace, name),
  labels: { ...managed, [ownerName]: name, [ownerNamespace]: namespace } as Labels,
});

/** The Service through which the tailnet reaches Envoy. */
export const managedService = (stack: Stack): { namespace: string; name: string } => {
  const { namespace, name } = envoyOf(stack);
  return { namespace, name };
};

/** The Envoy that the controller makes for the Gateway. The listener's port 443 is 10443 in the pod. */
function envoy(stack: Stack): Deployed {
  const { labels, ...own } = envoyOf(stack);
  const spec = deploymentSpec({
    gateway: `${stack.gateway.namespace}/${stack.gateway.name}`,
    ...own,
    selector: labels,
    labels,
    options: {},
    ports: [{ name: 'https-443', protocol: 'TCP', port: 443, containerPort: 10443 }],
    managerImage: envoyGatewayImage,
  });
  return deployment(
    stack.node,
    { ...own, labels, spec: { replicas: 1, ...spec } as DeploymentTemplate['spec'] },
    { made: '30d', started: '30d', ips: ['10.0.0.34'], hash: '62bnqs4jw', suffixes: ['chmm8'] },
  );
}

/** Two controllers, one Service: Envoy Gateway makes it from the EnvoyProxy, and the Tailscale Operator takes it for its class. */
function entrance(stack: Stack, pods: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const { labels, ...own } = envoyOf(stack);
  return service({
    ...own,
    made: '30d',
    labels,
    metadata: {
      uid: gatewayServiceUid,
      annotations: deviceAnnotations(stack),
      finalizers: ['tailscale.com/finalizer'],
    },
    clusterIP: clusterIp.gateway,
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: stack.loadBalancerClass,
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Cluster',
      selector: labels,
      ports: [servicePort('https-443', 443, 10443)],
    },
    status: exposedByTailscale(deviceName(stack, stack.device.name), tailnetAddress.gateway),
    pods,
    suffix: 'vf78m',
  });
}

const internalService = (stack: Stack, pods: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  service({
    ...partOf(stack, 'internalService'),
    clusterIP: clusterIp.internal,
    spec: {
      selector: { [ownerName]: stack.gateway.name, [ownerNamespace]: stack.gateway.namespace },
      ports: [servicePort('https', 443, 10443)],
    },
    pods,
    suffix: 'njddc',
  });

/** @param hostnames Those of the routes that hang on the Gateway. */
export function gatewayObjects(stack: Stack, hostnames: readonly string[]): readonly KubernetesObject[] {
  const { labels, ...own } = envoyOf(stack);
  const { objects, pods } = envoy(stack);
  const beside = (kind: string, content: Fields = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { ...own, labels },
    ...content,
  });
  return [
    gatewayClass(stack),
    envoyProxy(stack),
    gateway(stack, hostnames),
    beside('ServiceAccount'),
    beside('ConfigMap', { data: sds }),
    ...objects,
    ...entrance(stack, pods),
    ...ifThere(stack, 'internalService', () => internalService(stack, pods)),
  ];
}
