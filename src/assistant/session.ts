/** What an assistant works with from start to end: the cluster and the folders that a person chose, and the runs that were made. */
import { z } from 'zod';
import { Refusal } from '../formats/refusal.ts';
import type { Report } from '../runbook/report.ts';
import type { Inputs } from '../runbook/read.ts';
import type { Choice } from '../sources/source.ts';
import type { Folders } from './folders.ts';
import { limits } from './limits.ts';
import type { Turns } from './turns.ts';

/** What a person chose when the program was started. */
export interface Chosen {
  /** What runs ask; undefined where only manifests are to be judged. */
  cluster: Exclude<Choice, { source: 'manifests' }> | undefined;
  folders: Folders;
  crds: string | undefined;
  /** How long one request may take. */
  timeoutMs: number;
  /** How long one run may take. */
  deadlineMs: number;
  clusterOnly: boolean;
  /** Inputs of every run that does not give its own. */
  inputs: Inputs;
}

export interface Session extends Chosen {
  version: string;
  turns: Turns;
  runs: Runs;
  /** Folders that only this user may enter, for as long as a call takes. */
  scratch: { make: () => string; remove: (folder: string) => void };
  /** Calls places of this machine by the names that the assistant knows. */
  renamed: <T>(value: T) => T;
  /** For people, on standard error. */
  log: (text: string) => void;
  /** Says of a bug what only the log may hold. */
  logBug: (error: unknown) => void;
  /** Ends everything that is under way. */
  signal: AbortSignal;
  /** What a signal does that came while nobody could hear it. */
  interrupt: () => void;
  /** Where bugs are to be reported. */
  bugsTo: string;
}

/** A run of this session. */
export interface KeptRun {
  id: string;
  of: 'cluster' | 'manifests';
  report: Report;
}

export const runId = z
  .string()
  .max(40)
  .describe('The run of an answer, such as run-1. The last few of this session are kept.');

export interface Runs {
  keep: (run: Omit<KeptRun, 'id'>) => KeptRun;
  /** @throws {Refusal} when there is no such run, or it is too long ago. */
  find: (id: string) => KeptRun;
}

export function createRuns(): Runs {
  const kept: KeptRun[] = [];
  let count = 0;
  return {
    keep: (run) => {
      count += 1;
      const whole = { id: `run-${count}`, ...run };
      kept.push(whole);
      if (kept.length > limits.keptRuns) kept.shift();
      return whole;
    },
    find: (id) => {
      const found = kept.find((run) => run.id === id);
      if (found !== undefined) return found;
      throw new Refusal(
        'usage',
        `There is no run ${JSON.stringify(id.slice(0, 40))} in this session.`,
        kept.length === 0
          ? 'None was made yet: call run_runbooks or judge_manifests.'
          : `The last ones are kept: ${kept.map((run) => run.id).join(', ')}.`,
      );
    },
  };
}
