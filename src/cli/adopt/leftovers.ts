/** Where former names still stand, in what a person writes by hand. */
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseImage } from '../../formats/image-version.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { git, root } from './clone.ts';

/** What is not an adopter's to change: code, tests on names of their own, what programs write, and what was. */
const apart =
  /^(?:src|packages|test|tools|bench|docs|runbooks)\/|(?:^|\/)(?:package-lock\.json|CHANGELOG\.md|LICENSE)$/;

/** A name in a file, and the lines that hold it. */
export interface Leftover {
  file: string;
  name: string;
  lines: readonly number[];
}

/** Names that a former stack has and the present one does not, the longest first. */
export interface Former {
  /** Those that are nobody else's: domains, addresses, images, and what the project is called. */
  everywhere: readonly string[];
  /** Names of objects, which elsewhere are words: `cert-manager`. */
  inManifests: readonly string[];
}

export function formerNames(before: Stack, after: Stack): Former {
  const kept = new Set([...textsIn(after), ...projectsOf(after)]);
  const gone = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => !kept.has(name)).sort((one, other) => other.length - one.length);
  const names = textsIn(before);
  return {
    everywhere: gone([...names.filter((name) => /[./@]/.test(name)), ...projectsOf(before)]),
    // A word such as docs stands in every other line.
    inManifests: gone(names.filter((name) => /^[^./@]+-[^./@]+$/.test(name))),
  };
}

/** What is called after the stack: images without their version, the repository without its host, the project of the host of the pages. */
const projectsOf = (stack: Stack): readonly string[] => [
  ...stack.apps.map(({ image }) => parseImage(image).name),
  new URL(stack.site.repository).pathname.replace(/^\/|\.git$/g, ''),
  ...(stack.splitHorizon === null ? [] : [stack.splitHorizon.pages.replace(/\.pages\.dev$/, '')]),
];

const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/** Every line of the repository's own files with a former name, by the first that it holds; manifests, which may be dropped, last. */
export async function leftovers(former: Former): Promise<readonly Leftover[]> {
  const files = await ownFiles();
  const found = await Promise.all(files.map(async (file) => inFile(file, await textOf(file), former)));
  return found.flat().toSorted((one, other) => Number(isManifest(one.file)) - Number(isManifest(other.file)));
}

const isManifest = (file: string): boolean => /^(?:infrastructure|apps)\//.test(file);

function inFile(file: string, text: string, { everywhere, inManifests }: Former): readonly Leftover[] {
  const isObject = isManifest(file);
  const lines = text.split('\n').map((line, index) => ({
    number: index + 1,
    name:
      everywhere.find((one) => stands(one, line, /[\w-]/)) ??
      (isObject ? inManifests.find((one) => stands(one, line, /[\w./-]/)) : undefined),
  }));
  return [...Map.groupBy(lines, ({ name }) => name)].flatMap(([name, all]) =>
    name === undefined ? [] : [{ file, name, lines: all.map(({ number }) => number) }],
  );
}

/** What a file holds, where that is text. */
async function textOf(file: string): Promise<string> {
  const text = await readFile(join(root, file), 'utf8').catch(() => '');
  return text.includes('\0') ? '' : text;
}

/** Whether a line holds a name, with no character beside it that would make it a part of another. */
const stands = (name: string, line: string, part: RegExp): boolean =>
  line
    .split(name)
    .some((after, index, all) => index > 0 && !part.test(after.charAt(0)) && !part.test(all[index - 1]?.at(-1) ?? ''));

/** What Git knows, or may come to know; where there is no Git, what no program has put there. */
async function ownFiles(): Promise<readonly string[]> {
  const known = await git('ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const files =
    known?.split('\0') ?? (await Array.fromAsync(glob(['**', '.github/**', '**/.*'], { cwd: root, exclude: isMade })));
  return files.filter((file) => file !== '' && !apart.test(file));
}

const isMade = (path: string): boolean => ['node_modules', 'dist', '.astro', '.git'].includes(basename(path));
