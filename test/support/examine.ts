/**
 * Examines a cluster made of objects: the healthy demo objects, with changes, problems, logs and probes on top.
 *
 * Everything that a judge gets is deeply frozen: one that changes what it was given is found by whatever test comes across it.
 */
import { resolveTimes } from '../../packages/apiserver/objects/relative-times.ts';
import type { Change } from '../../packages/apiserver/state/changes.ts';
import type { StoredObject } from '../../packages/apiserver/objects/object.ts';
import type { Scenario } from '../../src/demo/scenario.ts';
import type { Check } from '../../src/runbook/check.ts';
import { problem, value, type Fact, type ProblemKind } from '../../src/runbook/fact.ts';
import { readKey } from '../../src/runbook/read.ts';
import { reportSchema, type Report, type Verdict } from '../../src/runbook/report.ts';
import { run } from '../../src/runbook/run.ts';
import { defineRunbook, withNeeds, type Runbook } from '../../src/runbook/runbook.ts';
import { runbooks } from '../../runbooks/index.ts';
import { literalCluster, literalProbes } from './literal-cluster.ts';
import { changedObjects, objectsOf } from './objects.ts';

/** The time of every examination. */
export const now = new Date('2026-11-22T12:00:00Z');

/** Every check of every runbook, each once. */
export const allChecks: readonly Check[] = withNeeds(runbooks.flatMap((runbook) => runbook.checks));

export interface Situation {
  /** Differences from the healthy demo cluster. */
  changes?: readonly Change[];
  /** What the demo's controllers make of a scenario, in place of changes that stay alone. */
  scenario?: Scenario;
  /** Problems by kind of object, or by `log`. */
  problems?: Readonly<Record<string, ProblemKind>>;
  /** Logs by pod name; `{{ago 4m}}` becomes a time. */
  logs?: Readonly<Record<string, string>>;
  /** What somebody said to narrow the run down. */
  inputs?: Readonly<Record<string, string>>;
  /** What probes find, by the key of the read; probes are off when left out. */
  probes?: Readonly<Record<string, ProbeAnswer>>;
}

/** A result, or the kind of problem in its place. */
export type ProbeAnswer = Readonly<Record<string, unknown>> | ProblemKind;

/** The verdict of one check, examined with all that it needs. */
export async function examineCheck(check: Check, situation: Situation = {}): Promise<Verdict> {
  const runbook = defineRunbook({ id: 'test', title: 'Test', summary: 'One check.', checks: [check] });
  const report = await examine([runbook], situation);
  const verdict = report.checks.find(({ id }) => id === check.id);
  if (verdict === undefined) throw new Error(`The report has no verdict of ${check.id}.`);
  return verdict;
}

/** What came of changes and of scenarios: brought about once, for it is frozen. */
const known = new WeakMap<readonly Change[] | Scenario, readonly StoredObject[]>();

function objectsAfter<T extends readonly Change[] | Scenario>(
  what: T,
  bringAbout: (what: T, now: Date) => readonly StoredObject[],
): readonly StoredObject[] {
  const objects = known.get(what) ?? deepFreeze(bringAbout(what, now));
  known.set(what, objects);
  return objects;
}

const unchanged: readonly Change[] = [];

/** The report about a situation. */
export async function examine(
  some: readonly Runbook[],
  { changes = unchanged, scenario, problems = {}, logs = {}, inputs = {}, probes }: Situation = {},
): Promise<Report> {
  const objects = scenario === undefined ? objectsAfter(changes, changedObjects) : objectsAfter(scenario, objectsOf);
  const told = Object.fromEntries(Object.entries(logs).map(([pod, text]) => [pod, resolveTimes(text, now)]));
  const { report } = await run({
    runbooks: some,
    cluster: literalCluster(objects, { problems, logs: told }),
    ...(probes === undefined
      ? {}
      : {
          probes: literalProbes((read) =>
            probeFact(probes[readKey(read)] ?? onTheTailnet[readKey(read)], readKey(read)),
          ),
        }),
    inputs,
    now: () => now,
  });
  return reportSchema.parse(report);
}

/** What MagicDNS answers on the tailnet, unless a situation says otherwise: these tests run there. */
const onTheTailnet: Readonly<Record<string, ProbeAnswer>> = {
  [readKey({
    type: 'dns',
    name: 'gateway-envoy.tail1234.ts.net',
    record: 'A',
    server: { host: '100.100.100.100', port: 53 },
    why: '',
  })]: {
    outcome: 'answered',
    records: ['100.101.102.103'],
    aliases: [],
    ms: 1,
  },
};

function probeFact(answer: ProbeAnswer | undefined, key: string): Fact {
  if (answer === undefined) return problem('malformed', `Nobody said what the probe "${key}" finds.`);
  return typeof answer === 'string' ? problem(answer, `${key}: ${answer}`) : value(deepFreeze(answer));
}

/** Freezes a value and all that it holds. */
function deepFreeze<T>(frozen: T): T {
  if (typeof frozen !== 'object' || frozen === null || Object.isFrozen(frozen)) return frozen;
  Object.values(frozen).forEach(deepFreeze);
  return Object.freeze(frozen);
}
