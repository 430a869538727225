/** One run for an assistant: opens what was chosen, runs, and closes it again. */
import { createBounded } from '../runbook/node/bounded.ts';
import type { Inputs } from '../runbook/read.ts';
import type { Report, Verdict } from '../runbook/report.ts';
import { checksIn, runParts } from '../runbook/apart.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { withNotice } from '../../runbooks/models/whose-cluster.ts';
import { openSource } from '../sources/open.ts';
import { partsOf, type Choice, type Source } from '../sources/source.ts';
import type { Session } from './session.ts';

export interface Asked {
  choice: Choice;
  runbooks: readonly Runbook[];
  inputs: Inputs;
  /** Ends the run. */
  signal: AbortSignal;
  onVerdict: (verdict: Verdict, total: number) => void;
}

export interface Examined {
  report: Report;
  /** What was left out before anything was examined, and why a run ended early, in sentences. */
  notes: readonly string[];
}

/** How long one check may take to judge what was read: nothing else is heard meanwhile. */
const judgingSeconds = 10;

/** How long a source may take to close, in milliseconds. */
const closingMs = 2000;

/** @throws {Refusal} when what was chosen cannot be opened. */
export async function examine(
  { choice, runbooks, inputs, signal, onVerdict }: Asked,
  { timeoutMs, deadlineMs, clusterOnly, interrupt, log, logBug, bugsTo }: Session,
): Promise<Examined> {
  const source = await openSource(choice, { timeoutMs, signal });
  try {
    source.identity?.forEach(log);
    const parts = partsOf(source);
    const total = checksIn(parts, runbooks);
    const done = await runParts(parts, runbooks, {
      ...(source.probes === undefined || clusterOnly ? {} : { probes: source.probes }),
      ...(source.now === undefined ? {} : { now: source.now }),
      inputs: source.inputs ?? inputs,
      onVerdict: (verdict) => onVerdict(verdict, total),
      signal,
      deadlineMs,
      bounded: createBounded(judgingSeconds, interrupt),
      bugsTo,
    });
    for (const { error } of done.bugs) logBug(error);
    const { report } = withNotice(done, 'terminal');
    return { report, notes: [...(source.notes ?? []), ...(done.stopped === null ? [] : [stoppedText(done.stopped)])] };
  } finally {
    await closed(source).catch(logBug);
  }
}

const stoppedText = (why: string): string =>
  `${why.slice(0, 1).toUpperCase()}${why.slice(1)}; what had not answered by then is unknown.`;

async function closed(source: Source): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, closingMs)));
  await Promise.race([source.close(), patience]).finally(() => clearTimeout(timer));
}
