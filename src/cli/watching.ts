/**
 * What a watch prints of one run after the other. On a terminal the newest report stands by itself, with what has changed and when it looks again;
 * in a pipe the first report is followed by a line for each change. JSON is one report a line, whoever reads it.
 */
import { changeLine, changesBetween, type ReportChange } from '../report/changes.ts';
import { outcomeColor } from '../report/style.ts';
import type { Paint } from '../report/paint.ts';
import { legibleJson } from '../runbook/legible.ts';
import type { Report } from '../runbook/report.ts';

/** How long a watch waits from the end of a run to the next. */
export const watchSeconds = 5;

export interface WatchOptions {
  isTerminal: boolean;
  isJson: boolean;
  paint: Paint;
  /** A report for people, as it is printed by itself. */
  format: (report: Report) => string;
  print: (text: string) => void;
  now?: () => Date;
}

const clear = '\u001b[2J\u001b[3J\u001b[H';

/** @returns Shows the next report. */
export function watching(options: WatchOptions): (report: Report) => void {
  const { isTerminal, isJson, paint, format, print, now = () => new Date() } = options;
  let before: Report | undefined;
  let latest: { at: string; changes: readonly ReportChange[] } | undefined;
  return (report) => {
    const at = clock(now());
    const changes = before === undefined ? [] : changesBetween(before, report);
    const isFirst = before === undefined;
    before = report;
    if (isJson) return print(legibleJson(report, 0));
    const lines = changes.map((change) => outcomeColor(paint, change.outcome)(changeLine(change)));
    if (!isTerminal) {
      if (isFirst) print(format(report));
      for (const line of lines) print(`${at} ${line}`);
      return;
    }
    if (changes.length > 0) latest = { at, changes };
    print(
      [
        clear + format(report),
        '',
        ...(latest === undefined ? [] : changedText(latest, latest.at === at, paint)),
        paint.dim(`Looked at ${at}, again in ${watchSeconds} s. Ctrl+C ends it.`),
      ].join('\n'),
    );
  };
}

/** The last changes: bold when they are of this run. */
function changedText(
  { at, changes }: { at: string; changes: readonly ReportChange[] },
  isNew: boolean,
  paint: Paint,
): readonly string[] {
  const head = `Changed at ${at}:`;
  return [
    isNew ? paint.bold(head) : paint.dim(head),
    ...changes.map((change) => {
      const line = changeLine(change);
      return `  ${isNew ? outcomeColor(paint, change.outcome)(line) : paint.dim(line)}`;
    }),
  ];
}

/** Local time, `15:02:11`. */
const clock = (time: Date): string =>
  [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
