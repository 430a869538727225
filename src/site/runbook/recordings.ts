/**
 * What the site knows of recorded runs: their shape. The runs themselves are made at build time by whoever may reach a cluster,
 * and arrive as the virtual module `virtual:recorded-runs`.
 */
import type { RunbookReport } from '../../runbook/report.ts';

export interface Recording {
  /** The demo cluster's scenario; `healthy` when nothing is broken. */
  scenario: string;
  title: string;
  /** Id of the component at fault; empty when nothing is broken. */
  component: string;
  report: RunbookReport;
}

/** Recorded runs by the id of their runbook, the healthy one last. */
export type Recordings = Readonly<Record<string, readonly Recording[]>>;
