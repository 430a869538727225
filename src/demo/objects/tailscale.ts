/** The Tailscale Operator, as its Helm chart installs it, and the proxies that it runs: one a LoadBalancer Service. */
import { toBase64 } from '../../../packages/apiserver/bytes/base64.ts';
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { configKeys, configuration } from '../controllers/tailscale/devices.ts';
import { managedLabels, statefulSetSpec } from '../controllers/tailscale/proxies.ts';
import { condition, created, dummies, fieldRef, guardedNamespace, type Labels, port, secret } from './build/basics.ts';
import { service } from './build/services.ts';
import { deployment, statefulSet } from './build/workloads.ts';

const version = 'v1.92.3';
const proxyImage = `tailscale/tailscale:${version}`;

/** Written out, for the operator labels the proxies' pods with them. */
export const gatewayServiceUid = '5b7e2d94-3c1a-4f68-9d05-8e7a61c2f4b3';
export const resolverServiceUid = 'c04d81f6-92b7-4e3a-a5c8-1f60b7d2e935';

/** A device's name within the tailnet. */
export const deviceName = ({ tailnet }: Stack, device: string): string => `${device}.${tailnet}`;

/** What the operator says of a Service that it has put on the tailnet. */
export const exposedByTailscale = (hostname: string, ip: string): Fields => ({
  conditions: [{ ...condition('TailscaleProxyReady', '30d', 'ProxyCreated', 'ProxyCreated'), observedGeneration: 0 }],
  loadBalancer: { ingress: [{ hostname }, { ip }] },
});

export function tailscaleOperator(stack: Stack): readonly KubernetesObject[] {
  const { namespace, deployment: name, oauthSecret } = stack.tailscaleOperator;
  const labels: Labels = { app: 'operator' };
  const variables: Labels = {
    OPERATOR_INITIAL_TAGS: 'tag:k8s-operator',
    OPERATOR_HOSTNAME: 'tailscale-operator',
    OPERATOR_SECRET: 'operator',
    OPERATOR_LOGGING: 'info',
  };
  const more: Labels = {
    CLIENT_ID_FILE: '/oauth/client_id',
    CLIENT_SECRET_FILE: '/oauth/client_secret',
    PROXY_IMAGE: proxyImage,
    PROXY_TAGS: stack.device.tag,
    APISERVER_PROXY: 'false',
    PROXY_FIREWALL_MODE: 'auto',
  };
  const asEnv = (values: Labels): readonly Fields[] =>
    Object.entries(values).map(([key, value]) => ({ name: key, value }));
  return [
    guardedNamespace(namespace, '120d', 'privileged'),
    ...deployment(
      stack.node,
      {
        namespace,
        name,
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          strategy: { type: 'Recreate' },
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: 'operator',
              nodeSelector: { 'kubernetes.io/os': 'linux' },
              containers: [
                {
                  name: 'operator',
                  image: `docker.io/tailscale/k8s-operator:${version}`,
                  imagePullPolicy: 'Always',
                  env: [...asEnv(variables), fieldRef('OPERATOR_NAMESPACE', 'metadata.namespace'), ...asEnv(more)],
                  ports: [port('metrics', 8080)],
                  volumeMounts: [{ name: 'oauth', mountPath: '/oauth', readOnly: true }],
                },
              ],
              volumes: [{ name: 'oauth', secret: { secretName: oauthSecret, defaultMode: 420 } }],
            },
          },
        },
      },
      { made: '95d', started: '33d', ips: ['10.0.0.21'], hash: 'dt5cndzzt', suffixes: ['dxpzd'] },
    ).objects,
    // The Operator's own identity on the tailnet.
    secret(
      { name: 'operator', namespace, ...created('95d') },
      'Opaque',
      dummies('_current-profile', '_machinekey', '_profiles', 'device_id'),
    ),
  ];
}

interface Proxied {
  /** The Service that is on the tailnet. */
  service: { namespace: string; name: string; uid: string; clusterIP: string };
  device: string;
  /** The device's address on the tailnet, and the pod's in the cluster. */
  address: string;
  ip: string;
  /** What the names of its objects end in. */
  suffix: string;
  slice: string;
}

/** What the proxy of a Service is called. */
const proxyName = (of: string, suffix: string): string => `${`ts-${of}`.slice(0, 46).replace(/-+$/, '')}-${suffix}`;

/** The device of a Service: it forwards what arrives for it to the Service's ClusterIP. */
export function proxy(stack: Stack, of: Proxied): readonly KubernetesObject[] {
  const { namespace } = stack.tailscaleOperator;
  const { namespace: place, name: parent, uid, clusterIP } = of.service;
  const labels = managedLabels({ namespace: place, name: parent });
  const name = proxyName(parent, of.suffix);
  const { objects, pod } = statefulSet(
    stack.node,
    { namespace, name, labels, spec: statefulSetSpec(name, uid, clusterIP, proxyImage, labels) },
    { made: '30d', started: '30d', ip: of.ip },
  );
  const keep = (ending: string, type: string, data: Labels): KubernetesObject =>
    secret(
      {
        name: `${name}-0${ending}`,
        namespace,
        ...created('30d'),
        labels: { ...labels, 'tailscale.com/secret-type': type },
      },
      'Opaque',
      data,
    );
  const config = toBase64(configuration(of.device, undefined));
  return [
    ...objects,
    ...service({
      namespace,
      name,
      made: '30d',
      labels,
      clusterIP: 'None',
      spec: { selector: { app: uid } },
      pods: [pod],
      suffix: of.slice,
    }),
    keep('', 'state', {
      ...dummies('_current-profile', '_machinekey', '_profiles', 'device_id', 'pod_uid'),
      device_fqdn: toBase64(`${deviceName(stack, of.device)}.`),
      device_ips: toBase64(JSON.stringify([of.address])),
    }),
    keep('-config', 'config', Object.fromEntries(configKeys.map((key) => [key, config]))),
  ];
}
