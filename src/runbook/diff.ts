/**
 * Two reports beside one another: what the newer one finds that the older did not, what is gone, and what has stayed. A finding is known again
 * by its id and its object, and by the field where an object has several; never by a line. This schema is the source; the JSON Schema on the
 * site is derived from it.
 */
import { z } from 'zod';
import { groupOf } from './kinds.ts';
import { findingSchema, reportSchema, type Finding, type Report, type Verdict } from './report.ts';

const side = z.object({ cluster: reportSchema.shape.cluster, startedAt: z.iso.datetime() });

export const diffSchema = z.object({
  version: z.literal(1),
  old: side,
  new: side,
  introduced: z
    .array(findingSchema)
    .describe('What only the newer report finds, and what fails there that only warned, or was accepted, before.'),
  fixed: z.array(findingSchema).describe('What only the older report finds, where the newer one could judge it.'),
  unchanged: z.array(findingSchema).describe('What both find, as the newer report tells it.'),
  unclear: z
    .array(findingSchema)
    .describe('What the older report finds and the newer one could not judge: neither fixed nor found again.'),
});

export type Diff = z.infer<typeof diffSchema>;

interface Placed {
  finding: Finding;
  verdict: Verdict;
}

export function compare(older: Report, newer: Report): Diff {
  const pairs = paired(findingsOf(older), findingsOf(newer));
  const unclear: Finding[] = [];
  const fixed: Finding[] = [];
  for (const { finding, verdict } of pairs.onlyOld.filter(({ finding: one }) => counts(one)))
    (isOpen(newer, verdict.id) ? unclear : fixed).push(finding);
  const isWorse = ([before, after]: readonly [Placed, Placed]): boolean => rank(after.finding) > rank(before.finding);
  return {
    version: 1,
    old: { cluster: older.cluster, startedAt: older.startedAt },
    new: { cluster: newer.cluster, startedAt: newer.startedAt },
    // A consequence of something else is told where that is told.
    introduced: [...pairs.both.filter(isWorse).map(([, after]) => after), ...pairs.onlyNew]
      .map(({ finding }) => finding)
      .filter(({ outcome }) => outcome !== 'blocked'),
    fixed,
    unchanged: pairs.both
      .filter((pair) => !isWorse(pair) && pair.some(({ finding }) => finding.outcome !== 'blocked'))
      .map(([, { finding }]) => finding),
    unclear,
  };
}

/** Exit code of the terminal: 1 when something is introduced that fails, else 0. */
export const diffExitCode = ({ introduced }: Diff): 0 | 1 =>
  introduced.some(({ outcome, accepted }) => outcome === 'failed' && accepted === null) ? 1 : 0;

const findingsOf = ({ checks }: Report): readonly Placed[] =>
  checks.flatMap((verdict) => verdict.findings.map((finding) => ({ finding, verdict })));

/** What is accepted or follows from something else is not there to be fixed. */
const counts = ({ outcome, accepted }: Finding): boolean => outcome !== 'blocked' && accepted === null;

/** How much it counts: what failed because of something else was there, too. */
const rank = ({ outcome, accepted }: Finding): number => (accepted !== null ? 0 : outcome === 'warned' ? 1 : 2);

/** Whether a report could not say if something is so. A check that it does not have has nothing left to look at. */
function isOpen({ checks }: Report, id: string): boolean {
  const verdict = checks.find((check) => check.id === id);
  return verdict !== undefined && (verdict.outcome === 'unknown' || verdict.outcome === 'blocked');
}

/** By what two findings are the same, the surest first: a field keeps its path, or moves within its list. */
const keys: readonly ((finding: Finding) => string)[] = [
  (finding) =>
    `${subjectOf(finding)} ${finding.evidence[0]?.path ?? ''} ${JSON.stringify(finding.evidence[0]?.observed)}`,
  (finding) => `${subjectOf(finding)} ${finding.evidence[0]?.path ?? ''}`,
  (finding) =>
    `${subjectOf(finding)} ${(finding.evidence[0]?.path ?? '').replaceAll(/\[\d+\]/g, '[]')} ${JSON.stringify(finding.evidence[0]?.observed)}`,
];

function subjectOf({ id, evidence: [first] }: Finding): string {
  if (first === undefined) return id;
  // Not by its version: an object that moves to another one is the same.
  const { apiVersion, kind, namespace = '', name } = first.object;
  return `${id} ${groupOf(apiVersion)} ${kind} ${namespace}/${name}`;
}

interface Pairs {
  both: readonly (readonly [Placed, Placed])[];
  onlyOld: readonly Placed[];
  onlyNew: readonly Placed[];
}

function paired(older: readonly Placed[], newer: readonly Placed[]): Pairs {
  const both: (readonly [Placed, Placed])[] = [];
  const pairBy = (key: (finding: Finding) => string, left: readonly Placed[], right: readonly Placed[]): Rest => {
    const waiting = grouped(left, key);
    const matched = new Set<Placed>();
    const onlyNew = right.filter((one) => {
      const before = waiting.get(key(one.finding))?.shift();
      if (before === undefined) return true;
      both.push([before, one]);
      matched.add(before);
      return false;
    });
    return [left.filter((one) => !matched.has(one)), onlyNew];
  };
  const [left, right] = keys.reduce<Rest>(([old, young], key) => pairBy(key, old, young), [older, newer]);
  // One finding about an object is the same wherever in the object it is; of several nobody can tell which is which.
  const subjects = [older, newer].map((some) => grouped(some, subjectOf));
  const isAlone = ({ finding }: Placed): boolean =>
    subjects.every((bySubject) => (bySubject.get(subjectOf(finding)) ?? []).length <= 1);
  const [lone, other] = pairBy(subjectOf, left.filter(isAlone), right.filter(isAlone));
  return {
    both,
    onlyOld: [...lone, ...left.filter((one) => !isAlone(one))],
    onlyNew: [...other, ...right.filter((one) => !isAlone(one))],
  };
}

type Rest = readonly [readonly Placed[], readonly Placed[]];

const grouped = (some: readonly Placed[], key: (finding: Finding) => string): Map<string, Placed[]> =>
  Map.groupBy(some, ({ finding }) => key(finding));
