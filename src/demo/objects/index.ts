/**
 * The healthy demo cluster: every object of somebody's stack, as `kubectl` would accept it, from the names in the stack file alone. What
 * stands in infrastructure/ and apps/ is not asked; a test holds them to one another.
 */
import { mergeDocuments } from '../../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ifThere, partOf } from '../part.ts';
import { clusterIp, tailnetAddress } from '../addresses.ts';
import { customResourceDefinitions } from '../custom-resources.ts';
import { apps, routedHostnames } from './apps/apps.ts';
import { applied } from './build/applied.ts';
import { certManager } from './cert-manager.ts';
import { certificate } from './certificate.ts';
import { cilium } from './cilium.ts';
import { coreDns } from './coredns.ts';
import { copiedCredentials, handmadeCredentials } from './credentials.ts';
import { envoyGateway } from './envoy-gateway.ts';
import { externalDns } from './external-dns.ts';
import { externalSecrets } from './external-secrets.ts';
import { gatewayObjects, managedService } from './gateway.ts';
import { kubeProxy } from './kube-proxy.ts';
import { kubernetes } from './kubernetes.ts';
import { machine } from './machine.ts';
import { gatewayServiceUid, proxy, resolverServiceUid, tailscaleOperator } from './tailscale.ts';
import { tailnetResolver } from './tailnet-resolver.ts';
import { vault } from './vault.ts';

/** The devices of the tailnet that are in the cluster: the Gateway's, and the resolver's. */
const gatewayProxy = (stack: Stack): readonly KubernetesObject[] =>
  proxy(stack, {
    service: { ...managedService(stack), uid: gatewayServiceUid, clusterIP: clusterIp.gateway },
    device: stack.device.name,
    address: tailnetAddress.gateway,
    ip: '10.0.0.22',
    suffix: gatewayProxySuffix,
    slice: 'vlgzv',
  });

const resolverProxy = (stack: Stack): readonly KubernetesObject[] => {
  const own = partOf(stack, 'tailnetResolver');
  return proxy(stack, {
    service: { ...own, uid: resolverServiceUid, clusterIP: clusterIp.resolver },
    device: own.device,
    address: tailnetAddress.resolver,
    ip: '10.0.0.23',
    suffix: 'm4v9t',
    slice: 'l865g',
  });
};

const gatewayProxySuffix = 'x7k2q';

/** Every object of a stack's demo cluster. Where two of them are one, as a namespace that two components share, they are merged. */
export const objectsOf = (stack: Stack): readonly KubernetesObject[] =>
  mergeDocuments([
    ...customResourceDefinitions(stack),
    ...kubernetes,
    ...machine(stack),
    ...(stack.cilium === null ? kubeProxy(stack) : cilium(stack)),
    ...coreDns(stack),
    ...ifThere(stack, 'vault', vault),
    ...ifThere(stack, 'externalSecrets', externalSecrets),
    ...(stack.externalSecrets === null ? handmadeCredentials(stack) : copiedCredentials(stack)),
    ...certManager(stack),
    ...applied(certificate(stack)),
    ...tailscaleOperator(stack),
    ...envoyGateway(stack),
    ...applied(gatewayObjects(stack, routedHostnames(stack))),
    ...gatewayProxy(stack),
    ...ifThere(stack, 'tailnetResolver', (own) => [...resolverProxy(own), ...applied(tailnetResolver(own))]),
    ...applied(ifThere(stack, 'externalDns', externalDns)),
    ...applied(apps(stack)),
  ]);
