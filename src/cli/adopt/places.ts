/** Where names can be read: a cluster, or folders of manifests. Nothing is written to either. */
import { manifestCluster } from '../../manifests/source.ts';
import { legible } from '../../runbook/legible.ts';
import { readPlaces } from '../../sources/manifests.ts';
import { openSource } from '../../sources/open.ts';
import type { ClusterChoice } from '../../sources/source.ts';
import { factsOf, type Facts } from './facts.ts';

export interface Seen {
  /** Who tells, for a sentence. */
  where: string;
  facts: Facts;
  unread: readonly string[];
}

/** @throws {Refusal} when the kubeconfig does not say whom to ask. */
export async function fromCluster(choice: ClusterChoice, note: (text: string) => void): Promise<Seen> {
  const source = await openSource({ source: 'live', ...choice });
  source.identity?.map(legible).forEach(note);
  try {
    return { where: `cluster ${source.cluster.context}`, ...(await factsOf(source.cluster)) };
  } finally {
    await source.close();
  }
}

/** @throws {Refusal} when a folder or a file cannot be read, or holds no manifest. */
export async function fromManifests(places: readonly string[]): Promise<Seen> {
  const { rendered } = await readPlaces(places);
  const [first] = rendered.clusters;
  const of = first?.cluster === undefined ? '' : ` for ${first.cluster}`;
  const where = `the manifests in ${places.join(', ')}${of}`;
  return { where, ...(await factsOf(manifestCluster(first?.manifests ?? [], { name: where, isStack: false }))) };
}
