/**
 * Work that several wait for at once: it is done once for all of them, and stopped when the last of them has gone.
 */
import { whenStopped } from '../runbook/stopped.ts';

interface Running<T> {
  result: Promise<T>;
  stop: AbortController;
  waiting: number;
}

export class Shared<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>;
  #running: Running<T> | undefined;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work;
  }

  /** Joins the work under way, or begins it. Rejects with the signal's reason when that goes first. */
  async join(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const running = (this.#running ??= this.#begin());
    running.waiting += 1;
    let letGo = (): void => undefined;
    const gone = new Promise<never>((_, reject) => {
      letGo = whenStopped(signal, ({ reason }) => reject(reason as Error));
    });
    try {
      return await Promise.race([running.result, gone]);
    } finally {
      letGo();
      running.waiting -= 1;
      if (running.waiting === 0) this.#leave(running);
    }
  }

  #begin(): Running<T> {
    const stop = new AbortController();
    const running: Running<T> = { result: this.#work(stop.signal), stop, waiting: 0 };
    const done = (): void => this.#forget(running);
    running.result.then(done, done);
    return running;
  }

  /** Nobody waits any longer: what is still under way ends, and who comes now begins anew. */
  #leave(running: Running<T>): void {
    this.#forget(running);
    running.stop.abort(new Error('nobody waits for it'));
  }

  #forget(running: Running<T>): void {
    if (this.#running === running) this.#running = undefined;
  }
}
