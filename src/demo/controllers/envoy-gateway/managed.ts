/** The objects that Envoy Gateway makes for a Gateway: what they are called, and what is in them. */
import { sha256Hex } from '../../../../packages/apiserver/bytes/sha256.ts';
import { at, isFields, number, strings, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import { envoyContainers } from './proxy-pod.ts';

export const ownerName = 'gateway.envoyproxy.io/owning-gateway-name';
export const ownerNamespace = 'gateway.envoyproxy.io/owning-gateway-namespace';
export const managed = {
  'app.kubernetes.io/component': 'proxy',
  'app.kubernetes.io/managed-by': 'envoy-gateway',
  'app.kubernetes.io/name': 'envoy',
};

/** A name that fits Kubernetes' limits and is still the Gateway's own [internal/utils/misc.go, GetHashedName]. */
export function managedName(namespace: string, name: string): string {
  const whole = `${namespace}-${name}`;
  const kept = whole.length > 48 ? whole.slice(0, 48).replace(/-$/, '') : whole;
  return `envoy-${kept}-${sha256Hex(`${namespace}/${name}`).slice(0, 8)}`;
}

export interface Port {
  name: string;
  protocol: 'TCP' | 'UDP';
  port: number;
  containerPort: number;
}

export const picked = (from: unknown, keys: readonly string[]): Fields =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = at(from, key);
      return value === undefined || value === null ? [] : [[key, value]];
    }),
  );

export interface Envoy {
  /** Where Envoy Gateway runs, and its Envoys with it. */
  namespace: string;
  gateway: string;
  name: string;
  selector: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  options: unknown;
  ports: readonly Port[];
  managerImage: string;
}

export function deploymentSpec({
  namespace,
  gateway,
  name,
  selector,
  labels,
  options,
  ports,
  managerImage,
}: Envoy): Fields {
  const replicas = number(options, 'replicas');
  const strategy = at(options, 'strategy');
  return {
    ...(replicas === 0 ? {} : { replicas }),
    selector: { matchLabels: selector },
    strategy: isFields(strategy) ? strategy : { type: 'RollingUpdate' },
    template: {
      metadata: {
        labels: { ...strings(options, 'pod', 'labels'), ...labels },
        annotations: {
          'prometheus.io/path': '/stats/prometheus',
          'prometheus.io/port': '19001',
          'prometheus.io/scrape': 'true',
          ...strings(options, 'pod', 'annotations'),
        },
      },
      spec: {
        serviceAccountName: name,
        terminationGracePeriodSeconds: 360,
        ...picked(at(options, 'pod'), ['nodeSelector', 'tolerations', 'affinity', 'imagePullSecrets']),
        containers: envoyContainers({ namespace, gateway, options: at(options, 'container'), ports, managerImage }),
        volumes: [
          { name: 'certs', secret: { secretName: 'envoy', defaultMode: 420 } },
          {
            name: 'sds',
            configMap: {
              name,
              defaultMode: 420,
              items: ['xds-trusted-ca.json', 'xds-certificate.json'].map((key) => ({ key, path: key })),
            },
          },
        ],
      },
    },
  };
}

const secret = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

/** How Envoy finds the certificate by which it and the controller know one another. */
export const sds = {
  'xds-certificate.json': JSON.stringify({
    resources: [
      {
        '@type': secret,
        name: 'xds_certificate',
        tls_certificate: {
          certificate_chain: { filename: '/certs/tls.crt' },
          private_key: { filename: '/certs/tls.key' },
        },
      },
    ],
  }),
  'xds-trusted-ca.json': JSON.stringify({
    resources: [
      {
        '@type': secret,
        name: 'xds_trusted_ca',
        validation_context: { trusted_ca: { filename: '/certs/ca.crt' } },
      },
    ],
  }),
};
