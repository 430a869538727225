/** Services: addresses of their own, and the EndpointSlices that say which pods are behind them. */
import { sha256 } from '../bytes/sha256.ts';
import { serviceSelects } from '../../../src/formats/label-selector.ts';
import { same } from '../objects/same.ts';
import { at, fieldsOf, list, strings, text, type Fields } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { controlledBy } from './cluster.ts';
import { kinds, type Cluster } from './cluster.ts';
import { isActive, isReady } from './pods.ts';

const serviceLabel = 'kubernetes.io/service-name';
const managerLabel = 'endpointslice.kubernetes.io/managed-by';
const manager = 'endpointslice-controller.k8s.io';

export function services(cluster: Cluster): void {
  const slices = new Map(
    cluster
      .list(kinds.EndpointSlice)
      .filter((slice) => text(slice, 'metadata', 'labels', managerLabel) === manager)
      .map((slice) => [`${slice.metadata.namespace ?? ''}/${text(slice, 'metadata', 'labels', serviceLabel)}`, slice]),
  );
  for (const service of cluster.list(kinds.Service)) {
    const addressed = giveAddress(cluster, service);
    const { namespace = '', name } = addressed.metadata;
    keepEndpoints(cluster, addressed, slices.get(`${namespace}/${name}`));
  }
}

/** Where addresses for new Services come from, in the Services' range 10.96.0.0/12; none of the first objects has one of these. */
export const newServices = '10.111.250.';

/** The same in every run. */
function giveAddress(cluster: Cluster, service: StoredObject): StoredObject {
  if (text(service, 'spec', 'clusterIP') !== '' || text(service, 'spec', 'type') === 'ExternalName') return service;
  const [byte = 0] = sha256(service.metadata.uid);
  const address = `${newServices}${1 + (byte % 254)}`;
  const spec = fieldsOf(service, 'spec');
  return cluster.replace({
    ...service,
    spec: {
      type: 'ClusterIP',
      ...spec,
      clusterIP: address,
      clusterIPs: [address],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  });
}

function keepEndpoints(cluster: Cluster, service: StoredObject, slice: StoredObject | undefined): void {
  const selector = strings(service, 'spec', 'selector');
  if (Object.keys(selector).length === 0) return;
  const { namespace = '', name } = service.metadata;
  const pods = cluster
    .list(kinds.Pod, namespace)
    .filter(
      (pod) =>
        isActive(pod) &&
        text(pod, 'status', 'podIP') !== '' &&
        serviceSelects(selector, strings(pod, 'metadata', 'labels')),
    );
  const isPublished = at(service, 'spec', 'publishNotReadyAddresses') === true;
  const old = list(slice, 'endpoints');
  const endpoints = pods.map((pod): Fields => {
    const ready = isPublished || isReady(pod);
    const endpoint: Fields = {
      addresses: [text(pod, 'status', 'podIP')],
      conditions: { ready, serving: ready, terminating: false },
      nodeName: text(pod, 'spec', 'nodeName'),
      targetRef: { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid },
    };
    return endpoint;
  });
  const [first] = pods;
  const ports = first === undefined ? [] : list(service, 'spec', 'ports').flatMap((port) => endpointPort(port, first));
  const isSame =
    slice !== undefined &&
    same(list(slice, 'ports'), ports) &&
    old.length === endpoints.length &&
    endpoints.every((endpoint) => old.some((other) => isAlike(other, endpoint)));
  if (isSame) return;
  // Go writes empty lists of this kind as null.
  const content = {
    endpoints: endpoints.length === 0 ? null : endpoints,
    ports: ports.length === 0 && pods.length === 0 ? null : ports,
  };
  if (slice !== undefined) {
    cluster.replace({ ...slice, ...content });
    return;
  }
  cluster.create({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace,
      name: `${name}-${cluster.suffix(service.metadata.uid)}`,
      labels: {
        [managerLabel]: manager,
        [serviceLabel]: name,
        ...(text(service, 'spec', 'clusterIP') === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controlledBy(service)],
    },
    addressType: 'IPv4',
    ...content,
  });
}

/** Whether two endpoints say the same of the same pod. */
const isAlike = (a: unknown, b: unknown): boolean =>
  same(at(a, 'addresses'), at(b, 'addresses')) &&
  same(at(a, 'conditions'), at(b, 'conditions')) &&
  text(a, 'targetRef', 'name') === text(b, 'targetRef', 'name');

/** A port of the pod: by number, or by the name that a container gives it. A name that none gives has no endpoint. */
function endpointPort(port: unknown, pod: StoredObject): readonly Fields[] {
  const target = at(port, 'targetPort') ?? at(port, 'port');
  const protocol = text(port, 'protocol') || 'TCP';
  const named = list(pod, 'spec', 'containers')
    .flatMap((container) => list(container, 'ports'))
    .find((own) => text(own, 'name') === target && (text(own, 'protocol') || 'TCP') === protocol);
  const number = typeof target === 'number' ? target : at(named, 'containerPort');
  return typeof number === 'number' ? [{ name: text(port, 'name'), protocol, port: number }] : [];
}
