/** A report as JUnit XML, for pipelines: a suite a runbook, a case a finding, and a case a check where nothing was found. */
import { escapeHtml } from '../formats/html.ts';
import { needsCluster } from '../runbook/fact.ts';
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import { resultsOf, type Finding, type Report, type Verdict } from '../runbook/report.ts';
import { inline, placeText, sourceOf } from './words.ts';

/** XML has the same entities for these; a line break in an attribute would be read as a space. */
const escape = (text: string): string => escapeHtml(text).replaceAll('\n', '&#10;');

export function toJunit(found: Report): string {
  const report = legible(found);
  const suites = resultsOf(report).map(({ id, checks }) => {
    const cases = checks.flatMap((check) => casesOf(id, check));
    const count = (...results: readonly CaseResult[]): number =>
      cases.filter(({ result }) => results.includes(result)).length;
    return [
      `  <testsuite name="${escape(id)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${report.durationMs / 1000}" timestamp="${report.startedAt}">`,
      ...properties(report),
      ...cases.map(({ xml }) => xml),
      '  </testsuite>',
    ].join('\n');
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

const properties = ({ notice }: Report): readonly string[] =>
  notice === undefined
    ? []
    : [`    <properties><property name="notice" value="${escape(notice.message)}"/></properties>`];

/** JUnit has failures, errors and skipped tests, and nothing between. */
type CaseResult = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  result: CaseResult;
  xml: string;
}

/** A case for each finding; where nothing was found, one for the check. */
function casesOf(runbook: string, verdict: Verdict): readonly Case[] {
  const { id, title, findings, durationMs } = verdict;
  const attributes = `classname="${escape(`${runbook}.${id}`)}" time="${durationMs / 1000}"`;
  const testcase = (name: string, [result, inner]: readonly [CaseResult, string], place = ''): Case => ({
    result,
    xml: `    <testcase ${attributes} name="${escape(name)}"${place}>${inner}</testcase>`,
  });
  if (findings.length === 0) return [testcase(title, withoutFinding(verdict))];
  return findings.map((one) => testcase(caseName(one, findings), caseOf(one, verdict), placeOf(one)));
}

/** A pipeline tells cases apart by their names, and knows one again by it: no line goes in. */
function caseName({ headline, evidence }: Finding, beside: readonly Finding[]): string {
  const isAlone = beside.filter((other) => other.headline === headline).length === 1;
  return isAlone ? headline : `${headline} (${evidence[0]?.path ?? ''})`;
}

function placeOf(found: Finding): string {
  const source = sourceOf(found);
  return source === null ? '' : ` file="${escape(source.file)}" line="${source.line}"`;
}

function caseOf(found: Finding, { blockedBy }: Verdict): readonly [CaseResult, string] {
  const { id, outcome, headline, message, accepted } = found;
  if (accepted !== null) return skipped(`Accepted until ${accepted.until}: ${accepted.reason}`);
  if (outcome === 'blocked') return skipped(`Because of ${blockedBy.join(', ')}: ${message}`);
  return outcome === 'failed'
    ? ['failure', `<failure type="${escape(id)}" message="${escape(headline)}">${escape(proof(found))}</failure>`]
    : ['passed', `<system-out>${escape(`Warning: ${headline}\n${proof(found)}`)}</system-out>`];
}

const skipped = (why: string): readonly [CaseResult, string] => ['skipped', `<skipped message="${escape(why)}"/>`];

function withoutFinding({ outcome, message, problem, blockedBy }: Verdict): readonly [CaseResult, string] {
  switch (outcome) {
    case 'passed':
    case 'warned':
      return ['passed', ''];
    case 'failed':
      return ['failure', `<failure message="${escape(message)}"/>`];
    case 'unknown':
      // Where no cluster was asked, nothing went wrong.
      return needsCluster(problem) ? skipped(message) : ['error', `<error message="${escape(message)}"/>`];
    case 'blocked':
      return skipped(`Because of ${blockedBy.join(', ')}: ${message}`);
    case 'skipped':
      return skipped(message);
  }
}

const proof = (found: Finding): string => {
  const { message, quote, evidence, remedies } = found;
  const source = sourceOf(found);
  return [
    ...(source === null ? [] : [placeText({ source })]),
    message,
    ...(quote === null ? [] : [`${quote.by}: ${quote.text}`]),
    ...evidence.map(
      (piece) =>
        `${objectName(piece.object)}: ${piece.path} is ${inline(piece.observed)}, expected ${inline(piece.expected)}`,
    ),
    ...(remedies[0] === undefined ? [] : [`What to do: ${remedies[0].title}`]),
  ].join('\n');
};
