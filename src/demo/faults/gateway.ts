/** Faults of the Gateway, of its class, and of Envoy behind it. */
import { text } from '../../../packages/apiserver/objects/fields.ts';
import { listenersOf } from '../../../runbooks/stack-listeners.ts';
import { defineFault, type FaultOf } from '../fault.ts';
import { dummies, secret } from '../objects/build/basics.ts';
import { issuerRef } from '../objects/certificate.ts';
import { listener } from '../objects/gateway.ts';
import { certificate, create, envoyGateway, envoyProxy, gateway, gatewayClass, merge, ownListeners } from './roles.ts';

/** A tag that does not exist. */
const missing = 'docker.io/envoyproxy/envoy:distroless-v1.36.99';

/** A typing error: a part of the name, or a letter, is missing. */
function misspelt(name: string): string {
  const parts = name.split('-');
  return parts.length > 3 ? parts.toSpliced(-2, 1).join('-') : `${name.slice(0, -2)}${name.slice(-1)}`;
}

export const gatewayFaults: readonly FaultOf[] = [
  // Somebody renamed the EnvoyProxy in the class and not the object.
  defineFault({
    id: 'class-points-nowhere',
    title: 'The GatewayClass points at an EnvoyProxy that does not exist',
    component: 'gatewayclass',
    runbook: 'gateway-not-programmed',
    rootCause: 'gatewayclass/parameters-resolve#misnamed',
    since: '12m',
    needs: { gatewayClass, envoyProxy },
    cause: (cast, { gatewayClass: { name } }) => ({
      changes: [merge(cast.gatewayClass, { spec: { parametersRef: { name: `envoy-${name}` } } })],
    }),
  }),
  // Somebody scaled Envoy Gateway to zero; a listener that was added since is there for nobody.
  defineFault({
    id: 'controller-scaled-down',
    title: 'Envoy Gateway is scaled to zero',
    component: 'envoy-gateway',
    runbook: 'gateway-not-programmed',
    rootCause: 'envoy-gateway/ready#scaled-to-zero',
    since: '40m',
    needs: { envoyGateway, gateway },
    cause: (cast, stack) => ({
      changes: [
        merge(cast.envoyGateway, { spec: { replicas: 0 } }),
        merge(cast.gateway, {
          spec: {
            listeners: listenersOf(stack)
              .map(listener)
              .flatMap((own, index) =>
                index === 0 ? [own, { ...own, name: `${text(own, 'name')}-alt`, port: 8443 }] : [own],
              ),
          },
        }),
      ],
    }),
  }),
  // A known fault of Envoy Gateway: the Service has its address, and the Gateway goes on saying that it has none.
  defineFault({
    id: 'missed-address',
    title: 'Envoy Gateway missed the Service’s address',
    component: 'gateway',
    runbook: 'gateway-not-programmed',
    rootCause: 'gateway/agrees-with-its-service#address-missed',
    since: '2h',
    needs: { envoyGateway, gateway },
    cause: () => ({ world: { missedAddress: true } }),
  }),
  // A tag that does not exist, in the EnvoyProxy; and an Envoy at a time, so the one that ran is gone already.
  defineFault({
    id: 'envoy-image',
    title: 'Envoy’s image cannot be pulled',
    component: 'envoy',
    runbook: 'gateway-not-programmed',
    rootCause: 'envoy/ready#image-missing',
    since: '6m',
    needs: { envoyProxy },
    cause: (cast) => ({
      world: { missingImages: [missing] },
      changes: [
        merge(cast.envoyProxy, {
          spec: {
            provider: {
              kubernetes: { envoyDeployment: { strategy: { type: 'Recreate' }, container: { image: missing } } },
            },
          },
        }),
      ],
    }),
  }),
  // cert-manager renewed a month ago, as the Certificate says. Envoy never took the new certificate over, and the old one has ended.
  defineFault({
    id: 'old-certificate-served',
    title: 'Envoy still serves the certificate from before the renewal',
    component: 'envoy',
    runbook: 'request-path',
    rootCause: 'envoy/serves-a-valid-certificate#not-taken-over',
    since: '40m',
    needs: { envoyGateway, certificate },
    cause: () => ({ world: { servedCertificate: { notBefore: '{{ago 92d}}', notAfter: '{{ago 2d}}' } } }),
  }),
  // A typing error in the listener: the Secret that it names is written by nobody.
  defineFault({
    id: 'listener-wrong-secret',
    title: 'The listener names a Secret that no Certificate writes',
    component: 'gateway',
    runbook: 'certificate-not-ready',
    rootCause: 'certificate/ready#misnamed',
    since: '20m',
    needs: { gateway, certificate },
    cause: (cast, stack) => {
      const [followed, ...others] = listenersOf(stack);
      const { certificate: own } = followed;
      const wrong = { ...followed, certificate: { ...own, secret: misspelt(own.secret) } };
      return { changes: [merge(cast.gateway, { spec: { listeners: [wrong, ...others].map(listener) } })] };
    },
  }),
  // A listener for another hostname was made by copying the one above it, Secret and all: its routes are accepted, and browsers refuse it.
  defineFault({
    id: 'listener-copied',
    title: 'A listener serves the certificate of another hostname',
    component: 'gateway',
    runbook: 'required-wiring',
    rootCause: 'gateway/serves-fitting-certificates#other-certificate',
    since: '40m',
    needs: { gateway, ownListeners },
    cause: ({ gateway: own, ownListeners: [first, copy] }, stack) => ({
      changes: [
        merge(own, {
          spec: {
            listeners: listenersOf(stack).map((one) =>
              listener(one.name === copy.name ? { ...one, certificate: first.certificate } : one),
            ),
          },
        }),
      ],
    }),
  }),
  // Somebody wrote allowedRoutes beside the listeners, where the API server drops it: left out, a listener takes its own namespace only.
  defineFault({
    id: 'route-not-allowed',
    title: 'The listener takes routes of its own namespace only',
    component: 'gateway',
    runbook: 'route-not-reachable',
    rootCause: 'httproute/is-allowed-by-the-listener#own-namespace-only',
    since: '10m',
    needs: { gateway },
    cause: (cast, stack) => {
      const [followed, ...others] = listenersOf(stack);
      const { allowedRoutes: _allowed, ...left } = listener(followed);
      return { changes: [merge(cast.gateway, { spec: { listeners: [left, ...others.map(listener)] } })] };
    },
  }),
  // The Certificate moved to a namespace of its own, and nothing there lets the Gateway use its Secret.
  defineFault({
    id: 'reference-not-granted',
    title: 'No ReferenceGrant lets the listener use its Secret',
    component: 'gateway',
    runbook: 'certificate-not-ready',
    rootCause: 'certificate/may-be-referenced#not-granted',
    since: '20m',
    needs: { gateway, certificate },
    cause: (cast, stack) => {
      const [namespace, name] = ['certificates', 'gateway-tls'];
      const [followed, ...others] = listenersOf(stack);
      const tls = { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', namespace, name }] };
      return {
        changes: [
          merge(cast.gateway, { spec: { listeners: [{ ...listener(followed), tls }, ...others.map(listener)] } }),
          create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
          create({
            apiVersion: 'cert-manager.io/v1',
            kind: 'Certificate',
            metadata: { namespace, name: 'gateway' },
            spec: { secretName: name, dnsNames: [followed.hostname], issuerRef: issuerRef(stack) },
            status: {
              notAfter: '{{in 89d}}',
              renewalTime: '{{in 59d}}',
              revision: 1,
              conditions: [
                {
                  type: 'Ready',
                  status: 'True',
                  reason: 'Ready',
                  message: 'Certificate is up to date and has not expired',
                  observedGeneration: 1,
                  lastTransitionTime: '{{ago 1d}}',
                },
              ],
            },
          }),
          create(secret({ namespace, name }, 'kubernetes.io/tls', dummies('tls.crt', 'tls.key'))),
        ],
      };
    },
  }),
];
