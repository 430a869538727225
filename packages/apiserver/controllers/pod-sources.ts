/** What pods take from Secrets and ConfigMaps, and what a kubelet says when it is not there. */
import { at, list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { type Cluster, kinds } from './cluster.ts';

/** A Secret or ConfigMap that a container takes its environment from, and that is not there. */
export function missingConfig(cluster: Cluster, pod: StoredObject, container: unknown): string | undefined {
  const sources = [
    ...list(container, 'env').map((variable) => at(variable, 'valueFrom')),
    ...list(container, 'envFrom'),
  ].flatMap((source) => [
    { kind: kinds.Secret, word: 'secret', reference: at(source, 'secretKeyRef') ?? at(source, 'secretRef') },
    {
      kind: kinds.ConfigMap,
      word: 'configmap',
      reference: at(source, 'configMapKeyRef') ?? at(source, 'configMapRef'),
    },
  ]);
  const missing = sources.find(
    ({ kind, reference }) =>
      text(reference, 'name') !== '' &&
      at(reference, 'optional') !== true &&
      cluster.get(kind, pod.metadata.namespace, text(reference, 'name')) === undefined,
  );
  return missing && `${missing.word} "${text(missing.reference, 'name')}" not found`;
}

export function missingVolume(cluster: Cluster, pod: StoredObject): string | undefined {
  for (const volume of list(pod, 'spec', 'volumes')) {
    const sources = [
      {
        kind: kinds.Secret,
        word: 'secret',
        name: text(volume, 'secret', 'secretName'),
        optional: at(volume, 'secret', 'optional'),
      },
      {
        kind: kinds.ConfigMap,
        word: 'configmap',
        name: text(volume, 'configMap', 'name'),
        optional: at(volume, 'configMap', 'optional'),
      },
    ];
    for (const { kind, word, name, optional } of sources) {
      if (name === '' || optional === true || cluster.get(kind, pod.metadata.namespace, name) !== undefined) continue;
      return `MountVolume.SetUp failed for volume "${text(volume, 'name')}" : ${word} "${name}" not found`;
    }
  }
  return undefined;
}
