/**
 * A cluster whose answers are given by hand, one read at a time: for tests of when the engine asks, and of what it does meanwhile.
 */
import { value, type Fact } from '../../src/runbook/fact.ts';
import { readKey, type ClusterRead } from '../../src/runbook/read.ts';
import type { ClusterSource } from '../../src/runbook/run.ts';

export interface GatedSource extends ClusterSource {
  /** The keys of the reads so far, in order. */
  readonly asked: readonly string[];
  /** Answers the read of this key. */
  answer(key: string, fact: Fact): void;
}

export function gatedSource(): GatedSource {
  const asked: string[] = [];
  const waiting = new Map<string, (fact: Fact) => void>();
  return {
    source: 'live',
    context: 'gated',
    server: 'https://gated.example',
    asked,
    read: (read: ClusterRead) => {
      asked.push(readKey(read));
      return new Promise((resolve) => waiting.set(readKey(read), resolve));
    },
    answer(key, fact) {
      const resolve = waiting.get(key);
      if (resolve === undefined) throw new Error(`Nobody asked "${key}"; asked were: ${asked.join(', ')}.`);
      resolve(fact);
    },
    version: () => Promise.resolve(value('v1.36.2')),
    requests: () => asked.length,
  };
}

/** Lets every promise that can settle do so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
