/**
 * What runs in the demo's containers, as far as it shows: most do their work and say nothing. The world names those that do not;
 * a few programs are known here because the cluster depends on what they do.
 */
import { list, text } from '../../../packages/apiserver/objects/fields.ts';
import { logKey } from '../../../packages/apiserver/reads/logs.ts';
import { resolveTimes } from '../../../packages/apiserver/objects/relative-times.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { Program } from '../world.ts';
import type { Behaviour, Containers } from '../../../packages/apiserver/controllers/containers.ts';
import { kinds, type Cluster } from './cluster.ts';
import { updateResolver } from './updater.ts';

/** What runs in the containers of the demo cluster. */
export const containersOf = (cluster: Cluster): Containers => ({
  isMissing: (image) => cluster.world.missingImages.includes(image),
  behaviourOf: (pod, container) => behaviourOf(cluster, pod, container),
});

function behaviourOf(cluster: Cluster, pod: StoredObject, container: unknown): Behaviour {
  const name = text(container, 'name');
  const workload = workloadOf(cluster, pod);
  const program = cluster.world.programs.find(
    (candidate) =>
      candidate.workload === `${pod.metadata.namespace ?? ''}/${workload.name}` &&
      candidate.container === name &&
      (candidate.argument === undefined || words(container).some((word) => word.includes(candidate.argument ?? ''))),
  );
  if (program !== undefined) return misbehaviour(cluster, pod, program, workload.ends);
  if (text(container, 'image').includes('hashicorp/vault:') && cluster.world.vault.sealed) {
    return { kind: 'is not ready', why: 'Key             Value\n---             -----\nSealed          true' };
  }
  if (!workload.ends) return { kind: 'serves' };
  const log = logKey(pod.metadata.namespace ?? '', pod.metadata.name, name);
  return {
    kind: 'ends',
    run: () => updateResolver(cluster, pod, words(container).join('\n'), (line) => cluster.log(log, line)),
  };
}

function misbehaviour(cluster: Cluster, pod: StoredObject, program: Program, ends: boolean): Behaviour {
  const { exitCode, notReady, log = '', container } = program;
  if (exitCode === undefined)
    return notReady === undefined ? { kind: 'serves' } : { kind: 'is not ready', why: notReady };
  const key = logKey(pod.metadata.namespace ?? '', pod.metadata.name, container);
  const said = resolveTimes(log, cluster.now).trimEnd();
  if (ends) {
    return {
      kind: 'ends',
      run: () => {
        cluster.log(key, said);
        return exitCode;
      },
    };
  }
  const say = (ended: Date): void => {
    // What one sees of a container that waits is its last run, and so is what `--previous` shows.
    if (log !== '') [key, `${key}.previous`].forEach((run) => cluster.setLog(run, resolveTimes(log, ended).trimEnd()));
  };
  return { kind: 'crashes', exitCode, say };
}

const words = (container: unknown): readonly string[] => [
  ...list(container, 'command').map((word) => text(word)),
  ...list(container, 'args').map((word) => text(word)),
];

/** What a person would call the pod's workload: its Deployment or CronJob, not what stands between. */
function workloadOf(cluster: Cluster, pod: StoredObject): { name: string; ends: boolean } {
  const [owner] = list(pod, 'metadata', 'ownerReferences');
  const name = text(owner, 'name');
  const between = { ReplicaSet: kinds.ReplicaSet, Job: kinds.Job }[text(owner, 'kind')];
  const [above] =
    between === undefined
      ? []
      : list(cluster.get(between, pod.metadata.namespace, name), 'metadata', 'ownerReferences');
  return { name: text(above, 'name') || name || pod.metadata.name, ends: text(owner, 'kind') === 'Job' };
}
