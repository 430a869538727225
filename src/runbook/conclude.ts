/** What becomes of a check's judgements: a verdict, with what was found in the shape of the report. */
import type { Accept } from './accepted.ts';
import { mostFindings, pieces, sentences, shown } from './bounds.ts';
import { groupOf, knownKind } from './kinds.ts';
import type { Check, Evidence, Judgement, ObjectRef, Remedy } from './check.ts';
import { findingPage } from './finding.ts';
import { readCommand } from './read.ts';
import { isBroken, nothingFound, worst, type Finding, type Outcome, type Report, type Verdict } from './report.ts';
import { plannedReads } from './runbook.ts';
import { place, sh, type Shell } from './shell.ts';
import type { Locate } from './source.ts';

/** What a run knows of what is found beside the judgement. */
export interface Concluding {
  locate: Locate;
  accept: Accept;
  source: Report['cluster']['source'];
}

/** The verdict of a check whose judgements could not be made into one. */
export const unconcluded = ({ id, title, component }: Check, { message }: Judgement, durationMs: number): Verdict => ({
  ...{ id, title, component, ...nothingFound },
  ...{ outcome: 'unknown', message, problem: { kind: 'malformed', message }, durationMs },
});

/** A judgement with what became of it: a finding whose explanation failed is a consequence, so it blocks rather than fails. */
interface Concluded {
  judgement: Judgement;
  /** What it counts for. */
  outcome: Outcome;
  blockedBy: readonly string[];
  accepted: Finding['accepted'];
  isConsequence: boolean;
}

/** Turns judgements into the verdict; what remains failed is a root cause. */
export function conclude(
  check: Check,
  judgements: readonly Judgement[],
  needs: readonly Verdict[],
  { durationMs, ...concluding }: Concluding & { durationMs: number },
): Verdict {
  const concluded = judgements.map((judgement) => explained(judgement, needs.filter(isBroken), concluding.accept));
  const outcome = worst(concluded.map((one) => one.outcome));
  const telling = concluded.filter((one) => one.outcome === outcome);
  const problem = telling
    .map(({ judgement }) => ('problem' in judgement ? judgement.problem : undefined))
    .find((found) => found !== undefined);
  return {
    ...{ id: check.id, title: check.title, component: check.component, outcome },
    message: sentences(unique(telling.map(told))),
    blockedBy: unique(telling.flatMap((one) => one.blockedBy)),
    problem: problem ?? null,
    commands: [...checkCommands(check)],
    durationMs,
    findings: findingsOf(concluded, concluding),
  };
}

function explained(judgement: Judgement, broken: readonly Verdict[], accept: Accept): Concluded {
  const accepted = 'evidence' in judgement ? (accept(judgement.finding, judgement.evidence[0].object) ?? null) : null;
  if (accepted !== null) return { judgement, outcome: 'passed', blockedBy: [], accepted, isConsequence: false };
  const reasons = 'explainedBy' in judgement ? judgement.explainedBy : undefined;
  const blockers = broken.filter(({ id }) => reasons?.includes(id) ?? true);
  const isConsequence = blockers.length > 0 && ['failed', 'skipped', 'unknown'].includes(judgement.outcome);
  if (!isConsequence) return { judgement, outcome: judgement.outcome, blockedBy: [], accepted, isConsequence };
  const blockedBy = blockers.map(({ id }) => id);
  // What follows from what is accepted is accepted with it, and cannot be looked at either.
  const waived = blockers.every(({ outcome }) => outcome !== 'failed' && outcome !== 'blocked');
  const waiver = waived
    ? (blockers.flatMap(({ findings }) => findings).find((one) => one.accepted)?.accepted ?? null)
    : null;
  return { judgement, outcome: waived ? 'skipped' : 'blocked', blockedBy, accepted: waiver, isConsequence };
}

