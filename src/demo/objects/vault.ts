/** Vault, as its Helm chart installs it. Its route is with those of the apps. */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { partOf } from '../part.ts';
import { created, fieldRef, type Labels, namespace, port } from './build/basics.ts';
import { service, servicePort } from './build/services.ts';
import { statefulSet } from './build/workloads.ts';
import { byHelm, part } from './helm.ts';

const name = 'vault';
const version = '1.20.4';
const chart: Labels = { 'helm.sh/chart': 'vault-0.31.0' };
const selector: Labels = part(name, name, { component: 'server' });
const labels: Labels = { ...chart, ...part(name, name), ...byHelm };

const configuration = `disable_mlock = true
ui = true

listener "tcp" {
  tls_disable = 1
  address = "[::]:8200"
  cluster_address = "[::]:8201"
}

storage "raft" {
  path = "/vault/data"
}

service_registration "kubernetes" {}
`;

/** Vault labels its own pod (service_registration "kubernetes"): vault-sealed tells what no other object does. */
const registered: Labels = {
  'vault-active': 'true',
  'vault-initialized': 'true',
  'vault-perf-standby': 'false',
  'vault-sealed': 'false',
  'vault-version': version,
};

const podSpec: Fields = {
  serviceAccountName: 'vault',
  terminationGracePeriodSeconds: 10,
  securityContext: { runAsNonRoot: true, runAsUser: 100, runAsGroup: 1000, fsGroup: 1000 },
  containers: [
    {
      name: 'vault',
      image: `hashicorp/vault:${version}`,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/sh', '-ec'],
      args: ['/usr/local/bin/docker-entrypoint.sh vault server -config=/vault/config/extraconfig-from-values.hcl'],
      env: [
        { name: 'VAULT_ADDR', value: 'http://127.0.0.1:8200' },
        fieldRef('VAULT_K8S_POD_NAME', 'metadata.name'),
        fieldRef('VAULT_K8S_NAMESPACE', 'metadata.namespace'),
      ],
      ports: [port('http', 8200), port('http-internal', 8201), port('http-rep', 8202)],
      readinessProbe: {
        exec: { command: ['/bin/sh', '-ec', 'vault status -tls-skip-verify'] },
        failureThreshold: 2,
        periodSeconds: 5,
      },
      securityContext: { allowPrivilegeEscalation: false },
      volumeMounts: [
        { name: 'config', mountPath: '/vault/config' },
        { name: 'data', mountPath: '/vault/data' },
      ],
    },
  ],
  volumes: [
    { name: 'config', configMap: { name: 'vault-config', defaultMode: 420 } },
    { name: 'data', hostPath: { path: '/srv/vault/data', type: 'Directory' } },
  ],
};

export function vault(stack: Stack): readonly KubernetesObject[] {
  const { namespace: home, service: ui, port: number } = partOf(stack, 'vault');
  const { objects, pod } = statefulSet(
    stack.node,
    {
      namespace: home,
      name,
      labels,
      spec: {
        replicas: 1,
        serviceName: 'vault-internal',
        podManagementPolicy: 'OrderedReady',
        selector: { matchLabels: selector },
        template: { metadata: { labels: { ...chart, ...selector } }, spec: podSpec },
      },
    },
    { made: '95d', started: '33d', ip: '10.0.0.61', podLabels: registered },
  );
  const both = [servicePort('http', number, 8200), servicePort('https-internal', 8201, 8201)];
  const serve = (own: string, clusterIP: string, suffix: string, ports: readonly Fields[], more: Labels = {}) =>
    service({
      namespace: home,
      name: own,
      made: '95d',
      labels: { ...labels, ...more },
      clusterIP,
      spec: { publishNotReadyAddresses: true, selector, ports },
      pods: [pod],
      suffix,
    });
  return [
    namespace(home, '120d'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'vault-config', namespace: home, ...created('95d'), labels },
      data: { 'extraconfig-from-values.hcl': configuration },
    },
    ...objects,
    ...serve('vault', '10.97.82.1', 'h8m8f', both),
    ...serve('vault-internal', 'None', 'tdrxf', both, { 'vault-internal': 'true' }),
    ...serve(ui, '10.97.82.2', 'kk8dj', [servicePort('http', number, 8200)], { 'app.kubernetes.io/name': 'vault-ui' }),
  ];
}
