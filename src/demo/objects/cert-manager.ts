/** cert-manager, as its Helm chart installs it. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { confined, created, dummies, fieldRef, type Labels, namespace, port, secret } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { deployment } from './build/workloads.ts';
import { byHelm, part } from './helm.ts';

const version = 'v1.19.2';

interface Program {
  /** What it is of cert-manager, and what its objects are called after the release's name. */
  component: string;
  ending: string;
  image: string;
  args: readonly string[];
  ports: readonly Fields[];
  service: readonly Fields[];
  ip: string;
  clusterIP: string;
  hash: string;
  pod: string;
  slice: string;
}

const programs: readonly Program[] = [
  {
    component: 'controller',
    ending: '',
    image: 'cert-manager-controller',
    args: [
      '--v=2',
      '--cluster-resource-namespace=$(POD_NAMESPACE)',
      '--leader-election-namespace=kube-system',
      `--acme-http01-solver-image=quay.io/jetstack/cert-manager-acmesolver:${version}`,
      '--max-concurrent-challenges=60',
    ],
    ports: [port('http-metrics', 9402), port('http-healthz', 9403)],
    service: [servicePort('tcp-prometheus-servicemonitor', 9402, 'http-metrics')],
    ip: '10.0.0.51',
    clusterIP: '10.103.9.41',
    hash: '82nmrk59m',
    pod: '9x6cj',
    slice: '6jrcb',
  },
  {
    component: 'cainjector',
    ending: '-cainjector',
    image: 'cert-manager-cainjector',
    args: ['--v=2', '--leader-election-namespace=kube-system'],
    ports: [port('http-metrics', 9402)],
    service: [servicePort('http-metrics', 9402, 9402)],
    ip: '10.0.0.52',
    clusterIP: '10.103.9.42',
    hash: '2l9v9l67x',
    pod: 'gxsss',
    slice: '57fgb',
  },
  {
    component: 'webhook',
    ending: '-webhook',
    image: 'cert-manager-webhook',
    args: [
      '--v=2',
      '--secure-port=10250',
      '--dynamic-serving-ca-secret-namespace=$(POD_NAMESPACE)',
      '--dynamic-serving-ca-secret-name=cert-manager-webhook-ca',
      '--dynamic-serving-dns-names=cert-manager-webhook.$(POD_NAMESPACE).svc',
    ],
    ports: [port('https', 10250), port('healthcheck', 6080), port('http-metrics', 9402)],
    service: [servicePort('https', 443, 'https'), servicePort('metrics', 9402, 'http-metrics')],
    ip: '10.0.0.54',
    clusterIP: '10.103.9.43',
    hash: 'g6jds9fwq',
    pod: 'l2gfg',
    slice: 'lllnd',
  },
];

function install({ node, certManager }: Stack, program: Program): readonly KubernetesObject[] {
  const { namespace: home, deployment: release } = certManager;
  const name = `${release}${program.ending}`;
  const selector = part(release, name, { 'app.kubernetes.io/component': program.component });
  const labels: Labels = {
    app: name,
    ...selector,
    'app.kubernetes.io/version': version,
    ...byHelm,
    'helm.sh/chart': `cert-manager-${version}`,
  };
  const { objects, pods } = deployment(
    node,
    {
      namespace: home,
      name,
      labels,
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            containers: [
              {
                name: program.image,
                image: `quay.io/jetstack/${program.image}:${version}`,
                imagePullPolicy: 'IfNotPresent',
                args: program.args,
                ports: program.ports,
                env: [fieldRef('POD_NAMESPACE', 'metadata.namespace')],
                securityContext: confined,
              },
            ],
          },
        },
      },
    },
    { made: '95d', started: '33d', ips: [program.ip], hash: program.hash, suffixes: [program.pod] },
  );
  return [
    ...objects,
    ...service({
      namespace: home,
      name,
      made: '95d',
      labels,
      clusterIP: program.clusterIP,
      spec: { selector, ports: program.service },
      pods,
      suffix: program.slice,
    }),
  ];
}

export const certManager = (stack: Stack): readonly KubernetesObject[] => [
  namespace(stack.certManager.namespace, '120d'),
  ...programs.flatMap((program) => install(stack, program)),
  secret(
    {
      name: 'cert-manager-webhook-ca',
      namespace: stack.certManager.namespace,
      ...created('95d'),
      annotations: { 'cert-manager.io/allow-direct-injection': 'true' },
    },
    'Opaque',
    dummies('ca.crt', 'tls.crt', 'tls.key'),
  ),
];
