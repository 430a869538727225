/**
 * Runs runbooks: gathers each fact once and in parallel, judges every check as soon as its facts are there, and diagnoses.
 *
 * There is no schedule: a check awaits its facts and the verdicts of its needs, a fact awaits the reads it follows from, and
 * promises do the rest. So a run takes as many waves as its longest chain of reads, which is two.
 */
import { kept } from './keep.ts';
import { kinds } from './kinds.ts';
import type { Check, Evidence, Judgement, JudgeContext, ObjectRef } from './check.ts';
import { MalformedField, NeedsCluster, problem, type Fact, type Problem } from './fact.ts';
import {
  isProbe,
  readCommand,
  readKey,
  readSubject,
  type ClusterRead,
  type Inputs,
  type Need,
  type ProbeRead,
  type Read,
} from './read.ts';
import { place, sh, type Shell } from './shell.ts';
import { worst, type Report, type Verdict } from './report.ts';
import { plannedReads, usesProbes, withNeeds, type Runbook } from './runbook.ts';

/** Where facts about a cluster come from. It has no write verb, and so nothing that runs here can write. */
export interface ClusterSource {
  readonly source: Report['cluster']['source'];
  readonly context: string;
  readonly server: string;
  read(read: ClusterRead, signal?: AbortSignal): Promise<Fact>;
  version(signal?: AbortSignal): Promise<Fact<string>>;
  /** How many requests were sent so far. */
  requests(): number;
}

/** Opens connections to see what answers. */
export interface ProbeSource {
  probe(read: ProbeRead, signal?: AbortSignal): Promise<Fact>;
}

export interface RunOptions {
  runbooks: readonly Runbook[];
  cluster: ClusterSource;
  /** Without probes, checks that need them are skipped and say so. */
  probes?: ProbeSource;
  inputs?: Inputs;
  now?: () => Date;
  /** Called with each verdict as soon as it is known. */
  onVerdict?: (verdict: Verdict) => void;
}

export interface GatheredFact {
  read: Read;
  fact: Fact;
  readAt: string;
}

export interface Run {
  report: Report;
  /** Every fact of the run, in the order in which it was asked for. */
  facts: readonly GatheredFact[];
}

export async function run(options: RunOptions): Promise<Run> {
  const { runbooks, cluster, probes } = options;
  const now = options.now ?? (() => new Date());
  const startedAt = now();
  const context: JudgeContext = { now: startedAt, inputs: options.inputs ?? {} };

  const gathered = new Map<string, Promise<GatheredFact>>();
  const gather: Gather = (read) => {
    const key = readKey(read);
    const known = gathered.get(key);
    if (known !== undefined) return known;
    const fresh = ask(read, cluster, probes).then((fact) => ({
      read,
      fact: kept(read, fact),
      readAt: now().toISOString(),
    }));
    gathered.set(key, fresh);
    return fresh;
  };

  const checks = withNeeds(runbooks.flatMap((runbook) => runbook.checks));
  // Ask for everything that is known beforehand at once; checks then find it under way.
  const usable = checks.filter((check) => probes !== undefined || !usesProbes(check));
  plannedReads(usable).reads.forEach((read) => void gather(read));
  const version = cluster.version();

  const verdicts = new Map<string, Promise<Verdict>>();
  for (const check of checks) {
    const needs = check.needs.map((need) => verdicts.get(need.id)).filter((verdict) => verdict !== undefined);
    const verdict = examine(check, gather, probes !== undefined, context).then(async (judgements) =>
      conclude(check, judgements, await Promise.all(needs), now().getTime() - startedAt.getTime()),
    );
    verdicts.set(check.id, verdict);
    void verdict.then((settled) => options.onVerdict?.(settled));
  }

  const settled = new Map((await Promise.all(verdicts.values())).map((verdict) => [verdict.id, verdict]));
  const kubernetes = await version;
  return {
    report: {
      version: 1,
      cluster: {
        source: cluster.source,
        context: cluster.context,
        server: cluster.server,
        kubernetes: kubernetes.ok ? kubernetes.value : null,
      },
      startedAt: startedAt.toISOString(),
      durationMs: now().getTime() - startedAt.getTime(),
      requests: cluster.requests(),
      runbooks: runbooks.map(({ id, title, checks: own }) => {
        const all = own.map((check) => settled.get(check.id)).filter((verdict) => verdict !== undefined);
        return {
          id,
          title,
          outcome: worst(all.map((verdict) => verdict.outcome)),
          rootCauses: all.filter((verdict) => verdict.outcome === 'failed').map((verdict) => verdict.id),
          checks: all,
        };
      }),
    },
    facts: await Promise.all(gathered.values()),
  };
}

