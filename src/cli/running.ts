/** A run in the terminal: from the choice of a source to the exit code. */
import { legible } from '../runbook/legible.ts';
import { exitCode } from '../runbook/report.ts';
import { run, type Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { createBounded } from '../runbook/node/bounded.ts';
import { withNotice } from '../../runbooks/models/whose-cluster.ts';
import { openSource } from '../sources/open.ts';
import type { Choice, Source } from '../sources/source.ts';
import { bugsTo, exit, explainBugs, note, type Interruption } from './ending.ts';
import { progress } from './progress.ts';

export interface RunOnceOptions {
  /** How long one request may take, in seconds. */
  timeout: number;
  /** How long the whole run may take, in seconds. */
  deadline: number;
  clusterOnly?: boolean;
  input: Readonly<Record<string, string>>;
  /** Whether a watch runs again: who asks, and what was left out, has been said. */
  isAgain?: boolean;
}

/** What a run brought, and who asked. */
export type Finished = Run & { who: readonly string[] };

/**
 * Runs runbooks and has the result printed, before anything that could still go wrong at the end.
 *
 * @param print Prints the result; its second call, after an exception in the first, is for a result without what is long.
 * @returns the exit code.
 */
export async function runOnce(
  named: readonly Runbook[],
  choice: Choice,
  options: RunOnceOptions,
  interruption: Interruption,
  print: (finished: Finished) => void,
): Promise<number> {
  const source = await openSource(choice, { timeoutMs: options.timeout * 1000, signal: interruption.signal });
  const who = (source.identity ?? []).map(legible);
  if (options.isAgain !== true) {
    who.forEach(note);
    source.notes?.forEach((text) => note(legible(text)));
  }
  const bugs: unknown[] = [];
  let code: number = exit.bug;
  try {
    const done = await examine(named, source, options, interruption);
    code = exitCode(done.report);
    // For a reader who closes the pipe while it is printed.
    process.exitCode = code;
    bugs.push(...done.bugs.map(({ error }) => error));
    print({ ...done, who });
    if (done.stopped !== null) note(`${stoppedText(done.stopped)}\n`);
  } catch (error) {
    bugs.push(error);
  }
  await closed(source).catch((error: unknown) => bugs.push(error));
  bugs.unshift(...interruption.bugs);
  return bugs.length === 0 ? code : explainBugs(bugs);
}

async function examine(
  named: readonly Runbook[],
  source: Source,
  { deadline, clusterOnly, input }: RunOnceOptions,
  { signal, interrupt }: Interruption,
): Promise<Run> {
  const chosen = source.runbook === undefined ? named : [source.runbook, ...named];
  const total = new Set(chosen.flatMap((runbook) => runbook.checks.map(({ id }) => id))).size;
  const bar = progress(process.stderr, total);
  try {
    const done = await run({
      runbooks: chosen,
      cluster: source.cluster,
      ...(source.probes === undefined || clusterOnly === true ? {} : { probes: source.probes }),
      ...(source.now === undefined ? {} : { now: source.now }),
      inputs: source.inputs ?? input,
      onVerdict: bar.step,
      signal,
      deadlineMs: deadline * 1000,
      bounded: createBounded(judgingSeconds, interrupt),
      bugsTo,
    });
    return withNotice(done);
  } finally {
    bar.end();
  }
}

/** How long one check may take to judge what was read: far more than it does of a large cluster. */
const judgingSeconds = 20;

const stoppedText = (why: string): string =>
  `${why.slice(0, 1).toUpperCase()}${why.slice(1)}; what had not answered by then is unknown.${
    why.includes('longer than') ? ' Give it more with: --deadline SECONDS' : ''
  }`;

/** How long a source may take to close, in milliseconds: the result is printed, and the process ends after it anyway. */
const closingMs = 2000;

async function closed(source: Source): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, closingMs)));
  await Promise.race([source.close(), patience]).finally(() => clearTimeout(timer));
}
