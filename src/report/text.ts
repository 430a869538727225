/**
 * A report for a terminal, 80 columns: root causes with their evidence and ways to mend them first and once, then warnings, what nobody
 * knows, what follows, and how each runbook ended. Nothing here breaks when it is pasted into a chat.
 */
import { objectName } from '../runbook/judgement.ts';
import { legible } from '../runbook/legible.ts';
import { exitCode, resultsOf, type Finding, type Report, type RunbookResult, type Verdict } from '../runbook/report.ts';
import type { Paint } from './paint.ts';
import { outcomeColor, wrap } from './style.ts';
import {
  byReason,
  counted,
  changeText,
  inline,
  isPlain,
  onlyClusterText,
  outcomeSign,
  outcomeWord,
  outlineOf,
  placeText,
  quoteText,
  sourceOf,
  sourceText,
  tallyText,
  type AcceptedFinding,
  type Outline,
} from './words.ts';

const width = 80;

export interface TextOptions {
  paint: Paint;
  /** Every check with what was found, instead of counts. */
  verbose: boolean;
  /** Who asked whom, in sentences. */
  who?: readonly string[];
}

export function toText(found: Report, { paint, verbose, who = [] }: TextOptions): string {
  const report = legible(found);
  const outline = outlineOf(report.checks);
  const { rootCauses, warnings, accepted, unknown, onlyCluster } = outline;
  const seconds = (report.durationMs / 1000).toFixed(1);
  const of = { report, paint, verbose };
  return [
    [
      ...who.map((line) => paint.dim(wrap(legible(line), width))),
      paint.dim(`${sourceText(report)}; ${counted(report.requests, 'request')} in ${seconds} s`),
    ].join('\n'),
    ...(report.notice === undefined ? [] : [noticeText(report.notice.message, paint)]),
    ...rootCauses.map((one) => findingText('ROOT CAUSE', one, { ...of, stops: concerned(one, report) })),
    ...warnings.map((one) => findingText('WARNING', one, of)),
    ...accepted.map((one) => acceptedText(one, paint)),
    ...unknown.map((group) => unknownText(group, paint, verbose)),
    ...(onlyCluster.length === 0 ? [] : [onlyClusterBlock(outline, of)]),
    ...(verbose ? [] : consequencesText(outline, paint)),
    ...runbooksText(of),
    closing(report, outline, paint),
  ].join('\n\n');
}

interface Whole {
  report: Report;
  paint: Paint;
  verbose: boolean;
}

/** How each runbook ended. Of manifests, where nearly all of a runbook is for a cluster to tell, its findings say more than its counts. */
function runbooksText({ report, paint, verbose }: Whole): readonly string[] {
  if (report.cluster.source === 'manifests' && !verbose) return [];
  return [
    resultsOf(report)
      .map((runbook) => runbookText(runbook, paint, verbose))
      .join(verbose ? '\n\n' : '\n'),
  ];
}

const noticeText = (message: string, paint: Paint): string =>
  `${outcomeColor(paint, 'warned')(`${outcomeSign.warned} NOTICE`)}\n${wrap(message, width, '  ')}`;

/** The runbooks that meet a root cause, where they are several. */
const concerned = ({ id }: Finding, { runbooks }: Report): readonly string[] => {
  const some = runbooks.filter(({ rootCauses }) => rootCauses.includes(id));
  return some.length < 2 ? [] : some.map(({ title }) => title);
};

interface FindingTextOptions {
  paint: Paint;
  verbose: boolean;
  /** What it stands behind, in words. */
  stops?: readonly string[];
}

/** A finding as a block: where it stands, what it is, and what to do. */
export function findingText(kicker: string, found: Finding, options: FindingTextOptions): string {
  const { paint, verbose, stops = [] } = options;
  const { id, outcome, headline, message, quote, evidence, commands, remedies } = found;
  const head = outcomeColor(paint, outcome)(`${outcomeSign[outcome]} ${kicker}`);
  const source = sourceOf(found);
  const isBrief = isPlain(found) && !verbose;
  return [
    ...(source === null
      ? [`${head}  ${paint.bold(headline)}`]
      : [`${head}  ${placeText({ source })}`, `  ${paint.bold(headline)}`]),
    `  ${paint.dim(id)}`,
    wrap(message, width, '  '),
    ...(quote === null ? [] : [wrap(quoteText(quote), width, '    ')]),
    ...(isBrief
      ? remedies.flatMap((way) => briefWayText(way, message, paint))
      : [
          ...evidence.map((piece) => evidenceText(piece, paint)),
          ...(commands[0] === undefined ? [] : [paint.dim(`    $ ${commands[0]}`)]),
          ...remedies.flatMap((way, index) => ['', wayText(way, index, paint)]),
        ]),
    ...(stops.length === 0 ? [] : ['', wrap(`It stands behind: ${stops.join('; ')}.`, width, '  ')]),
  ].join('\n');
}

/** What to do with a line in Git, unless the sentence said it: what it disturbs is for its merge to say. */
const briefWayText = (
  { title, commands }: Finding['remedies'][number],
  said: string,
  paint: Paint,
): readonly string[] => [
  ...(said.includes(title) ? [] : [wrap(`${paint.bold('What to do:')} ${title}`, width, '  ')]),
  ...commands.map((command) => paint.dim(`  $ ${command}`)),
];

