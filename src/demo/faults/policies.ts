/** Faults of network policies: what somebody closed, and forgot to let through. Without Cilium nobody enforces them in the demo. */
import type { Stack } from '../../../runbooks/stack-type.ts';
import { ownerName, ownerNamespace } from '../controllers/envoy-gateway/managed.ts';
import { defineFault, type FaultOf } from '../fault.ts';
import { partOf } from '../part.ts';
import {
  certManager,
  ciliumSettings,
  create,
  envoyGateway,
  exposedApp,
  externalDns,
  gateway,
  gatewayProxy,
  gatewayService,
  lastExposedApp,
  store,
  vaultServer,
} from './roles.ts';

const policy = (namespace: string, name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace, name },
  spec,
});

/** Out to the API server and to DNS, and nowhere else. */
const leastEgress = (namespace: string, { coredns }: Stack) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { namespace, name: 'least-egress' },
  spec: {
    endpointSelector: {},
    egress: [
      { toEntities: ['kube-apiserver'] },
      {
        toEndpoints: [
          { matchLabels: { 'k8s:io.kubernetes.pod.namespace': coredns.namespace, 'k8s:k8s-app': 'kube-dns' } },
        ],
        toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
      },
    ],
  },
});

export const policyFaults: readonly FaultOf[] = [
  // Somebody closed an app’s namespace, as guides advise, and did not think of who comes in.
  defineFault({
    id: 'policy-keeps-envoy-out',
    title: 'A network policy keeps Envoy out of an app’s namespace',
    component: 'app-pod',
    runbook: 'route-not-reachable',
    rootCause: 'app-pod/lets-envoy-in#kept-out',
    since: '35m',
    needs: { exposedApp, ciliumSettings },
    cause: ({ exposedApp: { app } }) => ({
      changes: [create(policy(app.namespace, 'default-deny', { podSelector: {}, policyTypes: ['Ingress'] }))],
    }),
  }),
  // A port was banned for the whole cluster, after a scare; the app that listens there was forgotten.
  defineFault({
    id: 'policy-denies-a-port',
    title: 'A policy of the whole cluster denies an app’s port',
    component: 'app-pod',
    runbook: 'route-not-reachable',
    rootCause: 'app-pod/lets-envoy-in#denied',
    since: '50m',
    needs: {
      lastExposedApp: (healthy) => {
        const found = lastExposedApp(healthy);
        // Other apps may listen on the same port.
        const users = healthy.stack.apps.filter(({ containerPort }) => containerPort === found?.app.containerPort);
        return users.length === 1 ? found : undefined;
      },
      ciliumSettings,
    },
    cause: ({ lastExposedApp: { app } }) => ({
      changes: [
        create({
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumClusterwideNetworkPolicy',
          metadata: { name: `ban-${app.containerPort}` },
          spec: {
            endpointSelector: {},
            enableDefaultDeny: { ingress: false, egress: false },
            ingressDeny: [
              {
                fromEntities: ['world', 'cluster'],
                toPorts: [{ ports: [{ port: String(app.containerPort), protocol: 'TCP' }] }],
              },
            ],
          },
        }),
      ],
    }),
  }),
  // Envoy’s namespace lets in its own pods alone: the Tailscale proxy lives in another one.
  defineFault({
    id: 'policy-keeps-proxy-out',
    title: 'A network policy keeps the Tailscale proxy out of Envoy’s namespace',
    component: 'envoy',
    runbook: 'cilium-socket-lb',
    rootCause: 'envoy/lets-the-proxy-in#kept-out',
    since: '30m',
    needs: { gateway, gatewayService, gatewayProxy, ciliumSettings },
    cause: (cast, stack) => ({
      changes: [
        create(
          policy(stack.envoyGateway.namespace, 'same-namespace', {
            podSelector: {
              matchLabels: {
                [ownerNamespace]: cast.gateway.metadata.namespace ?? '',
                [ownerName]: cast.gateway.metadata.name,
              },
            },
            policyTypes: ['Ingress'],
            ingress: [{ from: [{ podSelector: {} }] }],
          }),
        ),
      ],
    }),
  }),
  // Envoy may go out to the apps, and no more to whom it has its configuration from. What runs goes on, until it starts anew.
  defineFault({
    id: 'policy-cuts-envoy-off',
    title: 'A network policy cuts Envoy off from Envoy Gateway',
    component: 'envoy-gateway',
    runbook: 'gateway-not-programmed',
    rootCause: 'envoy-gateway/lets-envoy-in#kept-in',
    since: '20m',
    needs: { gateway, envoyGateway, gatewayService, ciliumSettings },
    cause: (cast, stack) => ({
      changes: [
        create(
          policy(stack.envoyGateway.namespace, 'envoy-to-apps', {
            podSelector: {
              matchLabels: {
                [ownerNamespace]: cast.gateway.metadata.namespace ?? '',
                [ownerName]: cast.gateway.metadata.name,
              },
            },
            policyTypes: ['Egress'],
            egress: [
              {
                to: [
                  {
                    namespaceSelector: {
                      matchExpressions: [
                        {
                          key: 'kubernetes.io/metadata.name',
                          operator: 'NotIn',
                          values: [stack.envoyGateway.namespace],
                        },
                      ],
                    },
                  },
                ],
              },
            ],
          }),
        ),
      ],
    }),
  }),
  // Whoever closed the namespace knew of the API server and of DNS. The certificate is good for weeks, and nothing shows.
  defineFault({
    id: 'policy-keeps-cert-manager-in',
    title: 'A network policy keeps cert-manager from the internet',
    component: 'cert-manager',
    runbook: 'certificate-not-ready',
    rootCause: 'cert-manager/reaches-what-it-needs#kept-in',
    since: '40m',
    needs: { certManager, ciliumSettings },
    cause: (_cast, stack) => ({ changes: [create(leastEgress(stack.certManager.namespace, stack))] }),
  }),
  // The same for who writes records: those that there are stay.
  defineFault({
    id: 'policy-keeps-external-dns-in',
    title: 'A network policy keeps ExternalDNS from Cloudflare',
    component: 'external-dns',
    runbook: 'dns-record-missing',
    rootCause: 'external-dns/reaches-what-it-needs#kept-in',
    since: '40m',
    needs: { externalDns, ciliumSettings },
    cause: (_cast, stack) => ({
      changes: [create(leastEgress(partOf(stack, 'externalDns').namespace, stack))],
    }),
  }),
  // What copies credentials may ask the API server and DNS; Vault was left out.
  defineFault({
    id: 'policy-keeps-vault-away',
    title: 'A network policy keeps External Secrets from Vault',
    component: 'external-secrets',
    runbook: 'secrets-not-synced',
    rootCause: 'external-secrets/reaches-vault#kept-in',
    since: '45m',
    needs: { store, vaultServer, ciliumSettings },
    cause: (_cast, stack) => ({
      changes: [create(leastEgress(partOf(stack, 'externalSecrets').namespace, stack))],
    }),
  }),
];