/** Sources report problems as facts; should one throw all the same, that is the answer's malformation, not the run's end. */
async function ask(read: Read, cluster: ClusterSource, probes: ProbeSource | undefined): Promise<Fact> {
  try {
    if (!isProbe(read)) return await cluster.read(read);
    if (probes === undefined) return problem('unreachable', `${readSubject(read)}: probes are off`);
    return await probes.probe(read);
  } catch (error) {
    return problem('malformed', `Reading ${readSubject(read)} went wrong: ${messageOf(error)}`);
  }
}

type Gather = (read: Read) => Promise<GatheredFact>;

/** The value of a need, or the problem that stands in its way. */
type Resolved = { ok: true; value: unknown } | { ok: false; problem: Problem };

async function resolve(need: Need, gather: Gather, inputs: Inputs): Promise<Resolved> {
  if (need.want === 'follow') {
    const first = await resolveAll(need.first, gather, inputs);
    if (!first.ok) return first;
    const then = need.then as (values: unknown, inputs: Inputs) => readonly Read[];
    let reads: readonly Read[];
    try {
      reads = [...then(first.value, inputs)];
    } catch (error) {
      if (error instanceof NeedsCluster || error instanceof MalformedField)
        return { ok: false, problem: error.problem };
      throw error;
    }
    const answers = await Promise.all(reads.map(gather));
    return { ok: true, value: answers.map(({ read, fact }) => ({ read, fact })) };
  }
  const { fact } = await gather(need.read);
  if (need.want === 'raw') return { ok: true, value: fact };
  if (fact.ok) return fact;
  const absent = need.read.type === 'object' ? undefined : [];
  if (fact.problem.kind === 'not-found' && need.read.type === 'object') return { ok: true, value: absent };
  if (fact.problem.kind === 'kind-not-installed' && need.want === 'optional') return { ok: true, value: absent };
  return fact;
}

async function resolveAll(
  needs: Readonly<Record<string, Need>>,
  gather: Gather,
  inputs: Inputs,
): Promise<{ ok: true; value: Record<string, unknown> } | { ok: false; problem: Problem }> {
  const names = Object.keys(needs);
  const resolved = await Promise.all(Object.values(needs).map((need) => resolve(need, gather, inputs)));
  const values: Record<string, unknown> = {};
  for (const [index, result] of resolved.entries()) {
    if (!result.ok) return result;
    values[names[index] ?? ''] = result.value;
  }
  return { ok: true, value: values };
}

async function examine(
  check: Check,
  gather: Gather,
  mayProbe: boolean,
  context: JudgeContext,
): Promise<readonly Judgement[]> {
  if (!mayProbe && usesProbes(check)) {
    // Not even a broken need explains this: it was never tried.
    return [{ outcome: 'skipped', message: 'It opens connections, and probes are off in this run.', explainedBy: [] }];
  }
  const values = await resolveAll(check.reads, gather, context.inputs);
  if (!values.ok) {
    return [{ outcome: 'unknown', message: values.problem.message, problem: values.problem }];
  }
  try {
    const judged = check.judge(values.value, context);
    const judgements = isList(judged) ? [...judged] : [judged];
    // What a judgement shows is looked at as well, and must be there.
    JSON.stringify(judgements);
    return judgements;
  } catch (error) {
    if (error instanceof NeedsCluster || error instanceof MalformedField)
      return [{ outcome: 'unknown', message: error.message, problem: error.problem }];
    const message = `An object is not shaped as this check expects: ${messageOf(error)}`;
    return [{ outcome: 'unknown', message, problem: { kind: 'malformed', message } }];
  }
}

