/**
 * Reads files that a person names: a kubeconfig, and what it names in turn. What is no file, or larger than any such file, is refused
 * before it is read, for a pipe that nobody writes to and a device without an end are read for ever.
 */
import { closeSync, constants, openSync, readSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { mostFileBytes, pipeTimeoutMs } from './budget.ts';

/** Why a file cannot be read, as a phrase: `it does not exist`. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** @throws {FileError} when it is not a file that can be read whole. */
export function checkFile(file: string): void {
  const stats = statOf(file);
  if (!stats.isFile()) throw new FileError(`it is ${whatElse(stats)}, not a file`);
  if (stats.size > mostFileBytes) throw new FileError(tooLarge);
}

/**
 * The text of a file, or of a pipe that this process was given, as a shell's process substitution gives it (`<(command)`).
 *
 * @throws {FileError} when it cannot be read.
 */
export function readSmallFile(file: string, timeoutMs = pipeTimeoutMs): string {
  if (isGivenPipe(file)) return readPipe(file, timeoutMs);
  // What many scripts set for "no kubeconfig"; it ends at once.
  if (path.resolve(file) === '/dev/null') return '';
  checkFile(file);
  return read(file, () => false);
}

/** A pipe among the files that were open when this process began; one by a name of its own may never have had a writer. */
function isGivenPipe(file: string): boolean {
  const isGiven = /^\/(dev\/(stdin$|fd\/\d+$)|proc\/(self|\d+)\/fd\/\d+$)/.test(path.resolve(file));
  return isGiven && statOf(file).isFIFO();
}

/** What pipes held, for they can be read only once, and whoever lists the contexts opens one of them later. */
const pipes = new Map<string, string>();

function readPipe(file: string, timeoutMs: number): string {
  const known = pipes.get(file);
  if (known !== undefined) return known;
  const end = performance.now() + timeoutMs;
  const text = read(file, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    if (performance.now() < end) return true;
    throw new FileError(`it is a pipe, and was not written to its end within ${timeoutMs / 1000} s`);
  });
  pipes.set(file, text);
  return text;
}

/** @param again Whether to go on when there is nothing to read yet. */
function read(file: string, again: () => boolean): string {
  const chunk = Buffer.alloc(64 * 1024);
  const chunks: Buffer[] = [];
  let size = 0;
  let handle: number | undefined;
  try {
    // Windows has no such flag, and no such pipes.
    handle = openSync(file, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
    for (;;) {
      const length = readWhatIsThere(handle, chunk);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      if (length === undefined) {
        if (!again()) throw new FileError('it does not hold still, as a file would');
        continue;
      }
      size += length;
      if (size > mostFileBytes) throw new FileError(tooLarge);
      chunks.push(Buffer.from(chunk.subarray(0, length)));
    }
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(reasonOf(error));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** How many bytes came, none at the end; undefined when there are none yet. */
function readWhatIsThere(handle: number, chunk: Buffer): number | undefined {
  try {
    return readSync(handle, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function statOf(file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    throw new FileError(reasonOf(error));
  }
}

const tooLarge = `it is larger than ${mostFileBytes / 2 ** 20} MiB`;

function whatElse(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function reasonOf(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it does not exist';
  return code === 'EACCES' ? 'this user may not read it (EACCES)' : code;
}
