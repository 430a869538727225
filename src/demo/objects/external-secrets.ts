/** External Secrets, as its Helm chart installs it. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { confined, created, dummies, httpGet, namespace, port, secret } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment, type Deployed } from './build/workloads.ts';
import { byHelm, part } from './helm.ts';

const release = 'external-secrets';
const version = 'v1.2.0';

interface Program {
  name: string;
  container: string;
  args: readonly string[];
  ports: readonly Fields[];
  /** The controller has none. */
  readinessProbe?: Fields;
  ip: string;
  hash: string;
  pod: string;
}

const webhookName = 'external-secrets-webhook';

const programs = (stack: Stack): Readonly<Record<'controller' | 'certificates' | 'webhook', Program>> => {
  const { namespace: home, deployment: name } = partOf(stack, 'externalSecrets');
  return {
    controller: {
      name,
      container: 'external-secrets',
      args: ['--concurrent=1', '--metrics-addr=:8080', '--loglevel=info', '--zap-time-encoding=epoch'],
      ports: [port('metrics', 8080)],
      ip: '10.0.0.71',
      hash: 'g2tl47f64',
      pod: '9mnzk',
    },
    certificates: {
      name: 'external-secrets-cert-controller',
      container: 'cert-controller',
      args: [
        'certcontroller',
        '--crd-requeue-interval=5m',
        `--service-name=${webhookName}`,
        `--service-namespace=${home}`,
        `--secret-name=${webhookName}`,
        `--secret-namespace=${home}`,
        '--metrics-addr=:8080',
        '--healthz-addr=:8081',
      ],
      ports: [port('metrics', 8080)],
      readinessProbe: httpGet('/readyz', 8081),
      ip: '10.0.0.72',
      hash: 'dj7grnk6g',
      pod: 'zvkkt',
    },
    webhook: {
      name: webhookName,
      container: 'webhook',
      args: [
        'webhook',
        '--port=10250',
        `--dns-name=${webhookName}.${home}.svc`,
        '--cert-dir=/tmp/certs',
        '--check-interval=5m',
        '--metrics-addr=:8080',
        '--healthz-addr=:8081',
      ],
      ports: [port('metrics', 8080), port('webhook', 10250)],
      readinessProbe: httpGet('/readyz', 8081),
      ip: '10.0.0.73',
      hash: 'cplcncxzt',
      pod: 'n7lq6',
    },
  };
};

const labelsOf = (name: string) => ({
  'helm.sh/chart': 'external-secrets-1.2.0',
  ...part(release, name),
  'app.kubernetes.io/version': version,
  ...byHelm,
});

function install(stack: Stack, program: Program): Deployed {
  const { name, container, args, ports, readinessProbe, ip, hash, pod } = program;
  const labels = labelsOf(name);
  return deployment(
    stack.node,
    {
      namespace: partOf(stack, 'externalSecrets').namespace,
      name,
      labels,
      spec: {
        replicas: 1,
        selector: { matchLabels: part(release, name) },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name: container,
                image: `ghcr.io/external-secrets/external-secrets:${version}`,
                imagePullPolicy: 'IfNotPresent',
                args,
                ports,
                ...(readinessProbe === undefined ? {} : { readinessProbe }),
                securityContext: {
                  ...confined,
                  runAsNonRoot: true,
                  runAsUser: 1000,
                  seccompProfile: { type: 'RuntimeDefault' },
                },
              },
            ],
          },
        },
      },
    },
    { made: '95d', started: '33d', ips: [ip], hash, suffixes: [pod] },
  );
}

export function externalSecrets(stack: Stack): readonly KubernetesObject[] {
  const { namespace: home, deployment: own } = partOf(stack, 'externalSecrets');
  const { controller, certificates, webhook } = programs(stack);
  const { objects, pods } = install(stack, webhook);
  return [
    namespace(home, '120d'),
    // The identity that Vault trusts.
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: own,
        namespace: home,
        ...created('95d'),
        labels: { ...part(release, release), ...byHelm },
      },
    },
    ...install(stack, controller).objects,
    ...install(stack, certificates).objects,
    ...objects,
    ...service({
      namespace: home,
      name: webhookName,
      made: '95d',
      labels: { ...labelsOf(webhookName), 'external-secrets.io/component': 'webhook' },
      clusterIP: '10.105.66.3',
      spec: { selector: part(release, webhookName), ports: [servicePort('webhook', 443, 'webhook')] },
      pods,
      suffix: 'sqrfv',
    }),
    secret(
      {
        name: webhookName,
        namespace: home,
        ...created('95d'),
        labels: { 'external-secrets.io/component': 'webhook', 'app.kubernetes.io/instance': release, ...byHelm },
      },
      'Opaque',
      dummies('ca.crt', 'ca.key', 'tls.crt', 'tls.key'),
    ),
  ];
}
