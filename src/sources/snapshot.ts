/** Reads a snapshot from a file. */
import { Refusal } from '../formats/refusal.ts';
import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { parseSnapshot, SnapshotError } from '../runbook/snapshot-file.ts';
import type { Snapshot } from '../runbook/snapshot.ts';

/** A snapshot of a large cluster has a tenth of it, and more would not fit into one text. */
const largest = 256 * 1024 * 1024;

/** @throws {Refusal} */
export async function readSnapshot(file: string): Promise<Snapshot> {
  const text = await readWhole(file);
  try {
    return parseSnapshot(text);
  } catch (error) {
    if (error instanceof SnapshotError) throw refused(`The snapshot ${file} ${error.message}`, error);
    throw error;
  }
}

async function readWhole(file: string): Promise<string> {
  let handle;
  try {
    // Without waiting for whoever would write into a named pipe.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) {
      const what = stat.isDirectory() ? 'a directory' : 'no regular file (write it to one first)';
      throw refused(`The snapshot ${file} cannot be read: it is ${what}.`);
    }
    if (stat.size > largest) {
      const size = Math.round(stat.size / 1024 / 1024);
      throw refused(`The snapshot ${file} cannot be read: it has ${size} MiB, and no snapshot has more than 256.`);
    }
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refused(
      `The snapshot ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      error,
    );
  } finally {
    await handle?.close();
  }
}

const refused = (message: string, cause?: unknown): Refusal =>
  new Refusal('input', message, 'Take one with: npm run --silent runbook -- snapshot > cluster.json', { cause });
