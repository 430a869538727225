/** A run in the terminal: from the choice of a source to the exit code. */
import { legible } from '../runbook/legible.ts';
import { acceptance, type Accept, type Acceptance } from '../runbook/accepted.ts';
import { checksIn } from '../runbook/apart.ts';
import { exitCode, type Report } from '../runbook/report.ts';
import type { Run } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { runbooks } from '../../runbooks/index.ts';
import { gatewayIsAbsent, meantGateway } from '../../runbooks/models/whose-cluster.ts';
import { Refusal } from '../formats/refusal.ts';
import type { PlacedEntry } from '../sources/accepted.ts';
import { closed, examine, stoppedText } from '../sources/examine.ts';
import { openSource } from '../sources/open.ts';
import { partsOf, type Choice, type Source } from '../sources/source.ts';
import { bugsTo, exit, explainBugs, note, type Interruption } from './ending.ts';
import { commandWith } from './command.ts';
import { progress } from './progress.ts';

export interface RunOnceOptions {
  /** How long one request may take, in seconds. */
  timeout: number;
  /** How long the whole run may take, in seconds. */
  deadline: number;
  clusterOnly?: boolean;
  /** The Gateway that is named beside the stack file's. */
  gateway?: string;
  input: Readonly<Record<string, string>>;
  /** The file that says what is accepted. */
  accept?: string;
  /** Whether a watch runs again: who asks, and what was left out, has been said, and a Gateway that was there may come and go. */
  isAgain?: boolean;
}

/** What a run brought, and who asked. */
export type Finished = Run & { who: readonly string[] };

/**
 * Runs runbooks and has the result printed, before anything that could still go wrong at the end.
 *
 * @param print Prints the result; what it throws is told as a bug.
 * @returns the exit code.
 * @throws {Refusal} when the source cannot be opened, or lacks the Gateway that was named.
 */
export async function runOnce(
  named: readonly Runbook[],
  choice: Choice,
  options: RunOnceOptions,
  interruption: Interruption,
  print: (finished: Finished) => void,
): Promise<number> {
  // Told before anything is asked.
  const entries = options.accept === undefined ? [] : await acceptedIn(options.accept);
  const source = await openSource(choice, { timeoutMs: options.timeout * 1000, signal: interruption.signal });
  const who = (source.identity ?? []).map(legible);
  if (options.isAgain !== true) {
    who.forEach(note);
    source.notes?.forEach((text) => note(legible(text)));
  }
  const bugs: unknown[] = [];
  let code: number = exit.bug;
  let refusal: Refusal | undefined;
  try {
    const accepted = acceptance(entries, source.now?.() ?? new Date());
    const done = await withProgress(named, source, { ...options, accept: accepted.accept }, interruption);
    const isNamed = options.gateway !== undefined && options.isAgain !== true;
    const absent = isNamed ? gatewayIsAbsent(done.facts) : undefined;
    if (absent !== undefined) throw new Refusal('usage', absent.message, absent.hint);
    code = exitCode(done.report);
    // For a reader who closes the pipe while it is printed.
    process.exitCode = code;
    bugs.push(...done.bugs.map(({ error }) => error));
    print({ ...done, who });
    tellOfAccepted(accepted, done.report, named);
    if (done.stopped !== null) note(`${stoppedText(done.stopped)}${moreTime(done.stopped)}\n`);
    const meant = done.report.notice === undefined ? undefined : meantGateway(done.facts);
    if (meant !== undefined) note(`To run with that Gateway:\n  ${legible(commandWith(meant))}`);
  } catch (error) {
    if (error instanceof Refusal) refusal = error;
    else bugs.push(error);
  }
  await closed(source).catch((error: unknown) => bugs.push(error));
  bugs.unshift(...interruption.bugs);
  if (refusal !== undefined && bugs.length === 0) throw refusal;
  return bugs.length === 0 ? code : explainBugs(bugs);
}

async function acceptedIn(file: string): Promise<readonly PlacedEntry[]> {
  const { readAccepted } = await import('../sources/accepted.ts');
  return readAccepted(file);
}

async function withProgress(
  named: readonly Runbook[],
  source: Source,
  { deadline, clusterOnly, input, accept }: Omit<RunOnceOptions, 'accept'> & { accept: Accept },
  { signal, interrupt }: Interruption,
): Promise<Run> {
  const bar = progress(process.stderr, checksIn(partsOf(source), named));
  try {
    return await examine(source, named, {
      ...{ inputs: input, clusterOnly: clusterOnly === true, deadlineMs: deadline * 1000, accept },
      ...{ judgingSeconds, interrupt, signal, bugsTo, face: 'terminal', onVerdict: bar.step },
    });
  } finally {
    bar.end();
  }
}

/** Says which entries accept nothing: their date has passed, or what they name is not found any more. */
function tellOfAccepted(
  { expired, unused }: Acceptance<PlacedEntry>,
  { checks }: Report,
  named: readonly Runbook[],
): void {
  for (const { place, finding, object, until } of expired)
    note(legible(`${place}: the date has passed (${until}), so ${finding} of ${object} counts again.`));
  // Of a check that was not run nobody knows.
  const isRun = ({ finding }: PlacedEntry): boolean =>
    named.length === runbooks.length || checks.some(({ id }) => finding.startsWith(`${id}#`));
  for (const { place, finding, object } of unused().filter(isRun))
    note(legible(`${place}: nothing of this run is ${finding} of ${object}. Take the entry out, or correct it.`));
}

/** How long one check may take to judge what was read: far more than it does of a large cluster. */
const judgingSeconds = 20;

const moreTime = (why: string): string => (why.includes('longer than') ? ' Give it more with: --deadline SECONDS' : '');
