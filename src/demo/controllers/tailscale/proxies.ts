/** What the Tailscale Operator makes for a Service: a headless Service, Secrets, and a StatefulSet that forwards to its ClusterIP. */
import { at, fieldsOf, strings, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { configKeys, configuration, deviceOf, encoded } from './devices.ts';

export interface Home {
  /** Where the operator runs, and its proxies with it. */
  namespace: string;
  image: string;
  /** The headless Service of each exposed Service, by `<namespace>/<name>`. */
  proxies: ReadonlyMap<string, StoredObject>;
}

/** The Service that a proxy is for. */
interface Parent {
  namespace?: string;
  name: string;
}

/** How the operator finds what it made for a Service: it may not own things across namespaces. */
export const managedLabels = ({ namespace = '', name }: Parent): Readonly<Record<string, string>> => ({
  'tailscale.com/managed': 'true',
  'tailscale.com/parent-resource': name,
  'tailscale.com/parent-resource-ns': namespace,
  'tailscale.com/parent-resource-type': 'svc',
});

/** Makes and keeps the proxy of a Service. */
export function provision(
  cluster: Cluster,
  home: Home,
  service: StoredObject,
  hostname: string,
): { name: string; problem?: string } {
  const labels = managedLabels(service.metadata);
  const headless =
    home.proxies.get(`${service.metadata.namespace ?? ''}/${service.metadata.name}`) ??
    createHeadless(cluster, home, service, labels);
  const { name } = headless.metadata;
  const problem = keepSecrets(cluster, home, name, labels, hostname);
  if (problem !== undefined) return { name, problem };
  keepStatefulSet(cluster, home, service, name, labels);
  return { name };
}

/** `ts-<service>-` as far as a StatefulSet's name may be long, and five characters. */
function createHeadless(
  cluster: Cluster,
  { namespace }: Home,
  service: StoredObject,
  labels: Readonly<Record<string, string>>,
): StoredObject {
  const base = `ts-${service.metadata.name}`.slice(0, 46).replace(/-+$/, '');
  return cluster.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: `${base}-${cluster.suffix(`proxy ${service.metadata.uid}`)}`, labels },
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      clusterIPs: ['None'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      selector: { app: service.metadata.uid },
    },
    status: { loadBalancer: {} },
  });
}

/** A device that is not registered yet needs a key, which the coordination server may refuse. */
function keepSecrets(
  cluster: Cluster,
  { namespace }: Home,
  name: string,
  labels: Readonly<Record<string, string>>,
  hostname: string,
): string | undefined {
  const state = cluster.get(kinds.Secret, namespace, `${name}-0`);
  const config = cluster.get(kinds.Secret, namespace, `${name}-0-config`);
  const isRegistered = deviceOf(state) !== undefined;
  const { refuses } = cluster.world.tailscale;
  const hasKey = isRegistered || config !== undefined;
  if ((!hasKey || state === undefined) && refuses !== null) return `failed to create or get API key secret: ${refuses}`;
  const secret = (suffix: string, type: string, data: Fields): void => {
    cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: `${name}-0${suffix}`, labels: { ...labels, 'tailscale.com/secret-type': type } },
      type: 'Opaque',
      data,
    });
  };
  if (state === undefined) secret('', 'state', {});
  // The key is taken out as soon as the device is registered.
  const content = encoded(configuration(hostname, isRegistered ? undefined : 'tskey-auth-demo'));
  const data = Object.fromEntries(configKeys.map((key) => [key, content]));
  if (config === undefined) secret('-config', 'config', data);
  else cluster.replace({ ...config, data });
  return undefined;
}

const lastIp = 'tailscale.com/operator-last-set-cluster-ip';

function keepStatefulSet(
  cluster: Cluster,
  { namespace, image }: Home,
  service: StoredObject,
  name: string,
  labels: Readonly<Record<string, string>>,
): void {
  const old = cluster.get(kinds.StatefulSet, namespace, name);
  // What a StatefulSet selects cannot be changed.
  const app = text(old, 'spec', 'selector', 'matchLabels', 'app') || service.metadata.uid;
  const known = text(old, 'spec', 'template', 'metadata', 'annotations', lastIp);
  const isMissed = cluster.world.tailscale.missedClusterIp && known !== '';
  const address = isMissed ? known : text(service, 'spec', 'clusterIP');
  const spec = statefulSetSpec(name, app, address, image, labels);
  if (old === undefined) {
    cluster.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { namespace, name, labels }, spec });
    return;
  }
  const added = restartedAt(old);
  const template = {
    ...spec.template,
    metadata: { ...spec.template.metadata, annotations: { ...spec.template.metadata.annotations, ...added } },
  };
  const kept = at(old, 'spec');
  cluster.replace({ ...old, spec: { ...fieldsOf(kept), ...spec, template } });
}

/** What `kubectl rollout restart` writes; the operator leaves it there. */
const restartedAt = (old: StoredObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(strings(old, 'spec', 'template', 'metadata', 'annotations')).filter(
      ([key]) => key === 'kubectl.kubernetes.io/restartedAt',
    ),
  );

const field = (name: string, fieldPath: string): Fields => ({
  name,
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
});

export const statefulSetSpec = (
  name: string,
  app: string,
  address: string,
  image: string,
  labels: Readonly<Record<string, string>>,
) => ({
  replicas: 1,
  serviceName: name,
  podManagementPolicy: 'OrderedReady',
  selector: { matchLabels: { app } },
  template: {
    metadata: { labels: { app, ...labels }, annotations: { [lastIp]: address } },
    spec: {
      serviceAccountName: 'proxies',
      terminationGracePeriodSeconds: 120,
      initContainers: [
        {
          name: 'sysctler',
          image,
          imagePullPolicy: 'Always',
          command: ['/bin/sh', '-c'],
          args: ['sysctl -w net.ipv4.ip_forward=1'],
          securityContext: { privileged: true },
        },
      ],
      containers: [
        {
          name: 'tailscale',
          image,
          imagePullPolicy: 'Always',
          env: [
            { name: 'TS_USERSPACE', value: 'false' },
            field('POD_IP', 'status.podIP'),
            field('POD_NAME', 'metadata.name'),
            field('POD_UID', 'metadata.uid'),
            { name: 'TS_KUBE_SECRET', value: '$(POD_NAME)' },
            { name: 'TS_EXPERIMENTAL_VERSIONED_CONFIG_DIR', value: '/etc/tsconfig/$(POD_NAME)' },
            { name: 'TS_DEST_IP', value: address },
            { name: 'TS_INTERNAL_APP', value: 'k8s-operator-ingress-proxy' },
          ],
          securityContext: { capabilities: { add: ['NET_ADMIN'] } },
          volumeMounts: [{ name: 'tailscaledconfig-0', mountPath: `/etc/tsconfig/${name}-0`, readOnly: true }],
        },
      ],
      volumes: [{ name: 'tailscaledconfig-0', secret: { secretName: `${name}-0-config`, defaultMode: 420 } }],
    },
  },
});
