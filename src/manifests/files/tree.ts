/** Files and folders as they stand, each read once. */
import { readdir, readFile, stat } from 'node:fs/promises';
import type { FileNote } from '../manifest.ts';
import { documentsOf, type Documents } from './documents.ts';
import { pathIn, plainPath } from './paths.ts';

export interface Tree {
  /** The documents of a file of YAML or JSON; undefined where there is no file. What cannot be read is its fault. */
  documents: (file: string) => Promise<Documents | undefined>;
  /** The text of a file; undefined where there is none that can be read. */
  text: (file: string) => Promise<string | undefined>;
  /** What stands in a folder, by name; undefined where there is no folder that can be read. */
  folder: (path: string) => Promise<readonly Entry[] | undefined>;
  /** Whether a path, links followed, stays where it may be read. */
  stays: (path: string) => Promise<boolean>;
  /** Every file that was asked for and is there, in no order. */
  read: () => readonly string[];
}

export interface Entry {
  name: string;
  path: string;
  isFolder: boolean;
  /** A link that leads nowhere, or what may not be looked at. */
  broken?: FileNote;
}

/** @param given Texts that stand in no file, such as what is piped in. */
export function treeOfFiles(given: Readonly<Record<string, string>> = {}): Tree {
  const texts = new Map<string, Promise<string | NodeJS.ErrnoException>>();
  const folders = new Map<string, Promise<readonly Entry[] | undefined>>();
  const documents = new Map<string, Promise<Documents | undefined>>();
  const found = new Set<string>(Object.keys(given));
  const once = <T>(kept: Map<string, Promise<T>>, path: string, read: (path: string) => Promise<T>): Promise<T> => {
    const key = plainPath(path);
    const before = kept.get(key);
    if (before !== undefined) return before;
    const now = read(key);
    kept.set(key, now);
    return now;
  };
  const textOf = (path: string): Promise<string | NodeJS.ErrnoException> =>
    once(texts, path, async (file) => {
      const own = given[file];
      if (own !== undefined) return own;
      try {
        const text = await readFile(file, 'utf8');
        found.add(file);
        return text;
      } catch (error) {
        return error as NodeJS.ErrnoException;
      }
    });
  return {
    text: async (path) => {
      const text = await textOf(path);
      return typeof text === 'string' ? text : undefined;
    },
    documents: (path) =>
      once(documents, path, async (file) => {
        const text = await textOf(file);
        if (typeof text === 'string') return documentsOf(file, text);
        const { code } = text;
        if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
        return { documents: [], fault: { file, message: `cannot be read (${code ?? text.message})` } };
      }),
    folder: (path) => once(folders, path, entriesOf),
    stays: () => Promise.resolve(true),
    read: () => [...found],
  };
}

async function entriesOf(folder: string): Promise<readonly Entry[] | undefined> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
  const all = entries.map(async (entry): Promise<Entry | undefined> => {
    const { name } = entry;
    const path = pathIn(folder, name);
    if (entry.isDirectory()) return { name, path, isFolder: true };
    if (entry.isFile()) return { name, path, isFolder: false };
    // A named pipe would never end.
    if (!entry.isSymbolicLink()) return undefined;
    try {
      const target = await stat(path);
      return target.isFile() || target.isDirectory() ? { name, path, isFolder: target.isDirectory() } : undefined;
    } catch {
      return { name, path, isFolder: false, broken: { file: path, message: 'is a link that leads nowhere' } };
    }
  });
  return (await Promise.all(all))
    .filter((entry) => entry !== undefined)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
