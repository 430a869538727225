/** What is other in a report than in the one before it, in lines: for whoever waits for something to happen. */
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import type { Finding, Outcome, Report } from '../runbook/report.ts';
import { outcomeSign } from './words.ts';

export interface ReportChange {
  outcome: Outcome;
  /** A statement of how it is now, without a sign. */
  text: string;
}

/**
 * Findings that came and went, and checks of which nobody knows any more, or again. Of what follows from something else nothing is said.
 */
export function changesBetween(before: Report, after: Report): readonly ReportChange[] {
  const [old, now] = [told(legible(before)), told(legible(after))];
  const come = [...now].filter(([key]) => !old.has(key)).map(([, change]) => change);
  const unknown = unknownIds(after);
  const gone = [...old]
    .filter(([key]) => !now.has(key))
    // What nobody could look at is not mended.
    .filter(([, { check, outcome }]) => outcome === 'unknown' || !unknown.has(check))
    .map(([, { text, outcome }]): ReportChange => {
      return {
        outcome: 'passed',
        text: outcome === 'unknown' ? text.replace(/^Unknown/, 'Known again') : `No more: ${text}`,
      };
    });
  return [...come, ...gone];
}

export const changeLine = ({ outcome, text }: ReportChange): string => `${outcomeSign[outcome]} ${text}`;

interface Told extends ReportChange {
  check: string;
}

const unknownIds = ({ checks }: Report): ReadonlySet<string> =>
  new Set(checks.filter(({ outcome }) => outcome === 'unknown').map(({ id }) => id));

/** What a report says is wrong or unknown, each by what it is about. */
function told({ checks }: Report): ReadonlyMap<string, Told> {
  return new Map(
    checks.flatMap(({ id, title, outcome, findings }): readonly (readonly [string, Told])[] =>
      outcome === 'unknown'
        ? [[id, { check: id, outcome, text: `Unknown: ${title}` }]]
        : findings
            .filter((found) => found.outcome !== 'blocked')
            .map((found) => [keyOf(found), { check: id, outcome: found.outcome, text: found.headline }]),
    ),
  );
}

const keyOf = ({ id, outcome, evidence: [first] }: Finding): string =>
  [id, outcome, first === undefined ? '' : objectName(first.object)].join(' ');
