/** Where facts come from. A source has no write verb, and so nothing that runs here can write. */
import type { ObjectRef, Position } from './judgement.ts';
import type { Fact } from './fact.ts';
import type { ClusterRead, ProbeRead } from './read.ts';
import type { Report } from './report.ts';

/**
 * Where facts about a cluster come from.
 *
 * A read that is asked to end early (`signal`) should let go of its connections. The run does not wait for that: it goes on without.
 */
export interface ClusterSource {
  readonly source: Report['cluster']['source'];
  readonly context: string;
  readonly server: string;
  read(read: ClusterRead, signal?: AbortSignal): Promise<Fact>;
  version(signal?: AbortSignal): Promise<Fact<string>>;
  /** How many requests were sent so far. */
  requests(): number;
  /** Who asks, by the name in the kubeconfig. */
  readonly user?: string;
  /** Where a field of an object stands in Git; only manifests tell. */
  readonly locate?: Locate;
}

export type { Position } from './judgement.ts';

export type Locate = (object: ObjectRef, path: string) => Position | undefined;

/** Opens connections to see what answers. */
export interface ProbeSource {
  probe(read: ProbeRead, signal?: AbortSignal): Promise<Fact>;
}
