/**
 * The reads that several checks share. Lists over all namespaces, so that names and namespaces may differ from the stack's
 * and one request serves every check.
 */
import { list, object, plain } from '../../src/runbook/read.ts';
import { stack } from '#stack';
import { ifThere, partNames } from '../parts.ts';

export const certificates = list('Certificate', 'which Certificate fills a listener’s Secret, and for which names');
export const ciliumConfig = object(
  'ConfigMap',
  { namespace: partNames.cilium.namespace, name: partNames.cilium.configMap },
  'how Cilium’s agents are configured',
);
export const ciliumClusterwidePolicies = list(
  'CiliumClusterwideNetworkPolicy',
  'which traffic policies of the whole cluster let pass',
);
export const ciliumNetworkPolicies = list('CiliumNetworkPolicy', 'which traffic Cilium’s policies let pass');
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
export const pods = list(
  'Pod',
  `why a workload is not available${ifThere('cilium', ', and when each Cilium agent started')}`,
);
export const services = list('Service', 'the Service in front of Envoy, its class and its address');
export const statefulSets = list('StatefulSet', 'the Tailscale proxies and where they forward to');

export const certificateRequests = list('CertificateRequest', 'what came of each request for a certificate');
export const challenges = list('Challenge', 'what a DNS-01 challenge waits for');
export const clusterIssuers = list('ClusterIssuer', 'whether an issuer has an account, and how it proves a domain');
export const clusterSecretStores = list('ClusterSecretStore', 'whether External Secrets can use Vault');
export const corefile = object(
  'ConfigMap',
  { namespace: stack.coredns.namespace, name: stack.coredns.configMap },
  'how CoreDNS answers pods',
);
export const cronJobs = list('CronJob', 'whether the updater is scheduled, and when it last succeeded');
export const endpointSlices = list('EndpointSlice', 'which pods answer behind a Service');
export const externalSecrets = list('ExternalSecret', 'which Secrets are synced, from where, and when last');
export const issuers = list('Issuer', 'whether an issuer has an account, and how it proves a domain');
export const jobs = list('Job', 'how the updater’s last runs ended');
export const namespaces = list('Namespace', 'which namespaces a listener’s selector takes');
export const networkPolicies = list('NetworkPolicy', 'which traffic policies let pass');
export const orders = list('Order', 'what the certificate authority says of an order');
export const referenceGrants = list('ReferenceGrant', 'which references across namespaces are allowed');
export const resolverConfig = object(
  'ConfigMap',
  { namespace: partNames.tailnetResolver.namespace, name: partNames.tailnetResolver.name },
  'how the tailnet resolver answers',
);
export const secretStores = list('SecretStore', 'whether External Secrets can use a namespaced store');
export const warnings = list('Event', 'what controllers complained of', { fields: { type: 'Warning' } });

/** What it takes to see which Gateways are on the tailnet, and what belongs to each: the reads behind `topology.ts`. */
export const topologyReads = {
  gateways: plain(gateways),
  gatewayClasses: plain(gatewayClasses),
  envoyProxies: plain(envoyProxies),
  services: plain(services),
};
