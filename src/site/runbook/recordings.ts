/**
 * The recorded runs that pages show, from the artefact that `npm run record` writes. What recordings leave out of a check that found
 * nothing is what the check itself says.
 */
import type { Check } from '../../runbook/check.ts';
import { withNeeds } from '../../runbook/runbook.ts';
import { nothingFound, type RunbookResult, type Verdict } from '../../runbook/report.ts';
import { runbooks } from '../../../runbooks/index.ts';
import { stackDigest } from '../stack-digest.ts';
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

/** The artefact: runs by the id of their runbook, and the stack that they are of. */
export interface RecordedRuns {
  stack: string;
  runs: Readonly<Record<string, readonly Recorded[]>>;
}

const { stack: recordedOf, runs = {} } = recorded as unknown as Partial<RecordedRuns>;

const unknown = Object.values(runs)
  .flatMap((all) => all.flatMap(({ report }) => report.checks.map(({ id }) => id)))
  .find((id) => !checks.has(id));

/** Why the recordings cannot be shown, and what to do; undefined when they fit. */
export const misfit: string | undefined =
  recordedOf !== stackDigest
    ? 'The recorded runs are of another stack than runbooks/stack.ts describes. Run npm run record, and commit what it writes.'
    : unknown === undefined
      ? undefined
      : `The recorded runs name ${unknown}, and no check is called that any more. Run npm run record, and commit what it writes.`;

function restored(id: string, { report, ...about }: Recorded): Recording {
  const verdicts = report.checks.flatMap((verdict): readonly Verdict[] => {
    const check = checks.get(verdict.id);
    return check === undefined ? [] : [{ title: check.title, component: check.component, ...nothingFound, ...verdict }];
  });
  return { ...about, report: { ...report, id, title: titles.get(id) ?? id, checks: verdicts } };
}

/** None where they do not fit: a page would show names that are somebody else's. */
export const recordings: Recordings =
  misfit === undefined
    ? Object.fromEntries(Object.entries(runs).map(([id, all]) => [id, all.map((run) => restored(id, run))]))
    : {};
