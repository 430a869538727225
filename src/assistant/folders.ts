/**
 * The folders whose manifests an assistant may have judged, named when the program was started. A path of an assistant leads into one of
 * them or nowhere: not upwards, not to an absolute place, and over no link that leads out.
 */
import { Refusal } from '../formats/refusal.ts';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, normalize, posix, relative, resolve, sep } from 'node:path';
import type { Known } from './discreet.ts';
import { limits } from './limits.ts';

interface Folder {
  /** What the assistant calls it: as it was named, of an absolute path the last part. */
  label: string;
  /** As it was named. */
  named: string;
  /** Where it is in truth. */
  real: string;
}

export interface Folders {
  labels: readonly string[];
  /** Places on this machine that the assistant knows by another name. */
  known: readonly Known[];
  /**
   * Where paths of an assistant lead; every folder when there is none.
   *
   * @throws {Refusal} for a path that leads elsewhere, is not there, or holds too much.
   */
  locate: (paths: readonly string[]) => Promise<readonly string[]>;
}

/** @throws {Refusal} for a place that cannot be read. */
export async function openFolders(places: readonly string[]): Promise<Folders> {
  const folders: Folder[] = [];
  for (const place of places) {
    if (place === '-') {
      throw new Refusal('usage', 'Standard input is where the assistant speaks.', 'Name folders for --manifests.');
    }
    const named = normalize(place).replace(/(?<=.)[\\/]$/, '');
    const base = isAbsolute(named) ? basename(named) : named.split(sep).join('/');
    const same = folders.filter(({ label }) => label === base || label.startsWith(`${base}-`)).length;
    folders.push({ label: same === 0 ? base : `${base}-${same + 1}`, named, real: await realOf(place) });
  }
  const labels = folders.map(({ label }) => label);
  return {
    labels,
    known: folders.flatMap(({ named, real, label }) => [
      ...(isAbsolute(named) ? [{ path: named, told: label }] : []),
      { path: real, told: label },
      { path: resolve(named), told: label },
    ]),
    locate: async (paths) => {
      const budget = { files: limits.files, bytes: limits.bytes };
      const found: string[] = [];
      for (const path of paths.length === 0 ? labels : paths) {
        const { folder, rest } = within(folders, path);
        found.push(join(folder.named, await soundPlace(folder, rest, path, budget)));
      }
      return found;
    },
  };
}

async function realOf(place: string): Promise<string> {
  try {
    return await realpath(place);
  } catch (error) {
    throw new Refusal(
      'input',
      `There is no folder ${place}.`,
      `Name folders that hold manifests, as seen from ${process.cwd()}.`,
      { cause: error },
    );
  }
}

function within(folders: readonly Folder[], path: string): { folder: Folder; rest: string } {
  const clean = posix.normalize(path.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '');
  const isOutside = path.includes('\0') || isAbsolute(path) || /^[a-z]:/i.test(path);
  const folder = folders.find(({ label }) => clean === label || clean.startsWith(`${label}/`));
  if (!isOutside && folder !== undefined) return { folder, rest: clean.slice(folder.label.length + 1) };
  const own = folders.find(({ label }) => label === '.');
  if (!isOutside && own !== undefined && clean !== '..' && !clean.startsWith('../'))
    return { folder: own, rest: clean };
  throw new Refusal(
    'usage',
    `${JSON.stringify(path.slice(0, 200))} is in none of the folders that were named when this program was started.`,
    `Paths begin with one of them: ${folders.map(({ label }) => label).join(', ')}.`,
  );
}

interface Budget {
  files: number;
  bytes: number;
}

/** @returns `rest`, once it is sure that all of it lies in the folder. */
async function soundPlace(folder: Folder, rest: string, path: string, budget: Budget): Promise<string> {
  const place = join(folder.real, rest);
  const real = await realpath(place).catch((error: unknown) => {
    throw new Refusal('input', `There is no file or folder ${path.slice(0, 200)}.`, 'Name one that is there.', {
      cause: error,
    });
  });
  if (!isIn(folder.real, real)) throw leadsOut(path);
  const entry = await stat(real);
  if (entry.isDirectory()) await soundFolder(folder, real, budget);
  else if (!isManifest(real) || !entry.isFile())
    throw new Refusal('usage', `${path.slice(0, 200)} is no YAML file.`, 'Name folders, or files of YAML or JSON.');
  return rest;
}

/** Looks at a folder before it is read: whether links in it lead out, and whether it is of a size that can be judged. */
async function soundFolder(folder: Folder, place: string, budget: Budget): Promise<void> {
  for (const entry of await readdir(place, { withFileTypes: true })) {
    const path = join(place, entry.name);
    if (entry.isSymbolicLink()) {
      const real = await realpath(path).catch(() => undefined);
      // One that leads nowhere is told when it is read.
      const isRead = real !== undefined && (isManifest(entry.name) || (await lstat(real)).isDirectory());
      if (isRead && !isSkipped(entry.name) && !isIn(folder.real, real))
        throw leadsOut(posix.join(folder.label, relative(folder.real, path).split(sep).join('/')));
    } else if (entry.isDirectory()) {
      if (!isSkipped(entry.name)) await soundFolder(folder, path, budget);
    } else if (isManifest(entry.name)) {
      budget.files -= 1;
      budget.bytes -= (await stat(path)).size;
      if (budget.files < 0 || budget.bytes < 0) throw tooMuch();
    }
  }
}

/** Folders of tools, such as `.git`, hold nobody's manifests. */
const isSkipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

const isManifest = (name: string): boolean => /\.(?:ya?ml|json)$|(?:^|[\\/])Kustomization$/.test(name);

const isIn = (folder: string, place: string): boolean => {
  const way = relative(folder, place);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
};

const leadsOut = (path: string): Refusal =>
  new Refusal(
    'usage',
    `${path.slice(0, 200)} is a link that leads out of the folders that were named when this program was started.`,
    'Nothing was read. Name paths beside it.',
  );

const tooMuch = (): Refusal =>
  new Refusal(
    'usage',
    `There are more than ${limits.files} manifests, or more than ${limits.bytes / 1024 / 1024} MiB of them.`,
    'Name folders or files within.',
  );
