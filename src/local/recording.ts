/**
 * The recorded runs of the published site, made by really running every runbook against the demo cluster. The clock stands
 * still and durations are left out, so that the same sources give the same bytes.
 */
import { runbooks } from '../../runbooks/index.ts';
import { loadFaults } from '../demo/faults.ts';
import { run } from '../runbook/run.ts';
import type { Recording, Recordings } from '../site/runbook/recordings.ts';
import { openSource } from './sources.ts';

/** When the demo cluster's clock stands still. */
const recordedAt = new Date('2026-11-23T02:00:00Z');

let recorded: Promise<Recordings> | undefined;

/** Records once a process: nothing that a run depends on changes while it lives. */
export const recordRuns = (): Promise<Recordings> => (recorded ??= record());

async function record(): Promise<Recordings> {
  const scenarios = [
    ...loadFaults().map(({ id, title, runbook, component }) => ({ id, title, runbook, component })),
    { id: 'healthy', title: 'Nothing is broken', runbook: null, component: '' },
  ];
  const recordings: Record<string, Recording[]> = Object.fromEntries(runbooks.map(({ id }) => [id, []]));
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
      for (const own of report.runbooks) {
        const checks = own.checks.map((check) => ({ ...check, durationMs: 0 }));
        recordings[own.id]?.push({ scenario: id, title, component, report: { ...own, checks } });
      }
    } finally {
      await source.close();
    }
  }
  return recordings;
}
