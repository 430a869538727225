/** How the program ends: its exit codes, what is said of what went wrong, and what happens when somebody stops it. */
import { Refusal } from '../formats/refusal.ts';
import { CommanderError } from 'commander';
import { stack } from '#stack';
import { painter } from '../report/paint.ts';
import { legible } from '../runbook/legible.ts';
import { wrap } from '../report/style.ts';

export const exit = { usage: 64, input: 66, bug: 70, output: 74 } as const;

export const exitCodes = `Exit codes:
  0   nothing failed (warnings are allowed)
  1   something failed
  2   nothing failed, but something is unknown
  64  wrong usage
  66  an input (kubeconfig, manifest, snapshot) cannot be opened
  70  a bug in the handbook; what was found is printed before it
  74  the result cannot be written

Ctrl+C stops a run and prints what is known by then, with the exit code of that
(2, or 1 where something has failed); a second one ends it at once.`;

/** Where bugs are reported. */
export const bugsTo = `${stack.site.repository}/issues`;

export const note = (text: string): void => void process.stderr.write(`${text}\n`);

/**
 * Says what went wrong and what to do; a person is never shown a stack, except of our own bugs.
 *
 * @returns the exit code.
 */
export function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exit.usage;
  if (error instanceof Refusal) {
    const word = painter(process.stderr, process.env).red('error:');
    const told = legible(error.message)
      .split('\n')
      .map((line) => wrap(line, 100));
    note(`${word} ${told.join('\n')}\n${wrap(legible(error.hint), 100)}`);
    return error.of === 'input' ? exit.input : exit.usage;
  }
  return explainBugs([error]);
}

/** Says what went wrong in the program itself, each bug once. */
export function explainBugs(bugs: readonly unknown[]): number {
  const told = new Set(bugs.map((bug) => (bug instanceof Error ? (bug.stack ?? bug.message) : String(bug))));
  note(`This is a bug in the handbook, not in your cluster. Please report it with what follows at\n${bugsTo}\n`);
  for (const text of told) note(legible(text.slice(0, 4000)));
  return exit.bug;
}

/** What may end a command from outside while it is at work. */
export interface Interruption {
  /** Aborted by the first signal, and by an exception that nobody caught. */
  signal: AbortSignal;
  /** What a signal does: the first one ends the run, the second one the process. */
  interrupt: () => void;
  /** What nobody caught; the work goes on to its end, so that what was found is not lost. */
  bugs: readonly unknown[];
  /** From now on a signal ends the process at once, and so does such an exception. */
  release: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function heedInterruptions(): Interruption {
  const controller = new AbortController();
  const bugs: unknown[] = [];
  const stop = (): void => {
    ignoreSignals();
    if (process.stderr.isTTY) note('\nStopping. Press Ctrl+C again to end at once.');
    controller.abort(new Error('the run was stopped'));
  };
  const ignoreSignals = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  const caught = (error: unknown): void => {
    bugs.push(error);
    controller.abort(new Error('a bug in the handbook ended the run'));
  };
  for (const signal of signals) process.on(signal, stop);
  process.on('uncaughtException', caught);
  process.off('uncaughtException', endWithBug);
  return {
    signal: controller.signal,
    interrupt: () => {
      if (!controller.signal.aborted) return stop();
      // Told here, for nobody may come to hear of it while there is work that does not end.
      if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT');
    },
    bugs,
    release: () => {
      ignoreSignals();
      process.off('uncaughtException', caught);
      process.off('uncaughtException', endWithBug);
      process.on('uncaughtException', endWithBug);
    },
  };
}

let isBroken = false;

function endWithBug(error: unknown): void {
  explainBugs([error]);
  // A bug that follows from the first says nothing more, and what was printed may still be on its way.
  if (isBroken) return;
  isBroken = true;
  void end();
}

/** Has every way in which the program can end unasked end it with a word and an honest exit code. */
export function guardEnds(): void {
  // Rejections that nobody handles come here, too.
  process.on('uncaughtException', endWithBug);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe, such as head, ends the program; it is no error, and does not change what was found.
    if (error.code === 'EPIPE') process.exit();
    note(`The result could not be written: ${error.code ?? error.message}.`);
    process.exit(exit.output);
  });
  // Whoever does not read what is said beside the result still gets the result.
  process.stderr.on('error', () => undefined);
}

/** Ends the process when all that was printed has been taken, whatever else still holds a connection. */
export async function end(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  process.exit(isBroken ? exit.bug : process.exitCode);
}
