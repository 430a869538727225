/** Where facts come from. A source has no write verb, and so nothing that runs here can write. */
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
}

/** Opens connections to see what answers. */
export interface ProbeSource {
  probe(read: ProbeRead, signal?: AbortSignal): Promise<Fact>;
}
