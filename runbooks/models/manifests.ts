/** Which component a manifest belongs to: by its kind where that tells, else by the namespace in which the component lives. */
import type { ObjectRef } from '../../src/runbook/check.ts';
import type { ComponentId } from '../components.ts';
import { stack } from '#stack';
import { partNames } from '../parts.ts';

const byKind: Readonly<Record<string, ComponentId>> = {
  Certificate: 'certificate',
  CertificateRequest: 'certificate',
  CiliumNodeConfig: 'cilium',
  ClusterIssuer: 'clusterissuer',
  ClusterSecretStore: 'external-secrets',
  EnvoyProxy: 'envoyproxy',
  ExternalSecret: 'external-secrets',
  Gateway: 'gateway',
  GatewayClass: 'gatewayclass',
  HTTPRoute: 'httproute',
  Issuer: 'clusterissuer',
  ReferenceGrant: 'httproute',
  SecretStore: 'external-secrets',
};

const byNamespace: Readonly<Record<string, ComponentId>> = {
  [stack.certManager.namespace]: 'cert-manager',
  [stack.envoyGateway.namespace]: 'envoy-gateway',
  [partNames.externalDns.namespace]: 'external-dns',
  [partNames.externalSecrets.namespace]: 'external-secrets',
  [partNames.tailnetResolver.namespace]: 'tailnet-resolver',
  [stack.tailscaleOperator.namespace]: 'tailscale-operator',
  [partNames.vault.namespace]: 'vault',
};

/** Objects by name: what shares its namespace with other components. */
const byName: readonly { namespace: string; name: string; component: ComponentId }[] = [
  { ...partNames.internalService, component: 'internal-service' },
  { namespace: stack.coredns.namespace, name: stack.coredns.configMap, component: 'coredns' },
  { namespace: partNames.cilium.namespace, name: partNames.cilium.configMap, component: 'cilium' },
];

export function componentOf({ apiVersion, kind, namespace, name }: ObjectRef): ComponentId {
  const named = byName.find((one) => one.namespace === namespace && one.name === name);
  // A Namespace belongs to whoever lives in it, and so does what a component calls by its own name cluster-wide.
  const home = namespace ?? name;
  return (
    byKind[kind] ??
    named?.component ??
    byNamespace[home] ??
    (apiVersion.startsWith('cilium.io/') ? 'cilium' : kind === 'Service' ? 'app-service' : 'app-pod')
  );
}
