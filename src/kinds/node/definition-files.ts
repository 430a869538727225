/**
 * CustomResourceDefinitions in files: of a file, a folder with what is below it, or standard input; YAML as a maker publishes it, or
 * what `kubectl get crds -o yaml` prints.
 *
 * Definitions are long, and a run asks for a few of them: a document is read when its kind is asked for.
 */
import { Refusal } from '../../formats/refusal.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parse } from 'yaml';
import { isDefinition, kindsFromCrds } from '../definitions.ts';
import { groupOf, type Kinds } from '../kind.ts';

const hint =
  'Name a file or folder with CustomResourceDefinitions, or pipe them in: kubectl get crds -o yaml | … --crds -';

interface Document {
  file: string;
  text: string;
  read?: readonly unknown[];
}

/**
 * @param place A file, a folder, or `-` for standard input.
 * @throws {Refusal} for what cannot be read, or holds no definition; and by a look-up, where a document is no YAML.
 */
export async function kindsFromFiles(place: string): Promise<Kinds> {
  const documents = (await filesOf(place)).flatMap(({ file, text }) =>
    text
      .split(/^---.*$/m)
      .filter((part) => part.includes('CustomResourceDefinition'))
      .map((part): Document => ({ file, text: part })),
  );
  if (documents.length === 0)
    throw new Refusal('input', `There is no CustomResourceDefinition in ${nameOf(place)}.`, hint);
  return {
    find: (apiVersion, kind) => {
      const group = groupOf(apiVersion);
      const about = documents.filter(({ text }) => text.includes(group) && text.includes(kind));
      return group === '' || about.length === 0
        ? Promise.resolve(undefined)
        : kindsFromCrds(about.flatMap(read), 'given').find(apiVersion, kind);
    },
  };
}

function read(document: Document): readonly unknown[] {
  document.read ??= definitionsIn(document);
  return document.read;
}

function definitionsIn({ file, text }: Document): readonly unknown[] {
  try {
    const content = parse(text, { logLevel: 'error' }) as { items?: unknown } | null;
    return Array.isArray(content?.items) ? content.items.filter(isDefinition) : [content];
  } catch (error) {
    const [first = ''] = (error as Error).message.split('\n');
    throw new Refusal('input', `${file} is not YAML: ${first.replace(/:$/, '')}.`, hint, { cause: error });
  }
}

const nameOf = (place: string): string => (place === '-' ? 'standard input' : place);

interface File {
  file: string;
  text: string;
}

async function filesOf(place: string): Promise<readonly File[]> {
  if (place === '-') return [{ file: 'standard input', text: await textOf(process.stdin) }];
  try {
    return await filesBelow(place);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `There is no file or folder ${place}.` : `${place} cannot be read (${code}).`;
    throw new Refusal('input', why, hint, { cause: error });
  }
}

async function filesBelow(place: string): Promise<readonly File[]> {
  const entry = await stat(place);
  if (entry.isFile()) return [{ file: place, text: await readFile(place, 'utf8') }];
  // A named pipe would never end.
  if (!entry.isDirectory()) throw new Refusal('input', `${place} is neither a file nor a folder.`, hint);
  const entries = await readdir(place, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter((inner) => inner.isDirectory() || (inner.isFile() && /\.(?:ya?ml|json)$/.test(inner.name)))
      .map((inner) => filesBelow(join(place, inner.name))),
  );
  return found.flat();
}
