/**
 * The recorded runs that pages show, from the artefact that `npm run record` writes. What recordings leave out of a check that found
 * nothing is what the check itself says.
 */
import type { Check } from '../../runbook/check.ts';
import { withNeeds } from '../../runbook/runbook.ts';
import { nothingFound, type RunbookResult, type Verdict } from '../../runbook/report.ts';
import { runbooks } from '../../../runbooks/index.ts';
import recorded from './recorded-runs.json' with { type: 'json' };

export interface Recording {
  /** The demo cluster's scenario; `healthy` when nothing is broken. */
  scenario: string;
  title: string;
  /** Id of the component at fault; empty when nothing is broken. */
  component: string;
  report: RunbookResult;
}

/** Recorded runs by the id of their runbook, the healthy one last. */
export type Recordings = Readonly<Record<string, readonly Recording[]>>;

/** A verdict as it is written down: its check's own words, and what a page does not show, left out. */
export type RecordedVerdict = Pick<Verdict, 'id' | 'outcome'> & Partial<Omit<Verdict, 'title' | 'component'>>;

export interface Recorded extends Omit<Recording, 'report'> {
  report: Pick<RunbookResult, 'outcome' | 'rootCauses'> & { checks: readonly RecordedVerdict[] };
}

/** What pages show only the title of. */
const brief: readonly Verdict['outcome'][] = ['passed', 'skipped'];

export const recordedVerdict = ({ id, outcome, message, blockedBy, problem, findings }: Verdict): RecordedVerdict =>
  brief.includes(outcome)
    ? { id, outcome }
    : {
        ...{ id, outcome, message },
        ...(blockedBy.length === 0 ? {} : { blockedBy }),
        ...(problem === null ? {} : { problem }),
        ...(findings.length === 0 ? {} : { findings }),
      };

const checks: ReadonlyMap<string, Check> = new Map(
  withNeeds(runbooks.flatMap((runbook) => runbook.checks)).map((check) => [check.id, check]),
);

const titles = new Map(runbooks.map(({ id, title }) => [id, title]));

function restored(id: string, { report, ...about }: Recorded): Recording {
  const verdicts = report.checks.map((verdict): Verdict => {
    const check = checks.get(verdict.id);
    if (check === undefined) throw new Error(`No check is called ${verdict.id} any more: run npm run record.`);
    return { title: check.title, component: check.component, ...nothingFound, ...verdict };
  });
  return { ...about, report: { ...report, id, title: titles.get(id) ?? id, checks: verdicts } };
}

export const recordings: Recordings = Object.fromEntries(
  Object.entries(recorded as unknown as Readonly<Record<string, readonly Recorded[]>>).map(([id, runs]) => [
    id,
    runs.map((run) => restored(id, run)),
  ]),
);
