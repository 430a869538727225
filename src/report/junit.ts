/** A report as JUnit XML, for pipelines: a suite a runbook, a case a check. */
import { escapeHtml } from '../formats/html.ts';
import { needsCluster } from '../runbook/fact.ts';
import { legible } from '../runbook/legible.ts';
import { resultsOf, type Finding, type Report, type Verdict } from '../runbook/report.ts';
import { inline, objectName } from './words.ts';

/** XML has the same entities for these; a line break in an attribute would be read as a space. */
const escape = (text: string): string => escapeHtml(text).replaceAll('\n', '&#10;');

export function toJunit(found: Report): string {
  const report = legible(found);
  const suites = resultsOf(report).map(({ id, checks }) => {
    const count = (...outcomes: readonly JunitOutcome[]): number =>
      checks.filter((check) => outcomes.includes(outcomeOf(check))).length;
    return [
      `  <testsuite name="${escape(id)}" tests="${checks.length}" failures="${count('failed')}" errors="${count('unknown')}" skipped="${count('skipped', 'blocked', 'not-asked')}" time="${report.durationMs / 1000}" timestamp="${report.startedAt}">`,
      ...properties(report),
      ...checks.map((check) => testcase(id, check)),
      '  </testsuite>',
    ].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

const properties = ({ notice }: Report): readonly string[] =>
  notice === undefined
    ? []
    : [`    <properties><property name="notice" value="${escape(notice.message)}"/></properties>`];

type JunitOutcome = Verdict['outcome'] | 'not-asked';

/** JUnit has errors and skipped tests, and nothing between: where no cluster was asked, nothing went wrong. */
const outcomeOf = ({ outcome, problem }: Verdict): JunitOutcome =>
  outcome === 'unknown' && needsCluster(problem) ? 'not-asked' : outcome;

function testcase(runbook: string, verdict: Verdict): string {
  const { id, title, message, blockedBy, findings, durationMs } = verdict;
  const inner = {
    passed: '',
    failed: findings
      .filter(({ outcome }) => outcome === 'failed')
      .map(
        (one) => `<failure type="${escape(one.id)}" message="${escape(one.headline)}">${escape(proof(one))}</failure>`,
      )
      .join(''),
    unknown: `<error message="${escape(message)}"/>`,
    'not-asked': `<skipped message="${escape(message)}"/>`,
    blocked: `<skipped message="${escape(`Because of ${blockedBy.join(', ')}: ${message}`)}"/>`,
    skipped: `<skipped message="${escape(message)}"/>`,
    warned: `<system-out>${escape(findings.map((one) => `Warning: ${one.headline}\n${proof(one)}`).join('\n'))}</system-out>`,
  }[outcomeOf(verdict)];
  return `    <testcase classname="${escape(`${runbook}.${id}`)}" name="${escape(title)}" time="${durationMs / 1000}">${inner}</testcase>`;
}

const proof = ({ message, quote, evidence }: Finding): string =>
  [
    message,
    ...(quote === null ? [] : [`${quote.by}: ${quote.text}`]),
    ...evidence.map(
      (piece) =>
        `${objectName(piece.object)}: ${piece.path} is ${inline(piece.observed)}, expected ${inline(piece.expected)}`,
    ),
  ].join('\n');
