/** The containers of a managed Envoy's pod [Envoy Gateway 1.9: Envoy 1.39]. */
import { at, isFields, list, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';

const image = 'docker.io/envoyproxy/envoy:distroless-v1.39.0';

const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  runAsGroup: 65532,
  runAsNonRoot: true,
  runAsUser: 65532,
  seccompProfile: { type: 'RuntimeDefault' },
};

const environmentIn = (namespace: string): readonly Fields[] => [
  { name: 'ENVOY_GATEWAY_NAMESPACE', value: namespace },
  { name: 'ENVOY_POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
];

export interface EnvoyPod {
  namespace: string;
  /** `<namespace>/<name>`. */
  gateway: string;
  /** `envoyDeployment.container` of the EnvoyProxy. */
  options: unknown;
  ports: readonly { name: string; protocol: string; containerPort: number }[];
  managerImage: string;
}

export function envoyContainers({ namespace, gateway, options, ports, managerImage }: EnvoyPod): readonly Fields[] {
  const environment = environmentIn(namespace);
  const resources = at(options, 'resources');
  return [
    {
      name: 'envoy',
      image: text(options, 'image') || image,
      imagePullPolicy: 'IfNotPresent',
      command: ['envoy'],
      args: [
        `--service-cluster ${gateway}`,
        '--service-node $(ENVOY_POD_NAME)',
        '--log-level warn',
        '--cpuset-threads',
        '--drain-strategy immediate',
        '--drain-time-s 60',
      ],
      env: [...environment, ...list(options, 'env')],
      ports: [
        ...ports.map(({ name, containerPort, protocol }) => ({ name, containerPort, protocol })),
        { name: 'metrics', containerPort: 19001, protocol: 'TCP' },
        { name: 'readiness', containerPort: 19003, protocol: 'TCP' },
      ],
      readinessProbe: { httpGet: { path: '/ready', port: 19003 } },
      resources: isFields(resources) ? resources : { requests: { cpu: '100m', memory: '512Mi' } },
      securityContext,
      volumeMounts: [
        { name: 'certs', mountPath: '/certs', readOnly: true },
        { name: 'sds', mountPath: '/sds' },
      ],
    },
    {
      name: 'shutdown-manager',
      image: managerImage,
      imagePullPolicy: 'IfNotPresent',
      command: ['envoy-gateway'],
      args: ['envoy', 'shutdown-manager'],
      env: environment,
      readinessProbe: { httpGet: { path: '/healthz', port: 19002 } },
      resources: { requests: { cpu: '10m', memory: '32Mi' } },
      securityContext,
    },
  ];
}
