/** What the local API tells the page, as types alone: the page takes nothing else from the API. */
import type { TroubleKind } from '../../../packages/apiserver/node/trouble.ts';

/** What the page may choose from. */
export interface Sources {
  live: readonly { value: string; label: string; detail: string; current: boolean }[];
  demo: readonly { value: string; label: string; runbook: string | null }[];
  practice: PracticeChoices;
  /** How many live clusters are not told, because the page did not come in through the link. */
  withheld: number;
  /** Why none of the live clusters is chosen already, or there is none. */
  problem: { message: string; hint: string } | null;
  /** Whether somebody named the cluster when the server was started: then no earlier choice counts. */
  explicit: boolean;
}

/** What the practice cluster may be made of. */
export interface PracticeChoices {
  faults: readonly { runbook: string; title: string; page: string; faults: readonly { id: string; title: string }[] }[];
  troubles: readonly { kind: TroubleKind; title: string }[];
}

/** What the page may know of the practice cluster. */
export interface PracticeState {
  /** Another one whenever the cluster has changed; null before it started. */
  version: string | null;
  /** What was broken; `secret` until it is revealed. */
  broken: BrokenState | 'secret' | null;
  trouble: TroubleKind | null;
  /** What leads kubectl to it. */
  command: string | null;
}

interface BrokenState {
  id: string;
  title: string;
  /** Id of the runbook whose page is about it. */
  runbook: string;
  /** What somebody would do outside the cluster; null when kubectl mends it. */
  mend: string | null;
  /** Whether that was done. */
  isMended: boolean;
  /** Whether its runbook has found nothing wrong since. */
  isWell: boolean;
}

/** What a run says while it goes on, one JSON object a line. */
export type RunEvent =
  | {
      type: 'planned';
      checks: readonly { id: string; title: string }[];
      /** Who asks whom, and how, in sentences; nothing was asked yet. */
      who: readonly string[];
    }
  | { type: 'verdict'; id: string; outcome: string; html: string }
  | {
      type: 'finished';
      outcome: string;
      html: string;
      markdown: string;
      /** The result in a breath, for who listens. */
      spoken: string;
      components: Readonly<Record<string, string>>;
      /** Why the run ended before all had answered, as a phrase; null when it did not. */
      stopped: string | null;
    }
  | { type: 'problem'; html: string };
