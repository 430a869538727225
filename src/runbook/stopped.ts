/** What a source makes of the signal that ends a read before its answer is there. */
import { problem, type Fact } from './fact.ts';

/**
 * Why something was stopped, as a phrase for a sentence. An `abort()` without a reason of its own has one that says nothing ("This
 * operation was aborted").
 */
export const whyStopped = ({ reason }: AbortSignal): string =>
  reason instanceof Error && !(reason instanceof DOMException) ? reason.message : 'the run was stopped';

/** The fact of a read that was stopped. */
export const stopped = (signal: AbortSignal): Fact<never> => problem('timed-out', whyStopped(signal));

/** Does something once when a signal says so, and soon if it has; what comes back lets go of the signal. */
export function whenStopped(signal: AbortSignal | undefined, act: (signal: AbortSignal) => void): () => void {
  if (signal === undefined) return () => undefined;
  let isWanted = true;
  const onStop = (): void => {
    if (isWanted) act(signal);
  };
  if (signal.aborted) queueMicrotask(onStop);
  else signal.addEventListener('abort', onStop, { once: true });
  return () => {
    isWanted = false;
    signal.removeEventListener('abort', onStop);
  };
}
