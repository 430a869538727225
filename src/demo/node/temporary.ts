/**
 * Files that hold credentials of a demo cluster, in folders of this user's own that go when the process does, however it ends: by
 * itself, by a signal, by an exception. What a killed process (SIGKILL, a power cut) leaves behind goes when the next one starts.
 */
import { Refusal } from '../../formats/refusal.ts';
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Removed when the process ends. */
const kept = new Set<string>();
let isWatching = false;

/** Of which machine: folders for temporary files are shared by containers, whose processes have numbers of their own. */
const here = hostname().replace(/[^A-Za-z0-9]/g, '') || 'host';
const folderName = new RegExp(`^runbook-${here}-(\\d+)-[A-Za-z0-9]{6}$`);

/**
 * Makes a folder that only this user may enter.
 *
 * @throws {Refusal} when there is no place for one.
 */
export function temporaryFolder(): string {
  watch();
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), `runbook-${here}-${process.pid}-`));
  } catch (error) {
    throw new Refusal(
      'usage',
      `No folder could be made in ${tmpdir()}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      'Set TMPDIR to a folder that you may write to.',
      { cause: error },
    );
  }
  kept.add(folder);
  return folder;
}

/** Has a file or folder removed when the process ends, if it is still there. */
export function removeAtEnd(path: string): void {
  watch();
  kept.add(path);
}

/** Removes a file or folder now. */
export function remove(path: string): void {
  kept.delete(path);
  rmSync(path, { recursive: true, force: true });
}

/** Has a text read from a file that is there no longer than that. */
export function throughFile<T>(text: string, read: (file: string) => T): T {
  const folder = temporaryFolder();
  try {
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return read(file);
  } finally {
    remove(folder);
  }
}

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  removeStale();
  process.on('exit', removeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const end = (): void => {
      // Somebody else ends the process then, and 'exit' is heard; a signal that nobody hears ends it without.
      if (process.listenerCount(signal) > 1) return;
      removeAll();
      process.off(signal, end);
      process.kill(process.pid, signal);
    };
    // Before those who listen once, and who would be gone by then.
    process.prependListener(signal, end);
  }
}

function removeAll(): void {
  for (const path of kept) {
    try {
      remove(path);
    } catch {
      // What cannot be removed must not keep the others.
    }
  }
}

/** Removes what processes of this user have left behind that are no more. */
function removeStale(): void {
  for (const name of namesIn(tmpdir())) {
    const pid = Number(folderName.exec(name)?.[1] ?? NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    try {
      const { uid } = lstatSync(folder);
      if (lstatSync(folder).isDirectory() && uid === (process.getuid?.() ?? uid))
        rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else was faster, or it is not ours to remove.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
