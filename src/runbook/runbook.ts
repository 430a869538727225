/**
 * A runbook examines one Common Issue: an ordered list of checks, with everything that those checks need.
 */
import type { Check } from './check.ts';
import { isProbe, readKey, type ClusterRead, type FollowDescription, type Need, type Read } from './read.ts';

export interface RunbookInput {
  name: string;
  title: string;
  /** What happens without it. */
  absent: string;
  /** What is meant by what a person may write or paste in its place; the same text when left out. */
  read?: (text: string) => string;
  /** What it must look like as a whole; what does not match is refused before the run. */
  pattern: RegExp;
  /** The same in words, to stand behind “It takes”. */
  takes: string;
  example: string;
}

export interface Runbook {
  id: string;
  title: string;
  /** What it finds out, in a sentence. */
  summary: string;
  /** Path of its page on the site. */
  page: `/${string}/`;
  /** What a reader may say to narrow the run down. */
  inputs?: readonly RunbookInput[];
  /** Every check, in the order in which a reader should look: a check's needs come before it. */
  checks: readonly Check[];
}

/** Completes a runbook: what a check needs is examined too, just before it, so that a failure finds its cause. */
export function defineRunbook(runbook: Omit<Runbook, 'page'>): Runbook {
  return { ...runbook, page: `/issues/${runbook.id}/`, checks: withNeeds(runbook.checks) };
}

/**
 * Checks with all that they need, each once, causes before consequences.
 *
 * @throws when two checks share an id. (Needs are values that exist before the check that needs them: no cycle can be written.)
 */
export function withNeeds(checks: readonly Check[]): readonly Check[] {
  const ordered = new Map<string, Check>();
  const add = (check: Check): void => {
    const known = ordered.get(check.id);
    if (known === check) return;
    if (known !== undefined) throw new Error(`Two checks are called ${check.id}. Give one of them another id.`);
    check.needs.forEach(add);
    ordered.set(check.id, check);
  };
  checks.forEach(add);
  return [...ordered.values()];
}

/** What checks read, as far as it is known before a run: each read once, in order of first use. */
export function plannedReads(checks: readonly Check[]): {
  reads: readonly Read[];
  follows: readonly FollowDescription[];
} {
  const reads = new Map<string, Read>();
  const follows = new Map<string, FollowDescription>();
  const add = (need: Need): void => {
    if (need.want === 'follow') {
      Object.values(need.first).forEach(add);
      follows.set(need.describe.command.text, need.describe);
    } else {
      reads.set(readKey(need.read), need.read);
    }
  };
  for (const check of checks) Object.values(check.reads).forEach(add);
  return { reads: [...reads.values()], follows: [...follows.values()] };
}

/** The part of the planned reads that asks the cluster's API. */
export const clusterReads = (checks: readonly Check[]): readonly ClusterRead[] =>
  plannedReads(checks).reads.filter((read): read is ClusterRead => !isProbe(read));

/** Whether a check opens connections of its own, beyond the cluster's API. */
export const usesProbes = (check: Check): boolean => Object.values(check.reads).some(needsProbe);

const needsProbe = (need: Need): boolean =>
  need.want === 'follow' ? need.describe.probes || Object.values(need.first).some(needsProbe) : isProbe(need.read);
