/**
 * One read on its way to the server: all its pages, and all that is asked again. It ends at its deadline, or when whoever wants
 * it has gone; what it waits for hears of both by one signal.
 */
import type { Fact } from '../runbook/fact.ts';
import { stopped, whenStopped } from '../runbook/stopped.ts';

export interface Errand {
  readonly signal: AbortSignal;
  /** There is a connection. From here on the deadline counts: the wait for one, and for who we are, has limits of its own. */
  begin(): void;
}

/** What the errand brings; at its end, that it was stopped and why, though what it waits for may not have heard of it yet. */
export async function within<T>(
  timeoutMs: number,
  signals: readonly (AbortSignal | undefined)[],
  errand: (errand: Errand) => Promise<Fact<T>>,
): Promise<Fact<T>> {
  const gone = signals.find((signal) => signal?.aborted);
  if (gone !== undefined) return stopped(gone);
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const letGo = signals.map((signal) => whenStopped(signal, ({ reason }) => stop.abort(reason)));
  try {
    const end = new Promise<Fact<never>>((resolve) =>
      stop.signal.addEventListener('abort', () => resolve(stopped(stop.signal))),
    );
    const begin = (): void => {
      timer ??= setTimeout(() => stop.abort(late(timeoutMs)), timeoutMs);
    };
    return await Promise.race([errand({ signal: stop.signal, begin }), end]);
  } finally {
    for (const release of letGo) release();
    clearTimeout(timer);
  }
}

const late = (timeoutMs: number): Error =>
  new Error(`the whole of its answer did not come within ${timeoutMs / 1000} s`);