export const acceptedText = (found: AcceptedFinding, paint: Paint): string => {
  const source = sourceOf(found);
  return [
    `${outcomeColor(paint, 'skipped')(`${outcomeSign.skipped} ACCEPTED`)}  ${source === null ? found.headline : placeText({ source })}`,
    ...(source === null ? [] : [`  ${found.headline}`]),
    `  ${paint.dim(found.id)}`,
    wrap(`Until ${found.accepted.until}: ${found.accepted.reason}`, width, '  '),
  ].join('\n');
};

const evidenceText = (piece: Finding['evidence'][number], paint: Paint): string =>
  [
    `    ${objectName(piece.object)}${piece.source === null ? '' : paint.dim(`  ${placeText(piece)}`)}`,
    wrap(`${piece.path} is ${paint.bold(inline(piece.observed))}, expected ${inline(piece.expected)}`, width, '      '),
  ].join('\n');

function wayText(
  { title, change, commands, disturbs }: Finding['remedies'][number],
  index: number,
  paint: Paint,
): string {
  return [
    `  ${paint.bold(index === 0 ? 'What to do' : 'Or')}`,
    wrap(title, width, '    '),
    ...(change === null ? [] : [wrap(`In Git: ${changeText(change)}`, width, '    ')]),
    ...commands.map((command) => `    $ ${command}`),
    paint.dim(wrap(`Impact: ${disturbs}`, width, '    ')),
  ].join('\n');
}

function unknownText(
  { message, verdicts }: ReturnType<typeof byReason>[number],
  paint: Paint,
  verbose: boolean,
): string {
  const about =
    verbose || verdicts.length === 1
      ? verdicts.map(({ title }) => title).join('; ')
      : counted(verdicts.length, 'check');
  return [
    outcomeColor(paint, 'unknown')(`${outcomeSign.unknown} UNKNOWN`),
    wrap(message, width, '  '),
    paint.dim(wrap(`Not found out: ${about}.`, width, '  ')),
  ].join('\n');
}

function onlyClusterBlock(outline: Outline, { report, paint, verbose }: Whole): string {
  const sign = outcomeColor(paint, 'unknown')(outcomeSign.unknown);
  const text = onlyClusterText(outline, report);
  return [
    `${sign} ${wrap(text, width, '  ').trimStart()}`,
    ...(verbose
      ? outline.onlyCluster.map(({ title, message }) => wrap(`${title}. ${message}`, width, '    '))
      : ['  -v lists them.']),
  ].join('\n');
}

/** What was seen to follow, in words; what could not be looked at, by its number. */
function consequencesText({ consequences, unseen }: Outline, paint: Paint): readonly string[] {
  if (consequences.length + unseen.length === 0) return [];
  return [
    [
      outcomeColor(paint, 'blocked')(`${outcomeSign.blocked} CONSEQUENCES`),
      ...consequences.map(({ finding }) => wrap(finding.headline, width, '  ')),
      ...(unseen.length === 0 ? [] : [paint.dim(`  Blocked until this is fixed: ${counted(unseen.length, 'check')}.`)]),
    ].join('\n'),
  ];
}

function runbookText({ title, outcome, checks }: RunbookResult, paint: Paint, verbose: boolean): string {
  const head = `${outcomeColor(paint, outcome)(`${outcomeSign[outcome]} ${title}`)}\n  ${paint.dim(tallyText(checks))}`;
  return verbose ? [head, ...checks.map((check) => lineText(check, paint))].join('\n') : head;
}

/** One check on a line, with what was found below it unless that is only that it passed. */
function lineText({ outcome, title, message }: Pick<Verdict, 'outcome' | 'title' | 'message'>, paint: Paint): string {
  return `  ${outcomeColor(paint, outcome)(`${outcomeSign[outcome]} ${outcomeWord[outcome].padEnd(7)}`)} ${title}\n${paint.dim(wrap(message, width, '            '))}`;
}

function closing(report: Report, { rootCauses, warnings, accepted }: Outline, paint: Paint): string {
  const code = exitCode(report);
  const text = {
    0: report.runbooks.some(({ outcome }) => outcome === 'warned')
      ? 'Nothing failed; mind the warnings'
      : 'Nothing failed',
    1: failedText(report, rootCauses.length),
    2:
      report.cluster.source === 'manifests'
        ? 'Nothing failed, as far as manifests tell'
        : 'Nothing failed, and something could not be found out',
  }[code];
  const counts = [
    ...(warnings.length === 0 || report.cluster.source !== 'manifests' ? [] : [counted(warnings.length, 'warning')]),
    ...(accepted.length === 0 ? [] : [`${accepted.length} accepted`]),
  ];
  const color = outcomeColor(paint, code === 1 ? 'failed' : code === 2 ? 'unknown' : 'passed');
  return `${color([text, ...counts].join(', '))} ${paint.dim(`(exit code ${code})`)}`;
}

function failedText({ runbooks, cluster }: Report, rootCauses: number): string {
  if (cluster.source === 'manifests') return counted(rootCauses, 'root cause');
  const failed = runbooks.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked').length;
  return `${failed} of ${counted(runbooks.length, 'runbook')} failed`;
}