/** As `Array.isArray`, which does not see through readonly arrays. */
const isList = (judged: Judgement | readonly Judgement[]): judged is readonly Judgement[] => Array.isArray(judged);

/**
 * Turns judgements into the verdict.
 *
 * A finding whose explanation failed is a consequence, so it blocks rather than fails; what remains failed is a root cause.
 */
function conclude(
  check: Check,
  judgements: readonly Judgement[],
  needs: readonly Verdict[],
  durationMs: number,
): Verdict {
  const broken = needs.filter((need) => need.outcome === 'failed' || need.outcome === 'blocked').map((need) => need.id);
  const findings = judgements.map((judgement) => {
    const explainedBy = 'explainedBy' in judgement && judgement.explainedBy ? judgement.explainedBy : broken;
    const blockedBy = broken.filter((id) => explainedBy.includes(id));
    const isConsequence =
      blockedBy.length > 0 &&
      (judgement.outcome === 'failed' || judgement.outcome === 'skipped' || judgement.outcome === 'unknown');
    return isConsequence
      ? { judgement, outcome: 'blocked' as const, blockedBy }
      : { judgement, outcome: judgement.outcome, blockedBy: [] };
  });
  const outcome = worst(findings.map((finding) => finding.outcome));
  const telling = findings.filter((finding) => finding.outcome === outcome);
  const evidence: Evidence[] = telling.flatMap(({ judgement }) =>
    'evidence' in judgement ? [...(judgement.evidence ?? [])] : [],
  );
  const problem = telling
    .map(({ judgement }) => ('problem' in judgement ? judgement.problem : undefined))
    .find((found) => found !== undefined);
  const remedy = telling
    .map(({ judgement }) => ('remedy' in judgement ? judgement.remedy : undefined))
    .find((found) => found !== undefined);
  const commands = telling.flatMap(({ judgement }) => ('commands' in judgement ? [...(judgement.commands ?? [])] : []));
  return {
    id: check.id,
    title: check.title,
    component: check.component,
    outcome,
    message: unique(telling.map(({ judgement }) => judgement.message)).join(' '),
    blockedBy: unique(telling.flatMap((finding) => finding.blockedBy)),
    problem: problem ?? null,
    evidence: uniqueEvidence(evidence),
    commands: unique([...commands, ...evidence.map((piece) => getCommand(piece.object))].map(textOf)).concat(
      evidence.length === 0 && commands.length === 0 ? checkCommands(check) : [],
    ),
    remedy: remedy === undefined ? null : { ...remedy, commands: remedy.commands.map(textOf) },
    durationMs,
  };
}

/** Evidence that several findings share is told once. */
const uniqueEvidence = (evidence: readonly Evidence[]): Verdict['evidence'] => [
  ...new Map(
    evidence.map(({ object, path, observed, expected }) => {
      const piece = { object, path, observed: observed ?? null, expected: expected ?? null };
      return [JSON.stringify(piece), piece] as const;
    }),
  ).values(),
];

/** The commands that show by hand what a check looks at. */
export function checkCommands(check: Check): readonly string[] {
  if (check.commands !== undefined) return check.commands.map(textOf);
  const { reads, follows } = plannedReads([check]);
  return unique([...reads.map(readCommand), ...follows.map((follow) => follow.command)].map(textOf));
}

/** The command that shows an object; for one that this handbook does not read, by its full kind. */
function getCommand(object: ObjectRef): Shell {
  const known = Object.entries(kinds).find(
    ([kind, { group }]) => kind === object.kind && apiVersionGroup(object.apiVersion) === group,
  );
  const kind =
    known === undefined && object.apiVersion.includes('/')
      ? `${object.kind}.${apiVersionGroup(object.apiVersion)}`
      : object.kind;
  return sh`kubectl get ${kind.toLowerCase()} ${place(object)} -o yaml`;
}

const textOf = ({ text }: Shell): string => text;

const apiVersionGroup = (version: string): string => (version.includes('/') ? (version.split('/')[0] ?? '') : '');

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
