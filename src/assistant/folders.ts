/**
 * The folders whose manifests an assistant may have judged, named when the program was started. A path of an assistant leads into one of
 * them or nowhere: not upwards, not to an absolute place, and over no link that leads out.
 */
import { Refusal } from '../formats/refusal.ts';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, normalize, posix, relative, resolve, sep } from 'node:path';
import { copyFolder, isIn, isManifest, type Copied } from './copied.ts';
import type { Known } from './discreet.ts';
import { limits } from './limits.ts';

interface Folder {
  /** What the assistant calls it: as it was named, of a path from elsewhere the last part. */
  label: string;
  /** Where it is in truth. */
  real: string;
}

/** Where judging may read: copies, beside which there is nothing. */
export interface Judged {
  /** Where the paths of an assistant are in the copy. */
  places: readonly string[];
  /** What of the copy is called by which name. */
  known: readonly Known[];
  /** What was left out, for people. */
  notes: readonly string[];
}

export interface Folders {
  labels: readonly string[];
  /** Places on this machine that the assistant knows by another name. */
  known: readonly Known[];
  /**
   * Copies the folders that paths of an assistant lead into; every one when there is no path. Whatever their files refer to, a
   * kustomization's base or what Flux applies, is then found among them or nowhere.
   *
   * @param into An empty folder.
   * @throws {Refusal} for a path that leads elsewhere, is not there, or holds too much.
   */
  copy: (paths: readonly string[], into: string) => Promise<Judged>;
}

/** @throws {Refusal} for a place that cannot be read. */
export async function openFolders(places: readonly string[]): Promise<Folders> {
  const folders: Folder[] = [];
  for (const place of places) {
    if (place === '-') {
      throw new Refusal('usage', 'Standard input is where the assistant speaks.', 'Name folders for --manifests.');
    }
    const real = await folderAt(place);
    const base = labelOf(place, real);
    const same = folders.filter(({ label }) => label === base || label.startsWith(`${base}-`)).length;
    folders.push({ label: same === 0 ? base : `${base}-${same + 1}`, real });
  }
  return {
    labels: folders.map(({ label }) => label),
    known: folders.flatMap(({ real, label }, at) => [
      { path: real, told: label },
      { path: resolve(places[at] ?? ''), told: label },
    ]),
    copy: async (paths, into) => {
      const wanted = (paths.length === 0 ? folders.map(({ label }) => label) : paths).map((path) =>
        within(folders, path),
      );
      for (const { folder, rest, path } of wanted) await soundPlace(folder, rest, path);
      const copied: Copied = { files: limits.files, bytes: limits.bytes, notes: [] };
      for (const folder of new Set(wanted.map((one) => one.folder)))
        await copyFolder(folder.real, { to: join(into, folder.label), label: folder.label, copied });
      // Paths of Flux and Argo CD begin at the root of the repository: that of the copy, and nothing that is around it.
      await mkdir(join(into, '.git'), { recursive: true });
      const seen = relative(process.cwd(), into);
      return {
        places: wanted.map(({ folder, rest }) => join(into, folder.label, rest)),
        known: [into, seen].flatMap((path) => [
          // The working folder's label is a dot, which nobody writes before a path.
          { path: `${path}${sep}`, told: '' },
          { path, told: '.' },
        ]),
        notes: copied.notes,
      };
    },
  };
}

/** As it was named where that is a way down from the working folder. */
function labelOf(place: string, real: string): string {
  const named = normalize(place)
    .replace(/(?<=.)[\\/]$/, '')
    .split(sep)
    .join('/');
  return isAbsolute(place) || named === '..' || named.startsWith('../') ? basename(real) || 'root' : named;
}

async function folderAt(place: string): Promise<string> {
  const real = await realpath(place).catch(() => undefined);
  if (real !== undefined && (await stat(real)).isDirectory()) return real;
  throw new Refusal(
    'input',
    real === undefined ? `There is no folder ${place}.` : `${place} is no folder.`,
    `Name folders that hold manifests, as seen from ${process.cwd()}.`,
  );
}

function within(folders: readonly Folder[], path: string): { folder: Folder; rest: string; path: string } {
  const clean = posix.normalize(path.replaceAll('\\', '/')).replace(/(?<=.)\/$/, '');
  const isOutside = path === '' || path.includes('\0') || isAbsolute(path) || /^[a-z]:/i.test(path);
  const folder = folders.find(({ label }) => clean === label || clean.startsWith(`${label}/`));
  if (!isOutside && folder !== undefined) return { folder, rest: clean.slice(folder.label.length + 1), path };
  const own = folders.find(({ label }) => label === '.');
  if (!isOutside && own !== undefined && clean !== '..' && !clean.startsWith('../'))
    return { folder: own, rest: clean, path };
  throw new Refusal(
    'usage',
    `${JSON.stringify(path.slice(0, 200))} is in none of the folders that were named when this program was started.`,
    `Paths begin with one of them: ${folders.map(({ label }) => label).join(', ')}.`,
  );
}

async function soundPlace(folder: Folder, rest: string, path: string): Promise<void> {
  const real = await realpath(join(folder.real, rest)).catch(() => undefined);
  const told = path.slice(0, 200);
  if (real === undefined) throw new Refusal('input', `There is no file or folder ${told}.`, 'Name one that is there.');
  if (!isIn(folder.real, real)) {
    throw new Refusal(
      'usage',
      `${told} is a link that leads out of the folders that were named when this program was started.`,
      'Nothing was read. Name paths beside it.',
    );
  }
  const entry = await stat(real);
  if (!entry.isDirectory() && !(entry.isFile() && isManifest(real)))
    throw new Refusal('usage', `${told} is no YAML file.`, 'Name folders, or files of YAML or JSON.');
}
