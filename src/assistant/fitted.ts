/** As much of a report as one answer holds, and in words what of it is left out. */
import { shortened } from '../report/shorten.ts';
import { needsCluster } from '../runbook/fact.ts';
import { legible } from '../runbook/legible.ts';
import type { Outcome, Report, Verdict } from '../runbook/report.ts';
import { shorten } from '../runbook/words.ts';
import { limits } from './limits.ts';

export interface Fitted {
  report: Report;
  /** Ids of checks that were wanted and found no room. */
  without: readonly string[];
  /** Ids of checks of which something is left out. */
  cut: readonly string[];
}

/** What a reader must see first. */
const order: readonly Outcome[] = ['failed', 'warned', 'unknown', 'blocked', 'passed', 'skipped'];

/** What tells something that the tally does not; of manifests, what a cluster has to tell is told by its number. */
export const isNotable = ({ outcome, problem }: Verdict): boolean =>
  outcome !== 'passed' && outcome !== 'skipped' && !needsCluster(problem);

/** @param wanted Which of its verdicts; the others are left out without a word. */
export function fitted(whole: Report, wanted: readonly Verdict[], most: number = limits.structured): Fitted {
  const report = told(whole);
  let room = most - sizeOf(withChecks(report, []));
  const shown: Verdict[] = [];
  const without: string[] = [];
  const cut: string[] = [];
  for (const verdict of wanted.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))) {
    const piece = legible(verdict);
    // By itself it can be asked for in whole; what is alone and too long is told in part.
    const named = report.runbooks.filter(({ checks }) => checks.includes(verdict.id)).length;
    const rest = room - 1 - named * (verdict.id.length + 3);
    const fits = (shown.length === 0 ? lessAndLess(report, piece) : [piece]).find((one) => sizeOf(one) <= rest);
    if (fits === undefined) {
      without.push(verdict.id);
      continue;
    }
    if (fits !== piece) cut.push(verdict.id);
    room = rest - sizeOf(fits);
    shown.push(fits);
  }
  return { report: withChecks(report, shown), without, cut };
}

const sizeOf = (value: unknown): number => JSON.stringify(value).length;

/** All but its checks, which are told one by one. Who asked is nobody's business who reads the answer. */
const told = (report: Report): Report => {
  const { source, context, server, kubernetes } = report.cluster;
  return legible({
    ...report,
    checks: [],
    cluster: { source, context: shorten(context), server: shorten(server), kubernetes, user: null },
  });
};

const withChecks = (report: Report, checks: Verdict[]): Report => ({
  ...report,
  runbooks: report.runbooks.map((runbook) => ({
    ...runbook,
    checks: runbook.checks.filter((id) => checks.some((check) => check.id === id)),
  })),
  checks,
});

/** A verdict in forms that say less and less. */
function lessAndLess(report: Report, verdict: Verdict): readonly Verdict[] {
  const { checks } = shortened({ ...report, checks: [verdict] });
  const [short = verdict] = checks;
  const fewer = [5, 2, 1].map((count) => ({ ...short, findings: short.findings.slice(0, count) }));
  const bare = { ...short, message: shorten(short.message), commands: [], findings: [] };
  return [verdict, short, ...fewer, bare];
}
