/**
 * A report for a terminal, 80 columns: root causes with their evidence and ways to mend them first and once, then warnings, what nobody
 * knows, what follows, and how each runbook ended. Nothing here breaks when it is pasted into a chat.
 */
import { legible } from '../runbook/legible.ts';
import { exitCode, resultsOf, type Finding, type Report, type RunbookResult, type Verdict } from '../runbook/report.ts';
import type { Paint } from './paint.ts';
import { outcomeColor, wrap } from './style.ts';
import {
  byReason,
  counted,
  changeText,
  inline,
  objectName,
  outcomeSign,
  outcomeWord,
  outlineOf,
  placeText,
  sourceText,
  tallyText,
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
  const { rootCauses, warnings, unknown } = outline;
  const seconds = (report.durationMs / 1000).toFixed(1);
  return [
    [
      ...who.map((line) => paint.dim(wrap(legible(line), width))),
      paint.dim(`${sourceText(report)}; ${counted(report.requests, 'request')} in ${seconds} s`),
    ].join('\n'),
    ...(report.notice === undefined ? [] : [noticeText(report.notice.message, paint)]),
    ...rootCauses.map((one) => findingText('ROOT CAUSE', one, concerned(one, report), paint)),
    ...warnings.map((one) => findingText('WARNING', one, [], paint)),
    ...unknown.map((group) => unknownText(group, paint, verbose)),
    ...(verbose ? [] : consequencesText(outline, paint)),
    resultsOf(report)
      .map((runbook) => runbookText(runbook, paint, verbose))
      .join(verbose ? '\n\n' : '\n'),
    closing(report, paint),
  ].join('\n\n');
}

const noticeText = (message: string, paint: Paint): string =>
  `${outcomeColor(paint, 'warned')(`${outcomeSign.warned} NOTICE`)}\n${wrap(message, width, '  ')}`;

/** The runbooks that meet a root cause, where they are several. */
const concerned = ({ id }: Finding, { runbooks }: Report): readonly string[] => {
  const some = runbooks.filter(({ rootCauses }) => rootCauses.includes(id));
  return some.length < 2 ? [] : some.map(({ title }) => title);
};

function findingText(kicker: string, found: Finding, stops: readonly string[], paint: Paint): string {
  const { id, outcome, headline, message, quote, evidence, commands, remedies } = found;
  return [
    `${outcomeColor(paint, outcome)(`${outcomeSign[outcome]} ${kicker}`)}  ${paint.bold(headline)}`,
    `  ${paint.dim(id)}`,
    wrap(message, width, '  '),
    ...(quote === null ? [] : [wrap(`“${quote.text}” (${quote.by})`, width, '    ')]),
    ...evidence.map((piece) => evidenceText(piece, paint)),
    ...(commands[0] === undefined ? [] : [paint.dim(`    $ ${commands[0]}`)]),
    ...remedies.flatMap((way, index) => ['', wayText(way, index, paint)]),
    ...(stops.length === 0 ? [] : ['', wrap(`It stands behind: ${stops.join('; ')}.`, width, '  ')]),
  ].join('\n');
}

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
    paint.dim(wrap(`Disturbs: ${disturbs}`, width, '    ')),
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

/** What was seen to follow, in words; what could not be looked at, by its number. */
function consequencesText({ consequences, unseen }: Outline, paint: Paint): readonly string[] {
  if (consequences.length + unseen.length === 0) return [];
  return [
    [
      outcomeColor(paint, 'blocked')(`${outcomeSign.blocked} CONSEQUENCES`),
      ...consequences.map(({ finding }) => wrap(finding.headline, width, '  ')),
      ...(unseen.length === 0
        ? []
        : [paint.dim(`  Not to be looked at until then: ${counted(unseen.length, 'check')}.`)]),
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

function closing(report: Report, paint: Paint): string {
  const code = exitCode(report);
  const failed = report.runbooks.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked').length;
  const total = report.runbooks.length;
  const text =
    code === 1
      ? `${failed} of ${counted(total, 'runbook')} failed`
      : code === 2
        ? 'Nothing failed, and something could not be found out'
        : report.runbooks.some(({ outcome }) => outcome === 'warned')
          ? 'Nothing failed; mind the warnings'
          : 'Nothing failed';
  const color = outcomeColor(paint, code === 1 ? 'failed' : code === 2 ? 'unknown' : 'passed');
  return `${color(text)} ${paint.dim(`(exit code ${code})`)}`;
}
