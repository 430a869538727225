/**
 * Keeps a cluster true: the controllers make passes until there is nothing left to change.
 *
 * Before anybody looks they do so at once; afterwards a pass follows a change after a moment, so that who watches sees one thing
 * follow from another, and a slow beat lets time itself be noticed (schedules, intervals, expiry).
 */
import type { Cluster, Controller } from './cluster.ts';

/** More passes than any chain of consequences is long. */
const enough = 100;
const pause = 50;
const beat = 5_000;

type Circumstances = readonly unknown[];

const areSame = (one: Circumstances, other: Circumstances): boolean =>
  one.every((each, index) => each === other[index]);

/** @throws when the controllers never agree, which is a bug of theirs. */
export function settle<C extends Cluster>(cluster: C, controllers: readonly Controller<C>[]): void {
  /** What each controller saw when it last found nothing to do; it is not asked again before that changes. */
  const seen = new Map<Controller<C>, Circumstances>();
  for (let pass = 0; pass < enough; pass += 1) {
    const before = cluster.circumstances;
    for (const controller of controllers) {
      const now = cluster.circumstances;
      const last = seen.get(controller);
      if (last !== undefined && areSame(last, now)) continue;
      controller(cluster);
      if (areSame(now, cluster.circumstances)) seen.set(controller, now);
    }
    if (areSame(before, cluster.circumstances)) return;
  }
  throw new Error(`The cluster's controllers still change things after ${enough} passes.`);
}

/** A timer that keeps no process alive, where that is a question at all. */
function idle<T>(timer: T): T {
  (timer as { unref?: () => unknown }).unref?.();
  return timer;
}

/** Lets the controllers work until the returned function is called. */
export function keepTrue<C extends Cluster>(
  cluster: C,
  controllers: readonly Controller<C>[],
  report: (problem: string) => void = console.error,
): () => void {
  let due: ReturnType<typeof setTimeout> | undefined;
  let isPassing = false;
  let isChanged = false;
  const hasChanged = (): boolean => isChanged;
  const wake = (): void => {
    isChanged = true;
    if (!isPassing) due ??= idle(setTimeout(pass, pause));
  };
  const pass = (): void => {
    due = undefined;
    isChanged = false;
    isPassing = true;
    for (const controller of controllers) {
      try {
        controller(cluster);
      } catch (error) {
        // An object that a person wrote may be one that a controller does not expect: the others go on.
        report(`${controller.name} failed: ${String(error)}`);
      }
    }
    isPassing = false;
    if (hasChanged()) wake();
  };
  const stop = cluster.watch(wake);
  const clock = idle(setInterval(pass, beat));
  return () => {
    stop();
    clearTimeout(due);
    clearInterval(clock);
  };
}
