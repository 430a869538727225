/** One run for an assistant: opens what was chosen, runs, and closes it again. */
import type { Inputs } from '../runbook/read.ts';
import type { Report, Verdict } from '../runbook/report.ts';
import { checksIn } from '../runbook/apart.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { closed, examine, stoppedText } from '../sources/examine.ts';
import { openSource } from '../sources/open.ts';
import { partsOf, type Choice } from '../sources/source.ts';
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

/** @throws {Refusal} when what was chosen cannot be opened. */
export async function examined(
  { choice, runbooks, inputs, signal, onVerdict }: Asked,
  { timeoutMs, deadlineMs, clusterOnly, interrupt, log, logBug, bugsTo }: Session,
): Promise<Examined> {
  const source = await openSource(choice, { timeoutMs, signal });
  try {
    source.identity?.forEach(log);
    const total = checksIn(partsOf(source), runbooks);
    const { report, bugs, stopped } = await examine(source, runbooks, {
      ...{ inputs, clusterOnly, deadlineMs, judgingSeconds, interrupt, signal, bugsTo, face: 'terminal' },
      onVerdict: (verdict) => onVerdict(verdict, total),
    });
    for (const { error } of bugs) logBug(error);
    return { report, notes: [...(source.notes ?? []), ...(stopped === null ? [] : [stoppedText(stopped)])] };
  } finally {
    await closed(source).catch(logBug);
  }
}
