/** Services with their addresses, and the EndpointSlices that say which pods are behind them. */
import { suffixOf } from '../../../../packages/apiserver/controllers/suffix.ts';
import { at, list, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import { created, type Labels, ownedBy } from './basics.ts';

export interface ServiceTemplate {
  namespace: string;
  name: string;
  /** When it was made; 30 days ago when left out. */
  made?: string;
  labels?: Labels;
  /** Metadata beside those: annotations, finalizers, a uid that others refer to. */
  metadata?: Fields;
  /** `None` for a headless one. */
  clusterIP: string;
  /** Fields of its spec as people write them. */
  spec: { selector?: Labels; ports?: readonly Fields[] } & Fields;
  status?: Fields;
  /** Its pods. */
  pods: readonly KubernetesObject[];
  /** What the slice's name ends in; from the Service's name when left out. */
  suffix?: string;
}

export function service(template: ServiceTemplate): readonly KubernetesObject[] {
  const { namespace, name, made, labels, clusterIP, spec, pods, status = { loadBalancer: {} } } = template;
  const since = made === undefined ? {} : created(made);
  const object: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, ...since, ...(labels === undefined ? {} : { labels }), ...template.metadata },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ...spec,
    },
    status,
  };
  const slice: KubernetesObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${template.suffix ?? suffixOf(`${namespace}/${name}`)}`,
      namespace,
      ...since,
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
        ...(clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [ownedBy(object)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [text(pod, 'status', 'podIP')],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: text(pod, 'spec', 'nodeName'),
      targetRef: { kind: 'Pod', namespace, name: pod.metadata.name },
    })),
    ports: list(object, 'spec', 'ports').map((one) => endpointPort(one, pods[0])),
  };
  return [object, slice];
}

function endpointPort(one: unknown, pod: KubernetesObject | undefined): Fields {
  const target = at(one, 'targetPort');
  const found = list(pod, 'spec', 'containers')
    .flatMap((container) => list(container, 'ports'))
    .find((candidate) => text(candidate, 'name') === target);
  return { name: text(one, 'name'), protocol: text(one, 'protocol'), port: at(found, 'containerPort') ?? target };
}

export const servicePort = (name: string, number: number, targetPort: number | string, protocol = 'TCP'): Fields => ({
  name,
  protocol,
  port: number,
  targetPort,
});
