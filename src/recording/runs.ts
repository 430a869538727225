/**
 * The recorded runs of the published site, made by really running every runbook against the demo cluster. The clock stands
 * still and durations are left out, so that the same sources give the same bytes.
 */
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../demo/node/faults.ts';
import { resultsOf } from '../runbook/report.ts';
import { run } from '../runbook/run.ts';
import { stackDigest } from '../site/stack-digest.ts';
import { recordedVerdict, type Recorded } from '../site/runbook/recordings.ts';
import { openSource } from '../sources/open.ts';

/** When the demo cluster's clock stands still. */
const recordedAt = new Date('2026-11-23T02:00:00Z');

/** Where the site finds them. */
export const recordedRunsFile = new URL('../site/runbook/recorded-runs.json', import.meta.url);

/** The recorded runs by the id of their runbook, as the file's text. */
export async function recordRuns(): Promise<string> {
  const scenarios = [
    ...loadFaults().map(({ id, title, runbook, component }) => ({ id, title, runbook, component })),
    { id: 'healthy', title: 'Nothing is broken', runbook: null, component: '' },
  ];
  const recordings: Record<string, Recorded[]> = Object.fromEntries(runbooks.map(({ id }) => [id, []]));
  for (const { id, title, runbook: about, component } of scenarios) {
    const wanted = runbooks.filter((runbook) => about === null || runbook.id === about);
    const source = await openSource({ source: 'demo', scenario: id }, { now: recordedAt });
    try {
      const { report } = await run({
        runbooks: wanted,
        cluster: source.cluster,
        ...(source.probes === undefined ? {} : { probes: source.probes }),
        now: () => recordedAt,
      });
      for (const { id: runbook, outcome, rootCauses, checks } of resultsOf(report)) {
        const about = { scenario: id, title, component };
        recordings[runbook]?.push({ ...about, report: { outcome, rootCauses, checks: checks.map(recordedVerdict) } });
      }
    } finally {
      await source.close();
    }
  }
  return asLines(recordings);
}

/** JSON with a line for each verdict, so that a change of one check is a change of few lines. */
function asLines(recordings: Readonly<Record<string, readonly Recorded[]>>): string {
  const runs = (all: readonly Recorded[]): string =>
    all
      .map(({ report: { checks, ...report }, ...about }) => {
        const head = JSON.stringify({ ...about, report: { ...report, checks: [] } }).replace(/\]\}\}$/, '');
        return `${head}\n${checks.map((check) => JSON.stringify(check)).join(',\n')}\n]}}`;
      })
      .join(',\n');
  const entries = Object.entries(recordings).map(([id, all]) => `${JSON.stringify(id)}: [\n${runs(all)}\n]`);
  return `{"stack": ${JSON.stringify(stackDigest)}, "runs": {\n${entries.join(',\n')}\n}}\n`;
}
