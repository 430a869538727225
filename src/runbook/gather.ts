/**
 * Gathers facts, each once. A read ends when its source has answered or when the run has to end, whichever comes first: no source,
 * whatever it waits for, holds a run up.
 */
import { problem, type Fact } from './fact.ts';
import { kept } from './keep.ts';
import { isProbe, readKey, readSubject, type Read } from './read.ts';
import type { ClusterSource, ProbeSource } from './source.ts';
import type { Stop } from './stop.ts';
import { inTurn } from './turns.ts';

export interface GatheredFact {
  read: Read;
  fact: Fact;
  readAt: string;
}

/** Asks for a fact, or finds it under way. The promise never rejects. */
export type Gather = (read: Read) => Promise<GatheredFact>;

export interface Gathering {
  gather: Gather;
  /** Every fact so far, in the order in which it was asked for. */
  all: () => Promise<readonly GatheredFact[]>;
}

export interface Sources {
  cluster: ClusterSource;
  probes: ProbeSource | undefined;
}

export function createGathering(sources: Sources, stop: Stop, now: () => Date): Gathering {
  const gathered = new Map<string, Promise<GatheredFact>>();
  return {
    gather: (read) => {
      const key = readKey(read);
      const known = gathered.get(key);
      if (known !== undefined) return known;
      // Named first: what is no read at all is its maker's mistake, and nobody else's fact.
      const fresh = ask(read, readSubject(read), sources, stop).then((fact) => ({
        read,
        fact,
        readAt: now().toISOString(),
      }));
      gathered.set(key, fresh);
      return fresh;
    },
    all: () => Promise.all(gathered.values()),
  };
}

/** Sources report problems as facts; should one throw all the same, that is the answer's malformation, not the run's end. */
async function ask(read: Read, subject: string, sources: Sources, stop: Stop): Promise<Fact> {
  const unanswered = (): Fact => problem('timed-out', `No answer about ${subject}: ${stop.why()}.`);
  if (stop.signal.aborted) return unanswered();
  try {
    const fact = await Promise.race([answerOf(read, subject, sources, stop.signal), stop.stopped.then(unanswered)]);
    return await inTurn(() => kept(read, fact));
  } catch (error) {
    return problem('malformed', `Reading ${subject} went wrong: ${messageOf(error)}`);
  }
}

async function answerOf(read: Read, subject: string, { cluster, probes }: Sources, signal: AbortSignal): Promise<Fact> {
  if (!isProbe(read)) return cluster.read(read, signal);
  if (probes === undefined) return problem('unreachable', `${subject}: probes are off`);
  return probes.probe(read, signal);
}

/** The server's version, which no check waits for. */
export async function askVersion({ cluster }: Sources, stop: Stop): Promise<string | null> {
  try {
    const fact = await Promise.race([cluster.version(stop.signal), stop.stopped.then(() => undefined)]);
    return fact?.ok === true ? fact.value : null;
  } catch {
    return null;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
