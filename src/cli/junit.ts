/** A report as JUnit XML, for pipelines: a suite a runbook, a case a check. */
import { objectName, inline } from '../runbook/markdown.ts';
import { needsCluster } from '../runbook/fact.ts';
import { legible } from '../runbook/legible.ts';
import type { Report, Verdict } from '../runbook/report.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};
const escape = (text: string): string => text.replace(/[&<>"\n]/g, (character) => entities[character] ?? character);

export function toJunit(found: Report): string {
  const report = legible(found);
  const suites = report.runbooks.map(({ id, checks }) => {
    const count = (...outcomes: readonly JunitOutcome[]): number =>
      checks.filter((check) => outcomes.includes(outcomeOf(check))).length;
    return [
      `  <testsuite name="${escape(id)}" tests="${checks.length}" failures="${count('failed')}" errors="${count('unknown')}" skipped="${count('skipped', 'blocked', 'not-asked')}" time="${report.durationMs / 1000}" timestamp="${report.startedAt}">`,
      ...checks.map((check) => testcase(id, check)),
      '  </testsuite>',
    ].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

type JunitOutcome = Verdict['outcome'] | 'not-asked';

/** JUnit has errors and skipped tests, and nothing between: where no cluster was asked, nothing went wrong. */
const outcomeOf = ({ outcome, problem }: Verdict): JunitOutcome =>
  outcome === 'unknown' && needsCluster(problem) ? 'not-asked' : outcome;

function testcase(runbook: string, verdict: Verdict): string {
  const { id, title, message, blockedBy, evidence, durationMs } = verdict;
  const proof = evidence
    .map(
      (piece) =>
        `${objectName(piece.object)}: ${piece.path} is ${inline(piece.observed)}, expected ${inline(piece.expected)}`,
    )
    .join('\n');
  const inner = {
    passed: '',
    failed: `<failure message="${escape(message)}">${escape(proof)}</failure>`,
    unknown: `<error message="${escape(message)}"/>`,
    'not-asked': `<skipped message="${escape(message)}"/>`,
    blocked: `<skipped message="${escape(`Because of ${blockedBy.join(', ')}: ${message}`)}"/>`,
    skipped: `<skipped message="${escape(message)}"/>`,
    warned: `<system-out>${escape(`Warning: ${message}\n${proof}`)}</system-out>`,
  }[outcomeOf(verdict)];
  return `    <testcase classname="${escape(`${runbook}.${id}`)}" name="${escape(title)}" time="${durationMs / 1000}">${inner}</testcase>`;
}
