/** The clone of the handbook that is adopted. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Its folder. */
export const root = join(import.meta.dirname, '../../..');

/** What Git prints there; nothing where it does not succeed, or there is no Git. */
export const git = (...args: readonly string[]): Promise<string | undefined> =>
  promisify(execFile)('git', [...args], { cwd: root, maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
