/** Reads a file whole that a run left behind, be it a snapshot or a report. */
import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { Refusal } from '../formats/refusal.ts';

/** What the file is to people, and what to do where it cannot be used. */
export interface Kept {
  /** `snapshot`, as a sentence names it. */
  what: string;
  hint: string;
}

/** A snapshot of a large cluster has a tenth of it, and more would not fit into one text. */
const largest = 256 * 1024 * 1024;

/** @throws {Refusal} */
export async function readWhole(file: string, kept: Kept): Promise<string> {
  const cannot = (why: string, cause?: unknown): Refusal =>
    unusable(kept, `The ${kept.what} ${file} cannot be read: ${why}.`, cause);
  let handle;
  try {
    // Without waiting for whoever would write into a named pipe.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile())
      throw cannot(`it is ${stat.isDirectory() ? 'a directory' : 'no regular file (write it to one first)'}`);
    if (stat.size > largest)
      throw cannot(`it has ${Math.round(stat.size / 1024 / 1024)} MiB, and no ${kept.what} has more than 256`);
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw cannot((error as NodeJS.ErrnoException).code ?? String(error), error);
  } finally {
    await handle?.close();
  }
}

export const unusable = ({ hint }: Kept, message: string, cause?: unknown): Refusal =>
  new Refusal('input', message, hint, { cause });
