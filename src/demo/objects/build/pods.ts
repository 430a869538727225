/** Pods that run, as their node says. */
import { sha256Hex } from '../../../../packages/apiserver/bytes/sha256.ts';
import { qualityOf } from '../../../../packages/apiserver/controllers/quality.ts';
import { at, fieldsOf, list, strings, text, type Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import { parseImage } from '../../../formats/image-version.ts';
import { ago, type Labels, ownedBy } from './basics.ts';

/** The machine that everything runs on. */
export interface Node {
  name: string;
  address: string;
}

export interface RunningPod {
  name: string;
  /** Its address; the node's own for a pod of the host's network. */
  ip: string;
  /** How long it has run, such as `33d`. */
  started: string;
  /** Labels beside those of the template. */
  labels?: Labels;
  /** Fields of its spec that its owner adds to the template's. */
  spec?: Fields;
}

/** A pod of an owner's template. */
export function runningPod(node: Node, owner: KubernetesObject, template: unknown, pod: RunningPod): KubernetesObject {
  const spec = fieldsOf(template, 'spec');
  const annotations = strings(template, 'metadata', 'annotations');
  const since = ago(pod.started);
  const ip = at(spec, 'hostNetwork') === true ? node.address : pod.ip;
  const isSo = (type: string): Fields => ({ type, status: 'True', lastTransitionTime: since });
  const initial = list(spec, 'initContainers').map((container) => ({
    ...statusOf(container),
    started: false,
    state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: since, finishedAt: since } },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: owner.metadata.namespace ?? '',
      creationTimestamp: since,
      labels: { ...strings(template, 'metadata', 'labels'), ...pod.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [ownedBy(owner)],
    },
    spec: {
      nodeName: node.name,
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      ...spec,
      ...pod.spec,
    },
    status: {
      phase: 'Running',
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(isSo),
      hostIP: node.address,
      hostIPs: [{ ip: node.address }],
      podIP: ip,
      podIPs: [{ ip }],
      startTime: since,
      ...(initial.length === 0 ? {} : { initContainerStatuses: initial }),
      containerStatuses: list(spec, 'containers').map((container) => ({
        ...statusOf(container),
        state: { running: { startedAt: since } },
      })),
      qosClass: qualityOf(list(spec, 'containers')),
    },
  };
}

/** An image as the container runtime names it: with its registry. */
const qualified = (image: string): string => (/^[^/]+\.[^/]+\//.test(image) ? image : `docker.io/${image}`);

export function statusOf(container: unknown): Fields {
  const image = qualified(text(container, 'image'));
  const { name, digest = `sha256:${sha256Hex(text(container, 'image'))}` } = parseImage(image);
  return {
    name: text(container, 'name'),
    image,
    imageID: `${name}@${digest}`,
    ready: true,
    started: true,
    restartCount: 0,
    lastState: {},
  };
}
