/**
 * A copy of a folder of manifests, for a judge who follows whatever files refer to: kustomizations, what Flux and Argo CD apply, links. In
 * the copy nothing leads out, for there is nothing around it.
 */
import { Refusal } from '../formats/refusal.ts';
import { copyFile, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { limits } from './limits.ts';

/** What may still be copied, and what was left out. */
export interface Copied {
  files: number;
  bytes: number;
  notes: string[];
}

interface Way {
  to: string;
  /** What the assistant calls the folder. */
  label: string;
  copied: Copied;
}

/** What kustomizations make ConfigMaps of is small; what is larger is something else. */
const largestInput = 1024 * 1024;

/**
 * @param folder Where it is in truth.
 * @throws {Refusal} when it holds more than can be judged.
 */
export async function copyFolder(folder: string, { to, label, copied }: Way): Promise<void> {
  const copy = async (place: string, target: string, above: readonly string[], isBuilt: boolean): Promise<void> => {
    const entries = await readdir(place, { withFileTypes: true });
    await mkdir(target, { recursive: true, mode: 0o700 });
    const builds = isBuilt || entries.some(({ name }) => isKustomization(name));
    for (const { name } of entries) {
      const path = join(place, name);
      const told = posix.join(label, relative(folder, path).split(sep).join('/'));
      const real = await realpath(path).catch(() => undefined);
      const entry = real === undefined ? undefined : await stat(real);
      if (real === undefined || entry === undefined) {
        if (isManifest(name)) copied.notes.push(`${told} is a link that leads nowhere: left out.`);
      } else if (!isIn(folder, real)) {
        if (isManifest(name) || (entry.isDirectory() && !isSkipped(name)))
          copied.notes.push(`${told} is a link that leads out of the folder: left out.`);
      } else if (entry.isDirectory()) {
        // A link to a folder above would never end.
        if (!isSkipped(name) && !above.includes(real)) await copy(real, join(target, name), [...above, real], builds);
      } else if (entry.isFile() && (isManifest(name) || (builds && entry.size <= largestInput))) {
        copied.files -= 1;
        copied.bytes -= entry.size;
        if (copied.files < 0 || copied.bytes < 0) throw tooMuch();
        await copyFile(real, join(target, name));
      }
    }
  };
  await copy(folder, to, [folder], false);
}

/** Folders of tools, such as `.git`, hold nobody's manifests. */
const isSkipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

const isKustomization = (name: string): boolean => /^kustomization\.ya?ml$|^Kustomization$/.test(name);

/** By the last part of its path. What says which of them to leave out counts as one. */
export const isManifest = (path: string): boolean =>
  /\.(?:ya?ml|json)$|(?:^|[\\/])(?:Kustomization|\.runbookignore)$/.test(path);

/** Whether a place is a folder, or in it. */
export function isIn(folder: string, place: string): boolean {
  const way = relative(folder, place);
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

const tooMuch = (): Refusal =>
  new Refusal(
    'usage',
    `There are more than ${limits.files} manifests, or more than ${limits.bytes / 1024 / 1024} MiB of them.`,
    'A person can start this program with smaller folders.',
  );
