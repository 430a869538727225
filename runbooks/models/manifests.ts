/** What manifests are to the stack: to which component one belongs, and whether they are the stack's at all. */
import { referencesOf, type Nameable } from '../../src/kinds/references.ts';
import type { ObjectRef } from '../../src/runbook/check.ts';
import type { ComponentId } from '../components.ts';
import { stack } from '#stack';
import { partNames } from '../parts.ts';
import { isStackGateway } from './topology.ts';

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

/** Whether manifests are those of the stack file: they have its Gateway, or something that names it. */
export const isOfStack = (objects: readonly Nameable[]): boolean =>
  objects.some(
    (object) =>
      (object.kind === 'Gateway' && isStackGateway(object.metadata)) ||
      referencesOf(object).some((reference) => reference.kind === 'Gateway' && isStackGateway(reference)),
  );

/** What to know of manifests that have Gateways, and not the stack file's: a sentence, or none. */
export function otherNames(objects: readonly Nameable[]): readonly string[] {
  const gateways = objects.filter(({ kind }) => kind === 'Gateway').map(({ metadata }) => metadata);
  const [first] = gateways;
  if (first === undefined || isOfStack(objects)) return [];
  const names = [...new Set(gateways.map(({ namespace = 'default', name }) => `${namespace}/${name}`))];
  const shown = names.slice(0, 5).join(', ');
  return [
    `The manifests have no Gateway ${stack.gateway.namespace}/${stack.gateway.name}, which the stack file names; they have ${shown}${names.length > 5 ? ', …' : ''}. Name the one that is meant: --gateway ${names[0] ?? ''}`,
  ];
}

/** By its kind where that tells, else by the namespace in which the component lives. */
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
