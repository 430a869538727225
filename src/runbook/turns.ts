/**
 * Lets others have a turn: judging is work without a pause, and whoever serves pages from the same process serves none meanwhile.
 */

/** How long work may go on without a pause, in milliseconds: a page that is asked for meanwhile feels nothing of it. */
const sliceMs = 15;

let spentMs = 0;
let pause: Promise<void> | undefined;

/** Does some work when it is its turn. */
export async function inTurn<T>(work: () => T): Promise<T> {
  // Asked again after each pause: of many that waited, the first may have used up the time again.
  while (spentMs >= sliceMs) {
    await (pause ??= new Promise((resolve) =>
      setTimeout(() => {
        spentMs = 0;
        pause = undefined;
        resolve();
      }),
    ));
  }
  const started = performance.now();
  try {
    return work();
  } finally {
    spentMs += performance.now() - started;
  }
}
