/** Examines a check: brings it what it reads, and lets it judge. */
import { unknown, type Check, type Judgement, type JudgeContext } from './check.ts';
import { missed, type Problem } from './fact.ts';
import type { Gather } from './gather.ts';
import type { Inputs, Need, Read } from './read.ts';
import { usesProbes } from './runbook.ts';
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
    if (!values.ok) return [unknownFor(values.problem)];
    return await work(() => {
      if (stop.isOver()) throw new GivenUp(stop.why());
      return told(() => check.judge(values.value, context)).flatMap(showable);
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

/** The value of a need, or the problem that stands in its way. */
type Resolved<T = unknown> = { ok: true; value: T } | { ok: false; problem: Problem };

async function resolve(need: Need, on: Examination): Promise<Resolved> {
  const { gather, context, work } = on;
  if (need.want === 'follow') {
    const first = await resolveAll(need.first, on);
    if (!first.ok) return first;
    const then = need.then as (values: unknown, inputs: Inputs) => readonly Read[];
    const answers = await Promise.all(await work(() => [...then(first.value, context.inputs)].map(gather)));
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
  on: Examination,
): Promise<Resolved<Record<string, unknown>>> {
  const names = Object.keys(needs);
  const resolved = await Promise.all(Object.values(needs).map((need) => resolve(need, on)));
  const values: Record<string, unknown> = {};
  for (const [index, result] of resolved.entries()) {
    if (!result.ok) return result;
    values[names[index] ?? ''] = result.value;
  }
  return { ok: true, value: values };
}
