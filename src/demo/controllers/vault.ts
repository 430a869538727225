/**
 * Vault's own process: it seals itself whenever it starts, and labels its pod with how it is (service registration) [Vault 1.20].
 *
 * That a sealed Vault is not ready is what its probe says; see programs.ts.
 */
import { at, list, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { kinds, type Cluster } from './cluster.ts';

export function vault(cluster: Cluster): void {
  for (const pod of cluster.list(kinds.Pod)) {
    const version = versionOf(pod);
    if (version === undefined || !isStarted(pod)) continue;
    sealAfterStart(cluster, pod);
    register(cluster, pod, version);
  }
}

const versionOf = (pod: StoredObject): string | undefined =>
  list(pod, 'spec', 'containers')
    .map((container) => /(?:^|\/)hashicorp\/vault:v?([\w.-]+)$/.exec(text(container, 'image'))?.[1])
    .find((version) => version !== undefined);

const isStarted = (pod: StoredObject): boolean =>
  list(pod, 'status', 'containerStatuses').some((status) => at(status, 'state', 'running') !== undefined);

/** The key that unseals it is in the process's memory only: another process has none. */
function sealAfterStart(cluster: Cluster, pod: StoredObject): void {
  const key = `vault ${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  const [status] = list(pod, 'status', 'containerStatuses');
  const process = `${pod.metadata.uid} ${text(status, 'restartCount')}`;
  const known = cluster.memory.get(key);
  cluster.memory.set(key, process);
  if (known === undefined || known === process) return;
  cluster.changeWorld({ vault: { sealed: true, progress: 0 } });
}

function register(cluster: Cluster, pod: StoredObject, version: string): void {
  const { sealed } = cluster.world.vault;
  const labels = {
    ...strings(pod, 'metadata', 'labels'),
    'vault-active': String(!sealed),
    'vault-initialized': 'true',
    'vault-perf-standby': 'false',
    'vault-sealed': String(sealed),
    'vault-version': version,
  };
  cluster.replace({ ...pod, metadata: { ...pod.metadata, labels } });
}
