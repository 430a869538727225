/** A report without what is long: for when the whole of it is more than one text can hold. */
import type { Report, Verdict } from '../runbook/report.ts';
import { mostQuoted, shorten } from '../runbook/words.ts';

export const shortened = (report: Report): Report => ({
  ...report,
  runbooks: report.runbooks.map((runbook) => ({ ...runbook, checks: runbook.checks.map(shortenedVerdict) })),
});

const shortenedVerdict = (verdict: Verdict): Verdict => ({
  ...verdict,
  message: shorten(verdict.message),
  problem: verdict.problem && { ...verdict.problem, message: shorten(verdict.problem.message) },
  evidence: verdict.evidence.slice(0, 10).map(({ object, path, observed, expected }) => ({
    object: { ...object, name: shorten(object.name) },
    path: shorten(path),
    observed: brief(observed),
    expected: brief(expected),
  })),
  // Half a command is none.
  commands: verdict.commands.filter((command) => command.length <= mostQuoted).slice(0, 10),
  remedy: verdict.remedy && {
    title: shorten(verdict.remedy.title),
    commands: verdict.remedy.commands.filter((command) => command.length <= mostQuoted).slice(0, 10),
    disturbs: shorten(verdict.remedy.disturbs),
  },
});

function brief(value: unknown): unknown {
  try {
    return JSON.stringify(value).length <= mostQuoted ? value : '(too long to be shown)';
  } catch {
    return '(too long to be shown)';
  }
}
