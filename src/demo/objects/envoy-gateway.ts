/** Envoy Gateway, as its Helm chart installs it (release eg). */
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { created, dummies, fieldRef, httpGet, type Labels, namespace, port, secret } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment } from './build/workloads.ts';
import { byHelm, part } from './helm.ts';

const version = 'v1.9.1';
export const envoyGatewayImage = `docker.io/envoyproxy/gateway:${version}`;

/** By which the controller is found: the chart is called gateway-helm, and so is app.kubernetes.io/name. */
const controlPlane: Labels = { 'control-plane': 'envoy-gateway' };

const ports = [
  ['grpc', 18000],
  ['ratelimit', 18001],
  ['wasm', 18002],
  ['metrics', 19001],
  ['webhook', 9443],
] as const;

/** The controller's own configuration. Its namespace is where the managed Envoy lives. */
const config = ({ namespace: home, controllerName }: Stack['envoyGateway']): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'envoy-gateway-config',
    namespace: home,
    ...created('95d'),
    labels: part('eg', 'gateway-helm', byHelm),
  },
  data: {
    'envoy-gateway.yaml': `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyGateway
gateway:
  controllerName: ${controllerName}
logging:
  level:
    default: info
provider:
  type: Kubernetes
`,
  },
});

export function envoyGateway(stack: Stack): readonly KubernetesObject[] {
  const { namespace: home, deployment: name } = stack.envoyGateway;
  const selector = { ...controlPlane, ...part('eg', 'gateway-helm') };
  const labels = {
    ...selector,
    'helm.sh/chart': `gateway-helm-${version}`,
    'app.kubernetes.io/version': version,
    ...byHelm,
  };
  const tls = (own: string): KubernetesObject =>
    secret(
      { name: own, namespace: home, ...created('95d'), labels: controlPlane },
      'kubernetes.io/tls',
      dummies('ca.crt', 'tls.crt', 'tls.key'),
    );
  const { objects, pods } = deployment(
    stack.node,
    {
      namespace: home,
      name,
      labels,
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: selector,
            annotations: { 'prometheus.io/port': '19001', 'prometheus.io/scrape': 'true' },
          },
          spec: {
            serviceAccountName: 'envoy-gateway',
            terminationGracePeriodSeconds: 10,
            containers: [
              {
                name: 'envoy-gateway',
                image: envoyGatewayImage,
                imagePullPolicy: 'IfNotPresent',
                args: ['server', '--config-path=/config/envoy-gateway.yaml'],
                env: [
                  fieldRef('ENVOY_GATEWAY_NAMESPACE', 'metadata.namespace'),
                  { name: 'KUBERNETES_CLUSTER_DOMAIN', value: 'cluster.local' },
                ],
                ports: ports.map(([own, number]) => port(own, number)),
                readinessProbe: httpGet('/readyz', 8081),
                livenessProbe: httpGet('/healthz', 8081),
                resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
                volumeMounts: [
                  { name: 'envoy-gateway-config', mountPath: '/config', readOnly: true },
                  { name: 'certs', mountPath: '/certs', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'envoy-gateway-config', configMap: { name: 'envoy-gateway-config', defaultMode: 420 } },
              { name: 'certs', secret: { secretName: 'envoy-gateway', defaultMode: 420 } },
            ],
          },
        },
      },
    },
    { made: '95d', started: '33d', ips: ['10.0.0.31'], hash: 'xw8xkhkpv', suffixes: ['xvzl8'] },
  );
  return [
    namespace(home, '120d'),
    config(stack.envoyGateway),
    tls('envoy'),
    tls('envoy-gateway'),
    ...objects,
    ...service({
      namespace: home,
      name: 'envoy-gateway',
      made: '95d',
      labels,
      clusterIP: '10.104.18.11',
      spec: { selector, ports: ports.map(([own, number]) => servicePort(own, number, number)) },
      pods,
      suffix: 'fbm5j',
    }),
  ];
}
