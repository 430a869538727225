import { defineRunbook } from '../../src/runbook/runbook.ts';
import * as certificate from '../components/certificate/certificate.ts';
import * as cilium from '../components/cilium/cilium.ts';
import * as envoyproxy from '../components/envoyproxy/envoyproxy.ts';
import * as externalDns from '../components/external-dns/external-dns.ts';
import * as externalSecrets from '../components/external-secrets/sync.ts';
import * as gatewayCertificate from '../components/gateway/certificate.ts';
import * as gateway from '../components/gateway/gateway.ts';
import * as gatewayclass from '../components/gatewayclass/gatewayclass.ts';
import * as exposure from '../components/httproute/exposure.ts';
import * as httproute from '../components/httproute/httproute.ts';
import * as admission from '../components/httproute/admission.ts';
import * as attachment from '../components/httproute/attachment.ts';
import * as managedService from '../components/managed-service/managed-service.ts';
import { deviceName } from '../components/tailscale-proxy/name.ts';
import { ifThere } from '../parts.ts';

export const requiredWiring = defineRunbook({
  id: 'required-wiring',
  title: 'Required wiring',
  summary: `Audits everything that has to be aligned for HTTPS over the tailnet: ${ifThere('cilium', 'Cilium, ')}EnvoyProxy, Gateway, ${ifThere('externalDns', 'ExternalDNS, ')}cert-manager${ifThere('vault', ', HTTPRoutes and the credentials from Vault', ' and HTTPRoutes')}.`,
  checks: [
    // Cilium replaces kube-proxy, and its socket load balancer leaves pods alone.
    cilium.replacesIt,
    cilium.replacementIsKnown,
    cilium.hostNamespaceOnly,
    cilium.agentsRestarted,
    cilium.noKubeProxy,
    // EnvoyProxy asks for a LoadBalancer of Tailscale's class, with a stable name.
    envoyproxy.asksForTailscale,
    envoyproxy.asksForStableName,
    managedService.isOfTailscalesClass,
    deviceName,
    // The Gateway is of the class that leads to that EnvoyProxy, and serves the wildcard certificate.
    gatewayclass.parametersResolve,
    gatewayclass.accepted,
    gatewayCertificate.servesCertificate,
    gateway.listenersReady,
    // cert-manager keeps that certificate, in the Gateway's namespace.
    certificate.ready,
    // ExternalDNS points records at the device.
    externalDns.watchesRoutes,
    externalDns.targetIsTheDevice,
    // Routes live with their apps, on a listener that lets them in, and are exposed unless split horizon answers for them.
    attachment.namesGateway,
    admission.isAllowed,
    httproute.hostnamesAreServed,
    exposure.isExposed,
    externalDns.routesYieldRecords,
    externalDns.leavesSplitHorizonAlone,
    // Credentials come from Vault.
    externalSecrets.synced,
  ],
});
