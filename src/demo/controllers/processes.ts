/** What the controllers of add-ons have in common: a process that has to run. */
import { wordsOf } from '../../formats/container-flags.ts';
import { list, number, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from './cluster.ts';

export interface Process {
  deployment: StoredObject;
  container: unknown;
}

/** The Deployment that runs an image and has a ready pod; none of those that are told another task by an argument. */
export function processOf(cluster: Cluster, image: RegExp, others: readonly string[] = []): Process | undefined {
  for (const deployment of cluster.list(kinds.Deployment)) {
    const container = list(deployment, 'spec', 'template', 'spec', 'containers').find((one) =>
      image.test(text(one, 'image')),
    );
    if (container === undefined) continue;
    if (wordsOf(container).some((word) => others.includes(word))) continue;
    if (number(deployment, 'status', 'readyReplicas') > 0) return { deployment, container };
  }
  return undefined;
}
