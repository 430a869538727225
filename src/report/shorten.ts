/** A report without what is long: for when the whole of it is more than one text can hold. */
import type { Finding, Report, Verdict } from '../runbook/report.ts';
import { mostQuoted, shorten } from '../runbook/words.ts';

export const shortened = (report: Report): Report => ({ ...report, checks: report.checks.map(shortenedVerdict) });

const shortenedVerdict = (verdict: Verdict): Verdict => ({
  ...verdict,
  message: shorten(verdict.message),
  problem: verdict.problem && { ...verdict.problem, message: shorten(verdict.problem.message) },
  commands: whole(verdict.commands),
  findings: verdict.findings.slice(0, 10).map(shortenedFinding),
});

const shortenedFinding = (found: Finding): Finding => ({
  ...found,
  message: shorten(found.message),
  quote: found.quote && { text: shorten(found.quote.text), by: shorten(found.quote.by) },
  evidence: found.evidence.slice(0, 10).map(({ object, path, observed, expected, source }) => ({
    object: { ...object, name: shorten(object.name) },
    path: shorten(path),
    observed: brief(observed),
    expected: brief(expected),
    source,
  })),
  commands: whole(found.commands),
  remedies: found.remedies.map(({ title, change, commands, disturbs }) => ({
    title: shorten(title),
    change: change && { ...change, to: brief(change.to) },
    commands: whole(commands),
    disturbs: shorten(disturbs),
  })),
});

/** Half a command is none. */
const whole = (commands: readonly string[]): string[] =>
  commands.filter((command) => command.length <= mostQuoted).slice(0, 10);

function brief(value: unknown): unknown {
  try {
    return JSON.stringify(value).length <= mostQuoted ? value : '(too long to be shown)';
  } catch {
    return '(too long to be shown)';
  }
}
