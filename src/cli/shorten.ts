/** A report without what is long: for when the whole of it is more than one text can hold. */
import type { Report, Verdict } from '../runbook/report.ts';

const longest = 500;

const cut = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`);

export const shortened = (report: Report): Report => ({
  ...report,
  runbooks: report.runbooks.map((runbook) => ({ ...runbook, checks: runbook.checks.map(shortenedVerdict) })),
});

const shortenedVerdict = (verdict: Verdict): Verdict => ({
  ...verdict,
  message: cut(verdict.message),
  problem: verdict.problem && { ...verdict.problem, message: cut(verdict.problem.message) },
  evidence: verdict.evidence.slice(0, 10).map(({ object, path, observed, expected }) => ({
    object: { ...object, name: cut(object.name) },
    path: cut(path),
    observed: brief(observed),
    expected: brief(expected),
  })),
  // Half a command is none.
  commands: verdict.commands.filter((command) => command.length <= longest).slice(0, 10),
  remedy: verdict.remedy && {
    summary: cut(verdict.remedy.summary),
    commands: verdict.remedy.commands.filter((command) => command.length <= longest).slice(0, 10),
    disturbs: cut(verdict.remedy.disturbs),
  },
});

function brief(value: unknown): unknown {
  try {
    return JSON.stringify(value).length <= longest ? value : '(too long to be shown)';
  } catch {
    return '(too long to be shown)';
  }
}
