/**
 * Runs runbooks: gathers each fact once and in parallel, judges every check as soon as its facts are there, and diagnoses.
 *
 * There is no schedule: a check awaits its facts and the verdicts of its needs, a fact awaits the reads it follows from, and
 * promises do the rest. So a run takes as many waves as its longest chain of reads, which is two.
 *
 * A run always ends and always reports: what has not answered when it has to end is unknown, and so is a check with a bug.
 */
import type { Accept } from './accepted.ts';
import { unknown, type Check, type Judgement, type JudgeContext } from './check.ts';
import { conclude, unconcluded, type Concluding } from './conclude.ts';
import { examine, type Examination } from './examine.ts';
import { askVersion, createGathering, messageOf, type GatheredFact } from './gather.ts';
import type { Inputs } from './read.ts';
import type { ClusterSource, ProbeSource } from './source.ts';
import { rootCausesOf, worst, type Report, type RunbookReport, type Verdict } from './report.ts';
import { plannedReads, usesProbes, withNeeds, type Runbook } from './runbook.ts';
import { createStop, type Stop } from './stop.ts';
import { inTurn } from './turns.ts';

export type { ClusterSource, ProbeSource } from './source.ts';
export type { GatheredFact } from './gather.ts';

export interface RunOptions {
  runbooks: readonly Runbook[];
  cluster: ClusterSource;
  /** Without probes, checks that need them are skipped and say so. */
  probes?: ProbeSource;
  inputs?: Inputs;
  now?: () => Date;
  /** Called with each verdict as soon as it is known. */
  onVerdict?: (verdict: Verdict) => void;
  /** Ends the run early, with a report of what is known by then. Its reason is an Error whose message is a phrase: `the run was stopped`. */
  signal?: AbortSignal;
  /** How long the run may take, in milliseconds; as long as its sources do when left out. */
  deadlineMs?: number;
  /** Does a piece of work that may not come to an end, and throws GivenUp when it does not in time; without it such work goes on. */
  bounded?: <T>(piece: () => T) => T;
  /** Where a bug is to be reported, for the sentence that tells of one. */
  bugsTo?: string;
  /** Says of what is found whether it is accepted. */
  accept?: Accept;
}

/** Something that went wrong in a check itself, whatever the cluster is like. */
export interface Bug {
  /** The check's id. */
  check: string;
  error: Error;
}

export interface Run {
  report: Report;
  /** Every fact of the run, in the order in which it was asked for. */
  facts: readonly GatheredFact[];
  /** Not of the report, where such a check is unknown. */
  bugs: readonly Bug[];
  /** Why the run ended before all had answered, as a phrase; null when it did not. */
  stopped: string | null;
}

export async function run(options: RunOptions): Promise<Run> {
  const stop = createStop(options.signal, options.deadlineMs);
  try {
    return await runUntil(stop, options);
  } finally {
    stop.release();
  }
}

async function runUntil(stop: Stop, options: RunOptions): Promise<Run> {
  const { runbooks, cluster, probes, bugsTo } = options;
  const concluding: Concluding = {
    ...{ locate: (object, path) => cluster.locate?.(object, path), source: cluster.source },
    accept: options.accept ?? (() => undefined),
  };
  const bounded = options.bounded ?? (<T>(piece: () => T): T => piece());
  const now = options.now ?? (() => new Date());
  const startedAt = now();
  // A clock that is set back meanwhile takes nothing away.
  const elapsed = (): number => Math.max(0, now().getTime() - startedAt.getTime());
  const sources = { cluster, probes };
  const { gather, all: allGathered } = createGathering(sources, stop, now);
  const context: JudgeContext = { now: startedAt, inputs: options.inputs ?? {} };
  const examination: Examination = {
    ...{ gather, mayProbe: probes !== undefined, context, stop },
    work: (piece) => inTurn(() => bounded(piece)),
  };
  const bugs: Bug[] = [];
  const caught = (check: Check, error: unknown): Judgement => {
    bugs.push({ check: check.id, error: error instanceof Error ? error : new Error(String(error)) });
    const message = `This check has a bug, which is no fault of your cluster (${messageOf(error).slice(0, 200)}). Please report it${bugsTo === undefined ? '' : ` at ${bugsTo}`}.`;
    return unknown(message, { kind: 'malformed', message });
  };

  const checks = withNeeds(runbooks.flatMap((runbook) => runbook.checks));
  // Ask for everything that is known beforehand at once; checks then find it under way.
  const usable = checks.filter((check) => probes !== undefined || !usesProbes(check));
  plannedReads(usable).reads.forEach((read) => void gather(read));
  const version = askVersion(sources, stop);

  const judge = async (check: Check, needs: readonly Promise<Verdict>[]): Promise<Verdict> => {
    const judgements = await examine(check, examination).catch((error: unknown) => [caught(check, error)]);
    const explained = await Promise.all(needs);
    return inTurn(() => {
      let verdict: Verdict;
      try {
        verdict = conclude(check, judgements, explained, { ...concluding, durationMs: elapsed() });
      } catch (error) {
        verdict = unconcluded(check, caught(check, error), elapsed());
      }
      try {
        options.onVerdict?.(verdict);
      } catch (error) {
        // Whoever looks on does not end the run, and what was judged stands.
        caught(check, error);
      }
      return verdict;
    });
  };
  const verdicts = new Map<string, Promise<Verdict>>();
  for (const check of checks) {
    const needs = check.needs.map((need) => verdicts.get(need.id)).filter((verdict) => verdict !== undefined);
    verdicts.set(check.id, judge(check, needs));
  }

  const settled = new Map((await Promise.all(verdicts.values())).map((verdict) => [verdict.id, verdict]));
  const facts = await allGathered();
  const kubernetes = await version;
  return {
    report: {
      version: 2,
      cluster: {
        ...{ source: cluster.source, context: cluster.context, server: cluster.server, kubernetes },
        user: cluster.user ?? null,
      },
      startedAt: startedAt.toISOString(),
      durationMs: elapsed(),
      requests: cluster.requests(),
      rootCauses: rootCausesOf([...settled.values()]),
      runbooks: runbooks.map((runbook) => reportOn(runbook, settled)),
      checks: [...settled.values()],
    },
    facts,
    bugs,
    stopped: stop.signal.aborted ? stop.why() : null,
  };
}

function reportOn({ id, title, checks }: Runbook, settled: ReadonlyMap<string, Verdict>): RunbookReport {
  const all = checks.map((check) => settled.get(check.id)).filter((verdict) => verdict !== undefined);
  return {
    id,
    title,
    outcome: worst(all.map((verdict) => verdict.outcome)),
    rootCauses: rootCausesOf(all),
    checks: all.map((verdict) => verdict.id),
  };
}
