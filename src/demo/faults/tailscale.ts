/** Faults of the way from the tailnet to Envoy: the EnvoyProxy's wishes, the operator, its proxy, and who connects. */
import { defineFault, type FaultOf } from '../fault.ts';
import { kubeProxyConfig, kubeProxySet } from '../objects/kube-proxy.ts';
import {
  create,
  ciliumSettings,
  envoyProxy,
  gatewayProxy,
  gatewayService,
  merge,
  placeOf,
  remove,
  tailscaleOperator,
} from './roles.ts';

/** The words of an operator whose OAuth client was revoked. */
const lastWords = `{"level":"info","ts":"{{ago 0s}}","logger":"startup","msg":"Startup"}
{"level":"fatal","ts":"{{ago 0s}}","logger":"startup","msg":"error creating operator authkey: oauth2: cannot fetch token: 401 Unauthorized\\nResponse: {\\"message\\":\\"API token invalid\\"}"}
`;

export const tailscaleFaults: readonly FaultOf[] = [
  // Without tailscale.com/hostname the Tailscale Operator makes a name up, and DNS goes on leading to the old one.
  defineFault({
    id: 'envoyproxy-without-hostname',
    title: 'The EnvoyProxy asks for no device name',
    component: 'envoyproxy',
    runbook: 'required-wiring',
    rootCause: 'envoyproxy/asks-for-a-stable-name#other-name',
    since: '40m',
    needs: {
      envoyProxy,
      /** Records lead to the device by its name; the resolver alone would answer with its address. */
      byName: ({ stack }) => (stack.externalDns !== null || stack.tailnetResolver === null ? true : undefined),
    },
    cause: (cast) => ({
      changes: [
        merge(cast.envoyProxy, {
          spec: { provider: { kubernetes: { envoyService: { annotations: { 'tailscale.com/hostname': null } } } } },
        }),
      ],
    }),
  }),
  // The EnvoyProxy lost its loadBalancerClass in an edit; the Service was made anew without one, and nobody takes it.
  defineFault({
    id: 'service-without-class',
    title: 'The EnvoyProxy asks for a LoadBalancer without class',
    component: 'envoyproxy',
    runbook: 'gateway-not-programmed',
    rootCause: 'envoyproxy/asks-for-tailscale#without-class',
    since: '8m',
    needs: { envoyProxy, gatewayService },
    cause: (cast) => ({
      changes: [
        merge(cast.envoyProxy, {
          spec: { provider: { kubernetes: { envoyService: { loadBalancerClass: null } } } },
        }),
        merge(cast.gatewayService, { metadata: { deletionTimestamp: '{{ago 8m}}' } }),
      ],
    }),
  }),
  // The EnvoyProxy was mended, and the Service that was made from the wrong one is still there: its class cannot be changed.
  defineFault({
    id: 'service-of-old-class',
    title: 'The Service was made before the EnvoyProxy asked for Tailscale’s class',
    component: 'managed-service',
    runbook: 'gateway-not-programmed',
    rootCause: 'managed-service/is-of-tailscales-class#other-class',
    since: '8m',
    needs: { gatewayService },
    cause: (cast) => ({ changes: [merge(cast.gatewayService, { spec: { loadBalancerClass: null } })] }),
  }),
  // The operator's OAuth client was revoked. It crashes at start, and the Service of a Gateway made since never gets an address.
  defineFault({
    id: 'operator-crash-loop',
    title: 'The Tailscale Operator crashes at start',
    component: 'tailscale-operator',
    runbook: 'gateway-not-programmed',
    rootCause: 'tailscale-operator/ready#crash-loop',
    since: '25m',
    needs: { tailscaleOperator, gatewayService, gatewayProxy },
    cause: (cast, { vault, tailscaleOperator: { namespace, oauthSecret } }) => ({
      world: {
        programs: [{ workload: placeOf(cast.tailscaleOperator), container: 'operator', exitCode: 1, log: lastWords }],
      },
      mend: `Make a new OAuth client in Tailscale's admin console, and put it into ${vault === null ? `Secret ${namespace}/${oauthSecret}` : 'Vault'}.`,
      changes: [cast.gatewayService, ...cast.gatewayProxy].map(remove),
    }),
  }),
  // The tailnet policy no longer lets the operator give its devices their tag; the Service was made anew, and its device needs a key.
  defineFault({
    id: 'tag-refused',
    title: 'Tailscale refuses the tag of the proxy',
    component: 'tailscale-operator',
    runbook: 'gateway-not-programmed',
    rootCause: 'managed-service/is-exposed#refused',
    since: '40m',
    needs: { tailscaleOperator, gatewayService },
    cause: (cast, { device: { tag } }) => ({
      world: {
        tailscale: {
          refuses: `Status: 400, Message: "requested tags [${tag}] are invalid or not permitted"`,
        },
      },
      mend: `Let tag:k8s-operator own ${tag} in the tailnet policy's tagOwners.`,
      changes: [merge(cast.gatewayService, { metadata: { deletionTimestamp: '{{ago 40m}}' } })],
    }),
  }),
  // The Service was made anew and got another ClusterIP; the operator missed it, and the proxy still forwards to the old one.
  defineFault({
    id: 'proxy-forwards-elsewhere',
    title: 'The Tailscale proxy forwards to an address that is gone',
    component: 'tailscale-proxy',
    runbook: ['cilium-socket-lb', 'cilium', 'gateway-not-programmed'],
    rootCause: 'tailscale-proxy/forwards-to-service#stale-address',
    since: '40m',
    needs: { gatewayService, gatewayProxy },
    cause: (cast) => ({
      world: { tailscale: { missedClusterIp: true } },
      changes: [remove(cast.gatewayService)],
    }),
  }),
  // A script on a laptop connects to the tailnet address: it sends no server name, and Envoy closes the connection.
  defineFault({
    id: 'client-by-address',
    title: 'A client connects by IP address',
    component: 'client',
    runbook: 'missing-sni',
    rootCause: 'client/sends-a-server-name#nameless',
    since: '40m',
    needs: {},
    refused: [
      { ago: '4m', client: '100.87.12.9', servername: null },
      { ago: '3m', client: '100.87.12.9', servername: null },
      { ago: '40s', client: '100.87.12.9', servername: null },
    ],
    cause: () => ({}),
  }),
  // An upgrade without the values file: Cilium leaves Services to a kube-proxy that was removed long ago.
  defineFault({
    id: 'cilium-without-replacement',
    title: 'Cilium no longer replaces kube-proxy',
    component: 'cilium',
    runbook: 'required-wiring',
    rootCause: 'cilium/replaces-kube-proxy#nobody',
    since: '40m',
    needs: { ciliumSettings },
    cause: (cast) => ({ changes: [merge(cast.ciliumSettings, { data: { 'kube-proxy-replacement': 'false' } })] }),
  }),
  // A Helm upgrade without socketLB.hostNamespaceOnly: everything in the API stays green, and every connection times out.
  defineFault({
    id: 'socket-lb-covers-pods',
    title: 'Cilium’s socket load balancer covers pods',
    component: 'cilium',
    runbook: 'cilium-socket-lb',
    rootCause: 'cilium/socket-lb-is-confined-to-the-host#covers-pods',
    since: '40m',
    needs: { ciliumSettings },
    cause: (cast) => ({ changes: [merge(cast.ciliumSettings, { data: { 'bpf-lb-sock-hostns-only': null } })] }),
  }),
  // An experiment on one node that nobody took back: requests through that node are lost.
  defineFault({
    id: 'node-override',
    title: 'A CiliumNodeConfig lifts the setting on one node',
    component: 'cilium',
    runbook: 'cilium-socket-lb',
    rootCause: 'cilium/socket-lb-is-confined-to-the-host#lifted',
    since: '40m',
    needs: { ciliumSettings },
    cause: ({ ciliumSettings: { metadata } }, { node }) => ({
      changes: [
        create({
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumNodeConfig',
          metadata: { namespace: metadata.namespace, name: 'socket-lb-experiment' },
          spec: {
            nodeSelector: { matchLabels: { 'kubernetes.io/hostname': node.name } },
            defaults: { 'bpf-lb-sock-hostns-only': 'false' },
          },
        }),
      ],
    }),
  }),
  // kube-proxy came back with a kubeadm upgrade: Services are handled twice.
  defineFault({
    id: 'kube-proxy-left-over',
    title: 'A left-over kube-proxy runs beside Cilium',
    component: 'cilium',
    runbook: 'cilium-socket-lb',
    rootCause: 'cilium/is-alone-with-services#left-over',
    since: '40m',
    needs: { ciliumSettings },
    cause: () => ({ changes: [create(kubeProxySet), create(kubeProxyConfig)] }),
  }),
];
