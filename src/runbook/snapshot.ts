/**
 * A snapshot holds what a run kept of its facts, less what may not leave (`keep.ts`), so that the same judgement can be made again elsewhere and later.
 */
import { problem, type Fact } from './fact.ts';
import { toldValue } from './keep.ts';
import { readKey, readSubject, type Read } from './read.ts';
import type { ClusterSource, GatheredFact, ProbeSource, Run } from './run.ts';
import type { Report } from './report.ts';

export interface Snapshot {
  version: 1;
  /** Without who asked: a snapshot is for others. */
  cluster: Omit<Report['cluster'], 'user'>;
  takenAt: string;
  requests: number;
  /** Whether probes were part of the run. */
  probed: boolean;
  inputs: Readonly<Record<string, string>>;
  facts: readonly GatheredFact[];
  /** What was taken out, by path: an audit of the redaction. */
  redacted: readonly string[];
}

const withoutUser = ({ user: _, ...cluster }: Report['cluster']): Snapshot['cluster'] => cluster;

export function takeSnapshot(
  { report, facts }: Run,
  { probed, inputs }: { probed: boolean; inputs: Readonly<Record<string, string>> },
): Snapshot {
  const redacted: string[] = [];
  return {
    version: 1,
    cluster: withoutUser(report.cluster),
    takenAt: report.startedAt,
    requests: report.requests,
    probed,
    inputs,
    facts: facts.map((gathered) => ({
      ...gathered,
      fact: gathered.fact.ok
        ? {
            ...gathered.fact,
            value: toldValue(gathered.read, gathered.fact.value, (path) =>
              redacted.push(`${readKey(gathered.read)}: ${path}`),
            ),
          }
        : gathered.fact,
    })),
    redacted,
  };
}

/** Answers reads from a snapshot; a read that it does not hold was not made when it was taken. */
export function openSnapshot(snapshot: Snapshot): {
  cluster: ClusterSource;
  probes: ProbeSource | undefined;
  inputs: Readonly<Record<string, string>>;
  now: () => Date;
} {
  const facts = new Map(snapshot.facts.map(({ read, fact }) => [readKey(read), fact]));
  const answer = (read: Read): Promise<Fact> =>
    Promise.resolve(
      facts.get(readKey(read)) ??
        problem('unreachable', `The snapshot does not hold ${readSubject(read)}: take it again with this runbook.`),
    );
  const { source, context, server, kubernetes } = snapshot.cluster;
  return {
    cluster: {
      // A replay is the same report, so it names the cluster that was asked.
      source,
      context,
      server,
      read: answer,
      version: () =>
        Promise.resolve(
          kubernetes === null
            ? problem('unreachable', 'The server did not tell its version.')
            : { ok: true, value: kubernetes },
        ),
      requests: () => snapshot.requests,
    },
    probes: snapshot.probed ? { probe: answer } : undefined,
    inputs: snapshot.inputs,
    now: () => new Date(snapshot.takenAt),
  };
}
