/** The `scale` subresource: the number of replicas of a workload, as `kubectl scale` and autoscalers see and set it. */
import { selectorText } from '../../../src/formats/label-selector.ts';
import { at, fieldsOf, number, text, type Fields } from '../objects/fields.ts';
import type { KubernetesObject, StoredObject } from '../objects/object.ts';
import { cause, invalid } from '../http/statuses.ts';

export function toScale(workload: StoredObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: number(workload, 'spec', 'replicas') },
    status: {
      replicas: number(workload, 'status', 'replicas'),
      selector: selectorText(at(workload, 'spec', 'selector')),
    },
  };
}

/** @throws StatusError 422 where the number is none. */
export function fromScale(scale: Fields, workload: StoredObject): KubernetesObject {
  const replicas = at(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, text(workload, 'metadata', 'name'), [
      cause.invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  return { ...workload, spec: { ...fieldsOf(workload, 'spec'), replicas } };
}
