/** Examines a check: brings it what it reads, and lets it judge. */
import { unknown, type Check, type Judgement, type JudgeContext } from './check.ts';
import { Elsewhere, missed, Unread, type Fact, type Missed, type Problem } from './fact.ts';
import type { Gather } from './gather.ts';
import { kinds } from './kinds.ts';
import { openList } from './open-list.ts';
import type { Inputs, Need, Read } from './read.ts';
import { usesProbes } from './runbook.ts';
import { standIn } from './stand-in.ts';
import { GivenUp, type Stop } from './stop.ts';
import { told } from './told.ts';

export interface Examination {
  gather: Gather;
  mayProbe: boolean;
  context: JudgeContext;
  stop: Stop;
  /** Does a piece of work when it is its turn, and throws GivenUp when it does not come to an end. */
  work: <T>(piece: () => T) => Promise<T>;
}

/** @throws whatever a judge throws that is not about the shape of an object: a bug. */
export async function examine(check: Check, on: Examination): Promise<readonly Judgement[]> {
  const { mayProbe, context, stop, work } = on;
  if (!mayProbe && usesProbes(check)) {
    // Not even a broken need explains this: it was never tried.
    return [{ outcome: 'skipped', message: 'It opens connections, and probes are off in this run.', explainedBy: [] }];
  }
  try {
    const values = await resolveAll(check.reads, on);
    return await work(() => {
      if (stop.isOver()) throw new GivenUp(stop.why());
      return told(() => check.judge(values, context)).flatMap(showable);
    });
  } catch (error) {
    return [unknownFor(problemOf(error))];
  }
}

/** Why a check could not judge, where that is no bug. */
function problemOf(error: unknown): Problem {
  return error instanceof GivenUp
    ? { kind: 'timed-out', message: `What was read was not judged to the end: ${error.message}.` }
    : missed(error).problem;
}

const unknownFor = (problem: Problem): Judgement => unknown(problem.message, problem);

/** What a judgement shows is looked at as well, and must be there, and no more than a report can hold. */
function showable(judgement: Judgement): readonly Judgement[] {
  try {
    return told(() => {
      JSON.stringify(judgement);
      return judgement;
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [unknownFor({ kind: 'malformed', message: 'An object is too long, or nested too deep, to be shown.' })];
  }
}

/** A list of some namespaces is open: what is elsewhere is not absent. */
function seen(read: Read, fact: Fact): Fact {
  if (!fact.ok || fact.within === undefined || read.type !== 'list' || !Array.isArray(fact.value)) return fact;
  const { within } = fact;
  const why = new Elsewhere(kinds[read.kind].plural, within);
  // One namespace that nobody names, for all that nobody knows of.
  const unseen = [...within.besides, '*'].map((namespace) => standIn(read.kind, why.problem, namespace));
  return { ...fact, value: openList<unknown>(fact.value, why, unseen) };
}

/** What stands in the way of a value. */
type Resolved = { ok: true; value: unknown } | { ok: false; why: Missed };

async function resolve(need: Need, on: Examination): Promise<Resolved> {
  if (need.want === 'follow') return { ok: true, value: await followed(need, on) };
  const fact = seen(need.read, (await on.gather(need.read)).fact);
  if (need.want === 'raw') return { ok: true, value: fact };
  if (fact.ok) return fact;
  const absent = need.read.type === 'object' ? undefined : [];
  if (fact.problem.kind === 'not-found' && need.read.type === 'object') return { ok: true, value: absent };
  if (fact.problem.kind === 'kind-not-installed' && need.want === 'optional') return { ok: true, value: absent };
  const why = new Unread(fact.problem);
  if (need.read.type !== 'list') return { ok: false, why };
  return { ok: true, value: openList([], why, [standIn(need.read.kind, fact.problem)]) };
}

/** The answers to what follows; where it is not known what does, or what else, whoever looks at all of them is told so. */
async function followed(need: Extract<Need, { want: 'follow' }>, on: Examination): Promise<readonly unknown[]> {
  const { gather, context, work } = on;
  const then = need.then as (values: unknown, inputs: Inputs) => readonly Read[];
  const first = await resolveAll(need.first, on);
  let why: Missed | undefined;
  const reads = await work(() => {
    const found: Read[] = [];
    try {
      for (const read of then(first, context.inputs)) found.push(read);
    } catch (error) {
      why = missed(error);
    }
    return found;
  });
  const answers = (await Promise.all(reads.map(gather))).map(({ read, fact }) => ({ read, fact: seen(read, fact) }));
  return why === undefined ? answers : openList(answers, why);
}

/** A value for each need. Of one that could not be had, only whoever looks at it is told: another judgement may need it no more. */
async function resolveAll(
  needs: Readonly<Record<string, Need>>,
  on: Examination,
): Promise<Readonly<Record<string, unknown>>> {
  const resolved = await Promise.all(
    Object.entries(needs).map(async ([name, need]) => [name, await resolve(need, on)] as const),
  );
  const values: Record<string, unknown> = {};
  for (const [name, result] of resolved) {
    const get = (): unknown => {
      if (!result.ok) throw result.why;
      return result.value;
    };
    Object.defineProperty(values, name, { get, enumerable: true });
  }
  return values;
}
