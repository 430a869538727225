/** The stack file: how it becomes another, is read back, and takes the place of the former. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diff, isDeepStrictEqual } from 'node:util';
import { Refusal } from '../../formats/refusal.ts';
import type { Stack } from '../../../runbooks/stack-type.ts';
import { root } from './clone.ts';

/** The stack file of this handbook, as people call it. */
export const shown = 'runbooks/stack.ts';
const file = join(root, shown);

/** @throws {Refusal} when it cannot be read. */
export async function readText(): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw unusable(`${shown} cannot be read`, error);
  });
}

/**
 * The file's text with other names, as the formatter would write it.
 *
 * @throws {Refusal} where the file is written in a way in which a name cannot be changed without a person.
 */
export async function rewritten(text: string, before: Stack, after: Stack): Promise<string> {
  if (isDeepStrictEqual(before, after)) return text;
  // What reads and formats the file takes longer to load than all else.
  const [{ format, resolveConfig }, { withNames }] = await Promise.all([import('prettier'), import('./stack-text.ts')]);
  const put = withNames(text, before, after, shown);
  return format(put, { ...(await resolveConfig(file)), filepath: file });
}

/**
 * Writes the file, once it is sure that it says what it should; the former stays until then, and where another has been saved meanwhile.
 *
 * @throws {Refusal} when it says something else, has changed meanwhile, or cannot be written.
 */
export async function replace(former: string, text: string, after: Stack): Promise<void> {
  // Beside the file: its imports are found from there, and it can be moved to its place in one step.
  const beside = join(dirname(file), `.stack-${randomUUID()}.ts`);
  try {
    const { mode } = await stat(file);
    await writeFile(beside, text, { flag: 'wx', mode });
    const { stack } = (await import(pathToFileURL(beside).href)) as { stack: unknown };
    if (!isDeepStrictEqual(stack, after)) {
      throw new Refusal(
        'input',
        `${shown} is written in a way that cannot be changed without a person: with the new names it would say something else.`,
        'Write the names that differ into it by hand; the file is as it was.',
      );
    }
    if ((await readText()) !== former) {
      throw new Refusal('input', `${shown} has changed meanwhile.`, 'Nothing was written; run it again.');
    }
    await rename(beside, file);
  } catch (error) {
    throw error instanceof Refusal ? error : unusable(`${shown} could not be written`, error);
  } finally {
    await rm(beside, { force: true });
  }
}

const unusable = (what: string, error: unknown): Refusal =>
  new Refusal(
    'input',
    `${what}: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
    'Run this in a clone of the handbook that you may write to.',
    { cause: error },
  );

/** The lines that differ, each with its number in the file where it stands, and a sign: `-` for the former. */
export function differences(before: string, after: string): readonly string[] {
  let [was, is] = [0, 0];
  return diff(before.split('\n'), after.split('\n')).flatMap(([sign, line]) => {
    // Turned around by its maker: what only the second has is -1.
    if (sign <= 0) is += 1;
    if (sign >= 0) was += 1;
    return sign === 0 ? [] : [sign < 0 ? `+${is} ${line}` : `-${was} ${line}`];
  });
}
