/** Reads a snapshot from a file. */
import { parseSnapshot, SnapshotError } from '../runbook/snapshot-file.ts';
import type { Snapshot } from '../runbook/snapshot.ts';
import { readWhole, unusable, type Kept } from './whole-file.ts';

const kept: Kept = { what: 'snapshot', hint: 'Take one with: npm run --silent runbook -- snapshot > cluster.json' };

/** @throws {Refusal} */
export async function readSnapshot(file: string): Promise<Snapshot> {
  const text = await readWhole(file, kept);
  try {
    return parseSnapshot(text);
  } catch (error) {
    if (error instanceof SnapshotError) throw unusable(kept, `The snapshot ${file} ${error.message}`, error);
    throw error;
  }
}
