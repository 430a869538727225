/**
 * A snapshot holds the facts of a run, redacted, so that the same judgement can be made again elsewhere and later.
 */
import { problem, type Fact } from './fact.ts';
import { readKey, readSubject, type Read } from './read.ts';
import type { ClusterSource, GatheredFact, ProbeSource, Run } from './run.ts';
import type { Report } from './report.ts';

export interface Snapshot {
  version: 1;
  cluster: Report['cluster'];
  takenAt: string;
  requests: number;
  /** Whether probes were part of the run. */
  probed: boolean;
  inputs: Readonly<Record<string, string>>;
  facts: readonly GatheredFact[];
  /** What was taken out, by path: an audit of the redaction. */
  redacted: readonly string[];
}

/** Environment variables and annotations whose values may be credentials; names tell, values are never looked at. */
const sensitive = /token|secret|passw|credential|api[-_]?key|private|oauth|auth[-_]?key/i;
const dropped = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

export function takeSnapshot(
  { report, facts }: Run,
  { probed, inputs }: { probed: boolean; inputs: Readonly<Record<string, string>> },
): Snapshot {
  const redacted: string[] = [];
  return {
    version: 1,
    cluster: report.cluster,
    takenAt: report.startedAt,
    requests: report.requests,
    probed,
    inputs,
    facts: facts.map((gathered) => ({
      ...gathered,
      fact: gathered.fact.ok
        ? { ok: true, value: redact(gathered.fact.value, readKey(gathered.read), redacted) }
        : gathered.fact,
    })),
    redacted,
  };
}

function redact(value: unknown, path: string, redacted: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => redact(item, `${path}[${index}]`, redacted));
  if (typeof value !== 'object' || value === null) return value;
  const isVariable = 'name' in value && 'value' in value && typeof value.value === 'string';
  if (isVariable && typeof value.name === 'string' && sensitive.test(value.name)) {
    redacted.push(`${path}.value`);
    return { ...value, value: 'REDACTED' };
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const here = `${path}.${key}`;
      if (dropped.has(key)) {
        redacted.push(here);
        return [];
      }
      if (path.endsWith('.annotations') && sensitive.test(key)) {
        redacted.push(here);
        return [[key, 'REDACTED']];
      }
      return [[key, redact(inner, here, redacted)]];
    }),
  );
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
