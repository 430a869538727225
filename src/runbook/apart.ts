/** Runs over several clusters that stand side by side, such as those of one repository, told as one: each check says of which it speaks. */
import { rootCausesOf, worst, type Finding, type Report, type RunbookReport, type Verdict } from './report.ts';
import { enumerated } from './bounds.ts';
import { eachCheckOnce } from './catalogue.ts';
import { run, type Run, type RunOptions } from './run.ts';
import type { Runbook } from './runbook.ts';
import type { ClusterSource } from './source.ts';

/** One of several clusters. */
export interface Part {
  name: string;
  cluster: ClusterSource;
  /** What is examined of it before all else. */
  runbook?: Runbook | undefined;
}

/** The runbooks of a part, with its own first. */
const runbooksOf = ({ runbook }: Part, named: readonly Runbook[]): readonly Runbook[] =>
  runbook === undefined ? named : [runbook, ...named];

/** How many checks are examined in all. */
export const checksIn = (parts: readonly Part[], named: readonly Runbook[]): number =>
  parts.reduce((all, part) => all + eachCheckOnce(runbooksOf(part, named)).length, 0);

/** Runs runbooks over each of some clusters, one after the other, and tells all runs as one. */
export async function runParts(
  parts: readonly Part[],
  named: readonly Runbook[],
  options: Omit<RunOptions, 'runbooks' | 'cluster'>,
): Promise<Run> {
  const runs: NamedRun[] = [];
  for (const part of parts) {
    const done = await run({ ...options, runbooks: runbooksOf(part, named), cluster: part.cluster });
    runs.push({ name: part.name, run: done });
  }
  return runApart(runs as [NamedRun, ...NamedRun[]]);
}

interface NamedRun {
  name: string;
  run: Run;
}

/** @param runs In the order in which they are told; their checks may differ. */
function runApart(runs: readonly [NamedRun, ...NamedRun[]]): Run {
  const [{ run: first }, ...others] = runs;
  if (others.length === 0) return first;
  const checks = [
    ...Map.groupBy(
      of(runs, ({ checks }) => checks),
      ({ of: { id } }) => id,
    ).values(),
  ].map(verdictOf);
  const runbooks = [
    ...Map.groupBy(
      of(runs, ({ runbooks }) => runbooks),
      ({ of: { id } }) => id,
    ).values(),
  ].map((same) => runbookOf(same, checks));
  const sum = (field: 'durationMs' | 'requests'): number => runs.reduce((all, { run }) => all + run.report[field], 0);
  return {
    report: {
      ...first.report,
      durationMs: sum('durationMs'),
      requests: sum('requests'),
      rootCauses: rootCausesOf(checks),
      runbooks,
      checks,
    },
    facts: runs.flatMap(({ run }) => run.facts),
    bugs: runs.flatMap(({ run }) => run.bugs),
    stopped: runs.map(({ run }) => run.stopped).find((why) => why !== null) ?? null,
  };
}

/** What a cluster has of something, with its name. */
interface In<T> {
  name: string;
  of: T;
}

const of = <T>(runs: readonly NamedRun[], part: (report: Report) => readonly T[]): readonly In<T>[] =>
  runs.flatMap(({ name, run }) => part(run.report).map((one) => ({ name, of: one })));

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

function runbookOf(same: readonly In<RunbookReport>[], verdicts: readonly Verdict[]): RunbookReport {
  const ids = unique(same.flatMap(({ of: { checks } }) => checks));
  const own = verdicts.filter(({ id }) => ids.includes(id));
  const [first] = same as [In<RunbookReport>];
  return { ...first.of, outcome: worst(own.map(({ outcome }) => outcome)), rootCauses: rootCausesOf(own), checks: ids };
}

function verdictOf(same: readonly In<Verdict>[]): Verdict {
  const verdicts = same.map(({ of }) => of);
  const [first] = verdicts as [Verdict];
  const outcome = worst(verdicts.map((one) => one.outcome));
  const worstOnes = same.filter(({ of }) => of.outcome === outcome);
  return {
    ...first,
    outcome,
    message: toldApart(worstOnes, ({ message }) => message, same.length),
    blockedBy: unique(verdicts.flatMap(({ blockedBy }) => blockedBy)),
    problem: worstOnes.map(({ of }) => of.problem).find((problem) => problem !== null) ?? null,
    commands: unique(verdicts.flatMap(({ commands }) => commands)),
    durationMs: verdicts.reduce((all, { durationMs }) => all + durationMs, 0),
    findings: findingsOf(same),
  };
}

/** Who says the same says it together: `In main and test: …`; what all say needs no name. */
function toldApart<T>(some: readonly In<T>[], text: (of: T) => string, all: number): string {
  const bySaying = [...Map.groupBy(some, ({ of }) => text(of))];
  return bySaying
    .map(([said, by]) =>
      said === '' || by.length === all ? said : `In ${enumerated(by.map(({ name }) => name))}: ${said}`,
    )
    .join(' ');
}

/** What several clusters have of one place is one finding. */
function findingsOf(same: readonly In<Verdict>[]): Finding[] {
  const found = same.flatMap(({ name, of }) => of.findings.map((finding) => ({ name, of: finding })));
  const key = ({ of: { id, message, evidence } }: In<Finding>): string =>
    JSON.stringify([id, message, evidence.map(({ object, path, source }) => [object, path, source])]);
  return [...Map.groupBy(found, key).values()].map((alike) => {
    const [first] = alike as [In<Finding>];
    return { ...first.of, message: toldApart(alike, ({ message }) => message, same.length) };
  });
}
