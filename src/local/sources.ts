/**
 * Opens whatever a person chose to ask: a live cluster, the demo cluster, a snapshot, or manifests. The one place that knows
 * all of them.
 *
 * What takes long to load is loaded only when it is chosen.
 */
import { readFile } from 'node:fs/promises';
import type { ClusterSource, ProbeSource } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { openSnapshot, type Snapshot } from '../runbook/snapshot.ts';

export type Choice =
  | { source: 'live'; kubeconfig?: string; context?: string }
  | { source: 'demo'; scenario: string; trouble?: string }
  | { source: 'snapshot'; file: string }
  | { source: 'manifests'; places: readonly string[] };

export interface Source {
  cluster: ClusterSource;
  probes: ProbeSource | undefined;
  /** What a snapshot was taken with; it holds nothing for other inputs. */
  inputs?: Readonly<Record<string, string>>;
  /** What the source itself gives to examine, before all else. */
  runbook?: Runbook;
  /** What was left out, for people. */
  notes?: readonly string[];
  /** A clock of its own, where what is asked has one. */
  now?: () => Date;
  close: () => Promise<void>;
}

/** What went wrong and what to do about it; for choices that cannot be carried out. */
export class ChoiceError extends Error {
  override readonly name = 'ChoiceError';
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

export interface OpenOptions {
  /** How long one request may take. */
  timeoutMs?: number;
  /** The demo cluster's time, for recordings. */
  now?: Date;
}

export async function openSource(choice: Choice, options: OpenOptions = {}): Promise<Source> {
  const { timeoutMs } = options;
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  switch (choice.source) {
    case 'live': {
      const [{ connect }, { createProbes }, { isThisMachine }] = await Promise.all([
        import('../cluster/connect.ts'),
        import('../probe/probe.ts'),
        import('../probe/address.ts'),
      ]);
      const { kubeconfig, context } = choice;
      const cluster = connect({
        ...timeout,
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
      });
      return {
        cluster,
        probes: createProbes({ allowLoopback: isThisMachine(cluster.server) }),
        close: () => cluster.close(),
      };
    }
    case 'demo': {
      const { openDemo } = await import('./demo.ts');
      return openDemo(choice, options);
    }
    case 'snapshot': {
      const opened = openSnapshot(await readSnapshot(choice.file));
      return { ...opened, close: () => Promise.resolve() };
    }
    case 'manifests': {
      const { openManifests } = await import('./manifests.ts');
      return openManifests(choice.places);
    }
  }
}

async function readSnapshot(file: string): Promise<Snapshot> {
  const hint = 'Take one with: npm run --silent runbook -- snapshot > cluster.json';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ChoiceError(`The snapshot ${file} cannot be read: ${(error as Error).message}`, hint, { cause: error });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ChoiceError(`The snapshot ${file} is not JSON: ${(error as Error).message}`, hint, { cause: error });
  }
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    !('version' in parsed) ||
    !('facts' in parsed) ||
    parsed.version !== 1
  ) {
    throw new ChoiceError(`${file} is not a snapshot of version 1.`, hint);
  }
  return parsed as Snapshot;
}