function told({ judgement: { message }, accepted, isConsequence, blockedBy, outcome }: Concluded): string {
  if (isConsequence && outcome === 'skipped') return `It follows from what is accepted (${blockedBy.join(', ')}).`;
  return accepted === null ? message : `Accepted until ${accepted.until}: ${message}`;
}

/** What failed first, then what follows from something else, then what only warns, then what is accepted. */
const inOrder = (found: readonly Finding[]): readonly Finding[] => [
  ...(['failed', 'blocked', 'warned'] as const).flatMap((wanted) =>
    found.filter(({ outcome, accepted }) => outcome === wanted && accepted === null),
  ),
  ...found.filter(({ accepted }) => accepted !== null),
];

/** What was found, each once, as many as a person reads. */
function findingsOf(concluded: readonly Concluded[], concluding: Concluding): Finding[] {
  const found = inOrder(concluded.flatMap((one) => findingOf(one, concluding)));
  return unique(found, sameJson).slice(0, mostFindings(concluding.source));
}

function findingOf({ judgement, isConsequence, accepted }: Concluded, concluding: Concluding): Finding[] {
  const { locate } = concluding;
  if (!('evidence' in judgement)) return [];
  const { finding: id, headline, message, quote, evidence, remedies, page } = judgement;
  return [
    {
      ...{ id, outcome: isConsequence ? 'blocked' : judgement.outcome, headline, message, quote },
      evidence: pieces(
        unique(
          evidence.map((piece) => pieceOf(piece, locate)),
          sameJson,
        ),
      ),
      remedies: remedies.map((remedy) => remedyOf(remedy, concluding)),
      commands: pieces(
        unique([...(judgement.commands ?? []), ...evidence.map((piece) => getCommand(piece.object))].map(textOf)),
      ),
      page: page ?? findingPage(id),
      accepted,
    },
  ];
}

/**
 * Over manifests, a file that a command would apply is one of the handbook's own tree, and most likely not one of theirs: it is told of as the
 * example that it is, with the way to mend what stands in Git.
 */
function remedyOf({ title, change, commands, disturbs }: Remedy, { source }: Concluding): Finding['remedies'][number] {
  const texts = commands.map(textOf);
  const examples = source === 'manifests' ? texts.flatMap((text) => applied.exec(text)?.[1] ?? []) : [];
  return {
    title: examples.length === 0 ? title : `${title} The handbook’s own, as an example: ${examples.join(', ')}.`,
    disturbs,
    commands: texts.filter((text) => examples.length === 0 || !applied.test(text)),
    change: change === undefined ? null : { ...change, to: shown(change.to ?? null) },
  };
}

const applied = /^kubectl apply -[fk] (?!-)(.+)$/;

const pieceOf = (
  { object, path, observed, expected, source }: Evidence,
  locate: Locate,
): Finding['evidence'][number] => ({
  ...{ object, path },
  observed: shown(observed ?? null),
  expected: shown(expected ?? null),
  source: source ?? locate(object, path) ?? null,
});

/** The commands that show by hand what a check looks at. */
export function checkCommands(check: Check): readonly string[] {
  if (check.commands !== undefined) return check.commands.map(textOf);
  const { reads, follows } = plannedReads([check]);
  return unique([...reads.map(readCommand), ...follows.map((follow) => follow.command)].map(textOf));
}

/** The command that shows an object; for one that this handbook does not read, by its full kind. */
function getCommand(object: ObjectRef): Shell {
  const group = groupOf(object.apiVersion);
  const isShort = group === '' || knownKind(object.apiVersion, object.kind) !== undefined;
  const kind = isShort ? object.kind : `${object.kind}.${group}`;
  return sh`kubectl get ${kind.toLowerCase()} ${place(object)} -o yaml`;
}

const textOf = ({ text }: Shell): string => text;

/** Each item once: by itself, or by what `by` makes of it. */
const unique = <T>(items: readonly T[], by: (item: T) => unknown = (item) => item): T[] => [
  ...new Map(items.map((item) => [by(item), item] as const)).values(),
];

const sameJson = (item: unknown): string => JSON.stringify(item);
