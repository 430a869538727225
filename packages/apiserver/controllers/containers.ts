/** What runs in containers, as far as it shows: whoever starts the cluster says it. */
import { list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';

/** How a container is to fare from now on. */
export type Behaviour =
  | { kind: 'serves' }
  | { kind: 'is not ready'; why: string }
  /** It ends as soon as it starts; `say` writes its last words, as of then. */
  | { kind: 'crashes'; exitCode: number; say: (ended: Date) => void }
  | { kind: 'ends'; run: () => number };

export interface Containers {
  /** Whether no registry has an image. */
  isMissing: (image: string) => boolean;
  /** Asked in every pass. */
  behaviourOf: (pod: StoredObject, container: unknown) => Behaviour;
}

/** Every image is there; a container serves for ever, and one of a Job is done at once. */
export const dutiful: Containers = {
  isMissing: () => false,
  behaviourOf: (pod) => {
    const isJobs = list(pod, 'metadata', 'ownerReferences').some((owner) => text(owner, 'kind') === 'Job');
    return isJobs ? { kind: 'ends', run: () => 0 } : { kind: 'serves' };
  },
};
