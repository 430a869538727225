/** One run at a time: each may hold a cluster's objects in memory and sixteen connections. Whoever comes meanwhile waits. */
import { Refusal } from '../formats/refusal.ts';
import { limits } from './limits.ts';

export type InTurn = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

export interface Turns {
  inTurn: InTurn;
  /** Resolves when nobody is at work. */
  idle: () => Promise<unknown>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let present = 0;
  return {
    inTurn: async (signal, work) => {
      if (present > limits.waiting) {
        throw new Refusal(
          'usage',
          `There are ${present} runs under way or waiting, and no more than that wait.`,
          'Wait for an answer before you ask again.',
        );
      }
      present += 1;
      const before = last;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      last = promise;
      try {
        await Promise.race([before, aborted(signal)]);
        signal.throwIfAborted();
        return await work();
      } finally {
        present -= 1;
        // Whoever gave up while waiting still stands behind those before.
        void before.then(() => resolve(undefined));
      }
    },
    idle: () => last,
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
