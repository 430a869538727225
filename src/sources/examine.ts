/** One run over what was opened, and its end: what every way in does in the same way. */
import { runParts } from '../runbook/apart.ts';
import { createBounded } from '../runbook/node/bounded.ts';
import type { Inputs } from '../runbook/read.ts';
import type { Run, RunOptions } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { withNotice, type Face } from '../../runbooks/models/whose-cluster.ts';
import { partsOf, type Source } from './source.ts';

export interface Examining extends Pick<RunOptions, 'accept' | 'bugsTo' | 'deadlineMs' | 'onVerdict' | 'signal'> {
  /** For a source that has none of its own. */
  inputs: Inputs;
  /** No DNS, TCP, TLS or HTTP probe. */
  clusterOnly: boolean;
  /** How long one check may take to judge what was read, in seconds. */
  judgingSeconds: number;
  /** What a signal does that came while nobody could hear it. */
  interrupt?: () => void;
  /** Where the report is read. */
  face: Face;
}

/** Runs runbooks over each cluster of a source; the report says first where it seems to be another than the stack file's. */
export async function examine(
  source: Source,
  named: readonly Runbook[],
  { inputs, clusterOnly, judgingSeconds, interrupt, face, ...options }: Examining,
): Promise<Run> {
  const done = await runParts(partsOf(source), named, {
    ...options,
    ...(source.probes === undefined || clusterOnly ? {} : { probes: source.probes }),
    ...(source.now === undefined ? {} : { now: source.now }),
    inputs: source.inputs ?? inputs,
    bounded: createBounded(judgingSeconds, interrupt),
  });
  return withNotice(done, face);
}

/** Why a run ended early, as a sentence. */
export const stoppedText = (why: string): string =>
  `${why.slice(0, 1).toUpperCase()}${why.slice(1)}; what had not answered by then is unknown.`;

/** How long a source may take to close, in milliseconds: what it told is known, and nobody waits for more. */
const closingMs = 2000;

/** Closes a source, as far as it can be closed in time. */
export async function closed(source: Source): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, closingMs)));
  await Promise.race([source.close(), patience]).finally(() => clearTimeout(timer));
}
