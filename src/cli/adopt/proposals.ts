/**
 * The names of a stack as its objects tell them: from a Gateway along its references, and from what runs by its image. What several objects
 * may tell is told by none. Pure.
 */
import { missed } from '../../runbook/fact.ts';
import type { KubeObject } from '../../runbook/kinds.ts';
import {
  hangsOn,
  isManagedFor,
  requestedService,
  resolved,
  type ResolvedGateway,
} from '../../../runbooks/models/topology.ts';
import type { Facts } from './facts.ts';
import { certificateOf, domainOfListeners, httpsListener, ofListeners } from './listeners.ts';
import { namesOfPrograms } from './programs.ts';
import { fullName, only, toldBy, type Proposal } from './told.ts';

type Gateway = KubeObject<'Gateway'>;

/** The Gateways of which one may be meant: those that Tailscale exposes where there are any, else all. */
export function candidates(facts: Facts): readonly Gateway[] {
  const all = resolved(facts).filter(({ gateway }) => gateway.metadata.namespace !== undefined);
  const onTailnet = all.filter(
    ({ envoyProxy, services }) =>
      requestedService(envoyProxy).loadBalancerClass === 'tailscale' ||
      services.some(({ spec }) => spec?.loadBalancerClass === 'tailscale'),
  );
  return (onTailnet.length > 0 ? onTailnet : all).map(({ gateway }) => gateway);
}

/** Everything that is told, given the Gateway that is meant, and perhaps the domain; without a Gateway, what runs. */
export function proposalsFrom(facts: Facts, gateway: string | undefined, domain?: string): readonly Proposal[] {
  const found = resolved(facts).find((one) => fullName(one.gateway) === gateway);
  const told = found === undefined ? [] : finders.flatMap((find) => attempt(() => find(found, facts, domain)));
  return [...told, ...attempt(() => namesOfPrograms(facts))];
}

type Finder = (found: ResolvedGateway, facts: Facts, domain: string | undefined) => readonly Proposal[];

/** What only a cluster tells, or what is of another shape, tells nothing. */
function attempt(find: () => readonly Proposal[]): readonly Proposal[] {
  try {
    return find();
  } catch (error) {
    missed(error);
    return [];
  }
}

const finders: readonly Finder[] = [
  ofGateway,
  ofClass,
  ofDomain,
  ofDevice,
  ofTailnet,
  (found, facts, domain = ofDomain(found, facts)[0]?.value) => ofListeners(found.gateway, facts, domain),
  ofIssuer,
  ofInternalService,
];

function ofGateway({ gateway }: ResolvedGateway): readonly Proposal[] {
  const { namespace, name } = gateway.metadata;
  return toldBy(gateway, {
    'gateway.namespace': namespace,
    'gateway.name': name,
    'gatewayClass.name': gateway.spec.gatewayClassName,
  });
}

function ofClass({ gatewayClass, envoyProxy }: ResolvedGateway): readonly Proposal[] {
  return [
    ...(gatewayClass === undefined
      ? []
      : toldBy(gatewayClass, { 'envoyGateway.controllerName': gatewayClass.spec.controllerName })),
    ...(envoyProxy === undefined
      ? []
      : toldBy(envoyProxy, {
          'envoyProxy.namespace': envoyProxy.metadata.namespace,
          'envoyProxy.name': envoyProxy.metadata.name,
        })),
  ];
}

/** What the listener's wildcard, the certificate's, or the hostnames of the routes have in common. */
function ofDomain({ gateway }: ResolvedGateway, facts: Facts): readonly Proposal[] {
  const wildcard = httpsListener(gateway)?.hostname;
  if (wildcard?.startsWith('*.') === true) return toldBy(gateway, { domain: wildcard.slice(2) });
  const certificate = certificateOf(gateway, httpsListener(gateway), facts);
  const covered = only(certificate?.spec.dnsNames?.filter((name) => name.startsWith('*.')) ?? [])?.slice(2);
  if (certificate !== undefined && covered !== undefined) return toldBy(certificate, { domain: covered });
  const common = domainOfListeners(gateway);
  if (common !== undefined) return toldBy(gateway, { domain: common });
  const routes = facts.httpRoutes.filter((route) => hangsOn(route, gateway));
  const parents = routes.flatMap(({ spec }) => spec.hostnames ?? []).map((name) => name.slice(name.indexOf('.') + 1));
  const domain = only([...new Set(parents)]);
  const [first] = routes;
  return first === undefined ? [] : toldBy(first, { domain });
}

function ofDevice({ envoyProxy, gateway, services }: ResolvedGateway): readonly Proposal[] {
  const [service] = services;
  const annotations = {
    ...service?.metadata.annotations,
    ...gateway.spec.infrastructure?.annotations,
    ...requestedService(envoyProxy).annotations,
  };
  return toldBy(envoyProxy ?? service ?? gateway, {
    'device.name': annotations['tailscale.com/hostname'],
    'device.tag': annotations['tailscale.com/tags']?.split(',')[0],
    loadBalancerClass: requestedService(envoyProxy).loadBalancerClass,
  });
}

function ofTailnet({ gateway, services }: ResolvedGateway): readonly Proposal[] {
  const hosts = [
    ...(gateway.status?.addresses ?? []).map(({ value }) => value),
    ...services.flatMap(({ status }) => status?.loadBalancer?.ingress ?? []).map(({ hostname = '' }) => hostname),
  ];
  const [, device, tailnet] = hosts.map((host) => /^([^.]+)\.(.+\.ts\.net)$/.exec(host)).find((host) => host) ?? [];
  return toldBy(gateway, { 'device.name': device, tailnet });
}

function ofIssuer({ gateway }: ResolvedGateway, facts: Facts): readonly Proposal[] {
  const certificate = certificateOf(gateway, httpsListener(gateway), facts);
  if (certificate === undefined) return [];
  const { issuerRef } = certificate.spec;
  const name = issuerRef.kind === 'ClusterIssuer' ? issuerRef.name : undefined;
  const issuer = facts.clusterIssuers.find(({ metadata }) => metadata.name === name);
  const [token] = (issuer?.spec.acme?.solvers ?? []).flatMap(({ dns01 }) => dns01?.cloudflare?.apiTokenSecretRef ?? []);
  return [
    ...toldBy(certificate, { 'clusterIssuer.name': name }),
    ...(issuer === undefined ? [] : toldBy(issuer, { 'certManager.tokenSecret': token?.name })),
  ];
}

/** A Service of somebody's own in front of the Gateway's proxies. */
function ofInternalService({ gateway }: ResolvedGateway, { services }: Facts): readonly Proposal[] {
  const own = services.filter(
    (service) =>
      !isManagedFor(service, gateway) &&
      service.spec?.selector?.['gateway.envoyproxy.io/owning-gateway-name'] === gateway.metadata.name,
  );
  const service = only(own);
  return service === undefined
    ? []
    : toldBy(service, {
        'internalService.namespace': service.metadata.namespace,
        'internalService.name': service.metadata.name,
      });
}
