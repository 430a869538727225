/**
 * A report for a terminal, 80 columns: root causes with their evidence and remedy first, then what follows from them, then
 * what is fine as a count. Nothing here breaks when it is pasted into a chat.
 */
import { needsCluster } from '../runbook/fact.ts';
import { legible } from '../runbook/legible.ts';
import { byReason, inline, objectName, outcomeSign, outcomeWord, sourceText, tallyText } from '../runbook/markdown.ts';
import { exitCode, type Outcome, type Report, type RunbookReport, type Verdict } from '../runbook/report.ts';
import type { Paint } from '../local/paint.ts';
import { outcomeColor, wrap } from './style.ts';

const width = 80;

export interface TextOptions {
  paint: Paint;
  /** Every check with what was found, instead of counts. */
  verbose: boolean;
  /** Who asked whom, in sentences. */
  who?: readonly string[];
}

export function toText(found: Report, options: TextOptions): string {
  const report = legible(found);
  const { paint, who = [] } = options;
  const seconds = (report.durationMs / 1000).toFixed(1);
  return [
    [
      ...who.map((line) => paint.dim(wrap(legible(line), width))),
      paint.dim(`${sourceText(report)}; ${report.requests} requests in ${seconds} s`),
    ].join('\n'),
    ...report.runbooks.map((runbook, index) => {
      const before = report.runbooks.slice(0, index);
      const told = new Set([
        ...before.flatMap(({ rootCauses }) => rootCauses),
        // Which checks had no cluster to ask is worth saying each time: that is what was not looked at.
        ...byReason(
          before.flatMap(({ checks }) => having(checks, 'unknown').filter(({ problem }) => !needsCluster(problem))),
        ).map(({ reason }) => reason),
      ]);
      return runbookText(runbook, options, told);
    }),
    closing(report, paint),
  ].join('\n\n');
}

const having = (checks: readonly Verdict[], wanted: Outcome): readonly Verdict[] =>
  checks.filter((check) => check.outcome === wanted);

/** @param told Root causes, and reasons for not knowing, that an earlier runbook of the report has explained already. */
function runbookText(
  { title, outcome, checks }: RunbookReport,
  { paint, verbose }: TextOptions,
  told: ReadonlySet<string>,
): string {
  const color = outcomeColor(paint, outcome);
  const parts = [`${color(`${outcomeSign[outcome]} ${title}`)}\n  ${tallyText(checks)}`];
  parts.push(
    ...having(checks, 'failed').map((verdict) =>
      told.has(verdict.id)
        ? `  ${outcomeColor(paint, 'failed')('ROOT CAUSE')}  ${paint.dim(`${verdict.id}, as above`)}`
        : findingText('ROOT CAUSE', verdict, paint),
    ),
  );
  parts.push(...having(checks, 'warned').map((verdict) => findingText('WARNING', verdict, paint)));
  parts.push(
    ...byReason(having(checks, 'unknown')).map(({ reason, message, verdicts }) =>
      told.has(reason)
        ? `  ${outcomeColor(paint, 'unknown')(`${outcomeSign.unknown} UNKNOWN`)}  ${paint.dim(`${counted(verdicts.length)}, for a reason given above`)}`
        : unknownText(message, verdicts, paint, verbose),
    ),
  );
  const blocked = having(checks, 'blocked');
  if (blocked.length > 0 && !verbose) {
    parts.push(
      [
        `  ${outcomeSign.blocked} ${paint.bold('Consequences')}`,
        ...blocked.map(({ message }) => wrap(message, width, '      ')),
      ].join('\n'),
    );
  }
  if (verbose) parts.push(checks.map((check) => lineText(check, paint)).join('\n'));
  return parts.join('\n\n');
}

function findingText(
  kicker: string,
  { id, outcome, message, evidence, commands, remedy }: Verdict,
  paint: Paint,
): string {
  const color = outcomeColor(paint, outcome);
  return [
    `  ${color(kicker)}  ${paint.dim(id)}`,
    paint.bold(wrap(message, width, '  ')),
    ...evidence.map(
      (piece) =>
        `    ${objectName(piece.object)}\n${wrap(`${piece.path} is ${paint.bold(inline(piece.observed))}, expected ${inline(piece.expected)}`, width, '      ')}`,
    ),
    ...(commands[0] === undefined ? [] : [paint.dim(`    $ ${commands[0]}`)]),
    ...(remedy === null
      ? []
      : [
          '',
          `  ${paint.bold('What to do')}`,
          wrap(remedy.title, width, '    '),
          ...remedy.commands.map((command) => `    $ ${command}`),
          `  ${paint.bold('Disturbs')}`,
          wrap(remedy.disturbs, width, '    '),
        ]),
  ].join('\n');
}

const counted = (checks: number): string => `${checks} ${checks === 1 ? 'check' : 'checks'}`;

function unknownText(message: string, verdicts: readonly Verdict[], paint: Paint, verbose: boolean): string {
  const about =
    verbose || verdicts.length === 1 ? verdicts.map(({ title }) => title).join('; ') : counted(verdicts.length);
  return [
    outcomeColor(paint, 'unknown')(`  ${outcomeSign.unknown} UNKNOWN`),
    wrap(message, width, '    '),
    paint.dim(wrap(`Not found out: ${about}.`, width, '    ')),
  ].join('\n');
}

/** One check on a line, with what was found below it unless that is only that it passed. */
export function lineText(
  { outcome, title, message }: Pick<Verdict, 'outcome' | 'title' | 'message'>,
  paint: Paint,
): string {
  return `  ${outcomeColor(paint, outcome)(`${outcomeSign[outcome]} ${outcomeWord[outcome].padEnd(7)}`)} ${title}\n${paint.dim(wrap(message, width, '            '))}`;
}

function closing(report: Report, paint: Paint): string {
  const code = exitCode(report);
  const failed = report.runbooks.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked').length;
  const total = report.runbooks.length;
  const text =
    code === 1
      ? `${failed} of ${total} runbook${total === 1 ? '' : 's'} failed`
      : code === 2
        ? 'Nothing failed, and something could not be found out'
        : report.runbooks.some(({ outcome }) => outcome === 'warned')
          ? 'Nothing failed; mind the warnings'
          : 'Nothing failed';
  const color = outcomeColor(paint, code === 1 ? 'failed' : code === 2 ? 'unknown' : 'passed');
  return `${color(text)} ${paint.dim(`(exit code ${code})`)}`;
}
