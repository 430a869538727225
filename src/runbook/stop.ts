/** When a run has to end: when its caller says so, or when its time is up. */
import { whyStopped } from './stopped.ts';

/** Thrown in place of work that did not come to an end in time; the message is a phrase: `it took longer than 5 s`. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

export interface Stop {
  /** For sources; its reason is an Error whose message is a phrase for a sentence. */
  readonly signal: AbortSignal;
  /** Resolves when the run has to end. */
  readonly stopped: Promise<void>;
  /** Why, as a phrase: `the run took longer than 120 s`. */
  why: () => string;
  /** Whether it has to end and has had the time to judge what it knows: what is left is left. */
  isOver: () => boolean;
  /** Lets go of the clock and of the caller's signal. */
  release: () => void;
}

/** How long checks may still be judged by the facts that are there, in milliseconds: a person is waiting for the end. */
const graceMs = 1000;

/** The longest time that a timer takes, in milliseconds; a longer one would end at once. */
const longest = 2 ** 31 - 1;

/**
 * @param caller Ends the run; the message of its reason says why, unless it has none.
 * @param deadlineMs How long the run may take, in milliseconds; for ever when left out.
 */
export function createStop(caller: AbortSignal | undefined, deadlineMs: number | undefined): Stop {
  const own = new AbortController();
  let stoppedAt = Infinity;
  const stopped = new Promise<void>((resolve) => {
    own.signal.addEventListener('abort', () => {
      stoppedAt = performance.now();
      resolve();
    });
  });
  const follow = (): void => {
    if (caller !== undefined) own.abort(new Error(whyStopped(caller)));
  };
  // At once, where it has to end before it begins: nothing is sent then.
  if (caller?.aborted === true) follow();
  else caller?.addEventListener('abort', follow);
  const timer =
    deadlineMs === undefined
      ? undefined
      : setTimeout(
          () => own.abort(new Error(`the run took longer than ${deadlineMs / 1000} s`)),
          Math.min(deadlineMs, longest),
        );
  return {
    signal: own.signal,
    stopped,
    why: () => whyStopped(own.signal),
    isOver: () => performance.now() - stoppedAt > graceMs,
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', follow);
    },
  };
}
