/**
 * Paths as a person at the working directory would write them, so that two paths of one place are the same text: below the working directory
 * from there on, whatever way they take; above it with `..`; absolute ones stay so.
 */
import { isAbsolute, join, normalize, relative } from 'node:path';

/** A path without steps back and forth, and without a slash at its end. */
export function plainPath(path: string): string {
  const plain = normalize(path).replace(/(?<=.)\/$/, '');
  // `../here/apps` is `apps` to whoever is in `here`.
  return plain.startsWith('..') ? relative('.', plain) || '.' : plain;
}

/** Where a path leads that is written in a folder. */
export const pathIn = (folder: string, path: string): string => plainPath(isAbsolute(path) ? path : join(folder, path));

/** Whether a path is a folder or stands in it. Both are plain. */
export function isBelow(path: string, folder: string): boolean {
  if (path === folder || folder === '/') return true;
  if (!folder.startsWith('.')) return path.startsWith(`${folder}/`);
  if (isAbsolute(path)) return false;
  const way = folder === '.' ? path : relative(folder, path);
  return way !== '..' && !way.startsWith('../');
}
