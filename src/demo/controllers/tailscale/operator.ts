/**
 * Tailscale Operator: makes a device on the tailnet of every Service of its class. [1.92, cmd/k8s-operator/svc.go and sts.go]
 */
import { hasLabels } from '../../../formats/label-selector.ts';
import { list, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { processesOf, runs, stillMisses } from '../process.ts';
import { type Process, processOf } from '../processes.ts';
import { deviceOf, registerDevices } from './devices.ts';
import { managedLabels, provision, type Home } from './proxies.ts';

const finalizer = 'tailscale.com/finalizer';

export function tailscaleOperator(cluster: Cluster): void {
  registerDevices(cluster);
  const process = processOf(cluster, /tailscale\/k8s-operator(?:[:@]|$)/);
  const { namespace = '', name = '' } = process?.deployment.metadata ?? {};
  if (process === undefined || !runs(cluster, namespace, name)) return;
  const { missedClusterIp } = cluster.world.tailscale;
  if (missedClusterIp && !stillMisses(cluster, 'cluster IP', processesOf(cluster, namespace, name))) {
    cluster.changeWorld({ tailscale: { missedClusterIp: false } });
  }
  const home = homeOf(cluster, process);
  for (const service of cluster.list(kinds.Service)) {
    if (text(service, 'metadata', 'annotations', 'tailscale.com/proxy-group') !== '') continue;
    if (isTerminating(service) || !isExposed(service)) cleanUp(cluster, home, service);
    else expose(cluster, home, service);
  }
}

/** What the operator's own Deployment tells it. */
function homeOf(cluster: Cluster, { deployment, container }: Process): Home {
  const { namespace = '' } = deployment.metadata;
  const variable = (name: string): string =>
    text(
      list(container, 'env').find((entry) => text(entry, 'name') === name),
      'value',
    );
  return {
    namespace,
    image: variable('PROXY_IMAGE') || 'tailscale/tailscale:v1.92.3',
    proxies: new Map(
      cluster
        .list(kinds.Service, namespace)
        .filter((service) => text(service, 'metadata', 'labels', 'tailscale.com/managed') === 'true')
        .map((service) => [parentOf(service), service]),
    ),
  };
}

const parentOf = ({ metadata }: StoredObject): string =>
  `${text(metadata, 'labels', 'tailscale.com/parent-resource-ns')}/${text(metadata, 'labels', 'tailscale.com/parent-resource')}`;

const isLoadBalancer = (service: StoredObject): boolean =>
  text(service, 'spec', 'type') === 'LoadBalancer' && text(service, 'spec', 'loadBalancerClass') === 'tailscale';

const isExposed = (service: StoredObject): boolean =>
  text(service, 'spec', 'clusterIP') !== '' &&
  (isLoadBalancer(service) || text(service, 'metadata', 'annotations', 'tailscale.com/expose') === 'true');

const finalizersOf = (service: StoredObject): readonly unknown[] => list(service, 'metadata', 'finalizers');

const conditionType = 'TailscaleProxyReady';

/** Takes the device away, and the hand off the Service. */
function cleanUp(cluster: Cluster, { namespace: home }: Home, service: StoredObject): void {
  if (!finalizersOf(service).includes(finalizer)) return;
  const labels = managedLabels(service.metadata);
  for (const kind of [kinds.StatefulSet, kinds.Service, kinds.Secret]) {
    cluster
      .list(kind, home)
      .filter((object) => hasLabels(strings(object, 'metadata', 'labels'), labels))
      .forEach((object) => cluster.remove(object));
  }
  const { finalizers: _finalizers, ...metadata } = service.metadata;
  const left = finalizersOf(service).filter((one) => one !== finalizer);
  const released = cluster.replace({
    ...service,
    metadata: left.length === 0 ? metadata : { ...metadata, finalizers: left },
  });
  if (isTerminating(service)) return;
  const conditions = list(released, 'status', 'conditions').filter((entry) => text(entry, 'type') !== conditionType);
  cluster.setStatus(released, {
    conditions: conditions.length === 0 ? undefined : conditions,
    loadBalancer: {},
  });
}

interface Outcome {
  status: 'True' | 'False';
  reason: 'ProxyCreated' | 'ProxyPending' | 'ProxyFailed' | 'ProxyInvalid';
  message: string;
  /** The addresses to write; left alone when undefined. */
  ingress?: readonly { hostname?: string; ip?: string }[];
}

function expose(cluster: Cluster, home: Home, service: StoredObject): void {
  const outcome = outcomeOf(cluster, home, service);
  const current = cluster.get(kinds.Service, service.metadata.namespace, service.metadata.name) ?? service;
  const { status, reason, message, ingress } = outcome;
  const conditions = cluster.conditions(list(current, 'status', 'conditions'), {
    type: conditionType,
    status,
    reason,
    message,
    observedGeneration: 0,
  });
  cluster.setStatus(current, {
    conditions,
    ...(ingress === undefined ? {} : { loadBalancer: ingress.length === 0 ? {} : { ingress } }),
  });
}

function outcomeOf(cluster: Cluster, home: Home, service: StoredObject): Outcome {
  const violations = violationsOf(service);
  if (violations.length > 0) {
    const message = `unable to provision proxy resources: invalid Service: ${violations.join(', ')}`;
    return { status: 'False', reason: 'ProxyInvalid', message };
  }
  if (!finalizersOf(service).includes(finalizer)) {
    cluster.replace({
      ...service,
      metadata: { ...service.metadata, finalizers: [...finalizersOf(service), finalizer] },
    });
  }
  const provisioned = provision(cluster, home, service, hostnameOf(service));
  if (provisioned.problem !== undefined) {
    return { status: 'False', reason: 'ProxyFailed', message: `failed to provision: ${provisioned.problem}` };
  }
  if (!isLoadBalancer(service)) return { status: 'True', reason: 'ProxyCreated', message: 'ProxyCreated' };
  const device = deviceOf(cluster.get(kinds.Secret, home.namespace, `${provisioned.name}-0`));
  if (device === undefined) {
    const message = 'no Tailscale hostname known yet, waiting for proxy pod to finish auth';
    return { status: 'False', reason: 'ProxyPending', message, ingress: [] };
  }
  // Only addresses of the ClusterIP's family.
  const isIPv6 = text(service, 'spec', 'clusterIP').includes(':');
  return {
    status: 'True',
    reason: 'ProxyCreated',
    message: 'ProxyCreated',
    ingress: [
      { hostname: device.name },
      ...device.ips.filter((ip) => ip.includes(':') === isIPv6).map((ip) => ({ ip })),
    ],
  };
}

const annotation = 'tailscale.com/hostname';

const hostnameOf = ({ metadata }: StoredObject): string =>
  strings(metadata, 'annotations')[annotation] ?? `${metadata.namespace ?? ''}-${metadata.name}`;

function violationsOf(service: StoredObject): readonly string[] {
  const name = hostnameOf(service);
  const isOwn = strings(service, 'metadata', 'annotations')[annotation] !== undefined;
  const problem =
    name.length > 63
      ? `${JSON.stringify(name)} is too long, max length is 63 bytes`
      : /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(name)
        ? undefined
        : `${JSON.stringify(name)} is not a valid DNS label`;
  const tags = text(service, 'metadata', 'annotations', 'tailscale.com/tags');
  return [
    ...(text(service, 'spec', 'clusterIP') === 'None' ? ['headless Services are not supported.'] : []),
    ...(problem === undefined
      ? []
      : [
          isOwn
            ? `invalid Tailscale hostname specified ${JSON.stringify(name)}: ${problem}`
            : `invalid Tailscale hostname ${JSON.stringify(name)}, use "${annotation}" annotation to override: ${problem}`,
        ]),
    ...(tags === ''
      ? []
      : tags
          .split(',')
          .map((tag) => tag.trim())
          .filter((tag) => !/^tag:[a-zA-Z][a-zA-Z0-9-]*$/.test(tag))
          .map((tag) => `invalid tag ${JSON.stringify(tag)}: tags must start with 'tag:'`)),
  ];
}
