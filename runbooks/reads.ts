/**
 * The reads that several checks share. Lists over all namespaces, so that names and namespaces may differ from the stack's
 * and one request serves every check.
 */
import { list, object } from '../src/runbook/read.ts';
import { stack } from './stack.ts';

export const certificates = list('Certificate', 'which Certificate fills a listener’s Secret, and for which names');
export const ciliumConfig = object(
  'ConfigMap',
  { namespace: stack.cilium.namespace, name: stack.cilium.configMap },
  'how Cilium’s agents are configured',
);
export const ciliumNodeConfigs = list('CiliumNodeConfig', 'which nodes override that configuration');
export const daemonSets = list(
  'DaemonSet',
  'whether a left-over kube-proxy runs, and Envoy where it runs on every node',
);
export const deployments = list('Deployment', 'whether controllers and Envoy have available replicas');
export const envoyProxies = list('EnvoyProxy', 'what kind of Service is asked for in front of Envoy');
export const gatewayClasses = list(
  'GatewayClass',
  'which controller and parameters a class names, and whether it is accepted',
);
export const gateways = list('Gateway', 'listeners, addresses and conditions of each Gateway');
export const httpRoutes = list('HTTPRoute', 'which hostnames are routed, and through which Gateway');
export const pods = list('Pod', 'why a workload is not available, and when each Cilium agent started');
export const services = list('Service', 'the Service in front of Envoy, its class and its address');
export const statefulSets = list('StatefulSet', 'the Tailscale proxies and where they forward to');
