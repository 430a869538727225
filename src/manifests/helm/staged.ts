/**
 * A copy of a chart, as helm is given it: helm follows links, so that whatever leads out of the tree is refused before.
 */
import { copyFile, lstat, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Values } from '../../formats/helm-values.ts';
import { fieldsOf, listOf, textOf, type Fields } from '../fields.ts';
import { valuesOf } from '../files/documents.ts';
import { isBelow, pathIn } from '../files/paths.ts';

export interface Staged {
  /** What its templates ask of a cluster, so that a cluster may get something else. */
  asksCluster: boolean;
  /** Whether a schema of its values refers to another file or address. */
  hasOpenSchema: boolean;
}

/** Why a chart is not given to helm, as a clause. */
class NotStaged extends Error {}

const most = { files: 5000, bytes: 64 * 1024 * 1024, depth: 24 } as const;

interface Copying {
  /** The folders, links followed, of which one holds all that may be copied. */
  bounds: readonly string[];
  files: number;
  bytes: number;
  staged: Staged;
}

/**
 * @param bounds Folders of which nothing outside is copied.
 * @param defaults What stands in place of the chart's own values.
 * @returns why it cannot be, as a clause: `it holds a link that leads out of the tree: templates/x.yaml`.
 */
export async function stage(
  folder: string,
  into: string,
  { bounds, defaults }: { bounds: readonly string[]; defaults?: Values | undefined },
): Promise<Staged | { refused: string }> {
  const copying: Copying = {
    bounds: await Promise.all(bounds.map((bound) => realpath(bound).catch(() => bound))),
    ...{ files: 0, bytes: 0, staged: { asksCluster: false, hasOpenSchema: false } },
  };
  try {
    await copyChart(folder, into, copying, 0);
    if (defaults !== undefined) await writeFile(join(into, 'values.yaml'), JSON.stringify(defaults));
    return copying.staged;
  } catch (error) {
    if (error instanceof NotStaged) return { refused: error.message };
    const { code } = error as NodeJS.ErrnoException;
    return { refused: `it cannot be read (${code ?? (error as Error).message})` };
  }
}

async function copyChart(folder: string, into: string, copying: Copying, depth: number): Promise<void> {
  if (depth > most.depth) throw new NotStaged('it holds charts within charts without an end');
  await copyFolder(folder, into, folder, copying, 0);
  for (const { name, version, repository } of await dependenciesOf(into)) {
    if (await isInside(join(into, 'charts'), name)) continue;
    const path = /^file:\/\/(.+)$/.exec(repository)?.[1];
    if (path === undefined) {
      const from = repository === '' ? '' : ` of ${repository}`;
      throw new NotStaged(
        `it depends on the chart ${[name, version].join(' ').trim()}${from}, which is not in its folder charts, and nothing is fetched`,
      );
    }
    await copyChart(pathIn(folder, path), join(into, 'charts', name), copying, depth + 1);
  }
}

interface Dependency {
  name: string;
  version: string;
  repository: string;
}

/** What stands in Chart.yaml, and in requirements.yaml before there was a second version of charts. */
async function dependenciesOf(chart: string): Promise<readonly Dependency[]> {
  const read = async (file: string): Promise<Fields> => {
    const text = await readFile(join(chart, file), 'utf8').catch(() => '');
    return fieldsOf(valuesOf(text)?.[0]);
  };
  const files = await Promise.all(['Chart.yaml', 'requirements.yaml'].map(read));
  return files
    .flatMap(({ dependencies }) => listOf(dependencies))
    .map(fieldsOf)
    .map(({ name, version, repository }) => ({
      name: textOf(name) ?? '',
      version: textOf(version) ?? '',
      repository: textOf(repository) ?? '',
    }))
    .filter(({ name }) => /^[\w.-]+$/.test(name) && !name.startsWith('.'));
}

async function isInside(charts: string, name: string): Promise<boolean> {
  const entries = await readdir(charts).catch(() => []);
  if (entries.some((entry) => entry === name || (entry.startsWith(`${name}-`) && entry.endsWith('.tgz')))) return true;
  const named = await Promise.all(
    entries.map(async (entry) => {
      const text = await readFile(join(charts, entry, 'Chart.yaml'), 'utf8').catch(() => '');
      return textOf(fieldsOf(valuesOf(text)?.[0])['name']);
    }),
  );
  return named.includes(name);
}

async function copyFolder(from: string, into: string, chart: string, copying: Copying, depth: number): Promise<void> {
  if (depth > most.depth) throw new NotStaged('it holds folders within folders without an end');
  await inBounds(from, chart, copying);
  await mkdir(into, { recursive: true });
  for (const name of (await readdir(from)).sort()) {
    const path = join(from, name);
    if (name === '.git') continue;
    if ((await lstat(path)).isSymbolicLink()) await inBounds(path, chart, copying);
    const entry = await stat(path);
    if (entry.isDirectory()) await copyFolder(path, join(into, name), chart, copying, depth + 1);
    else if (entry.isFile()) await copyOne(path, join(into, name), entry.size, copying);
    else throw new NotStaged(`it holds what is neither file nor folder: ${relative(chart, path)}`);
  }
}

async function inBounds(path: string, chart: string, { bounds }: Copying): Promise<void> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined && bounds.some((bound) => isBelow(real, bound))) return;
  const inner = relative(chart, path);
  throw new NotStaged(
    inner === '' || inner.startsWith('..')
      ? 'it leads out of the tree, which is refused'
      : `it holds a link that leads ${real === undefined ? 'nowhere' : 'out of the tree, which is refused'}: ${inner}`,
  );
}

async function copyOne(path: string, into: string, size: number, copying: Copying): Promise<void> {
  copying.files++;
  copying.bytes += size;
  if (copying.files > most.files || copying.bytes > most.bytes)
    throw new NotStaged(`it holds more than ${most.files} files or ${most.bytes / 1024 / 1024} MiB`);
  await mkdir(dirname(into), { recursive: true });
  await copyFile(path, into);
  const { staged } = copying;
  if (/\.tgz$/.test(path)) {
    // Nobody looks into it here.
    staged.asksCluster = true;
    staged.hasOpenSchema = true;
  } else if (path.endsWith('values.schema.json')) staged.hasOpenSchema ||= isOpen(await readFile(path, 'utf8'));
  else if (/\.(?:ya?ml|tpl|txt|json)$/.test(path)) staged.asksCluster ||= asks.test(await readFile(path, 'utf8'));
}

/** What a template does that has another answer in a cluster than without one. */
const asks = /\blookup\s+[("$.]|\bCapabilities\.APIVersions\b/;

/** Whether a schema leads anywhere else: a validator would go and fetch that. */
function isOpen(text: string): boolean {
  const leads = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([key, inner]: [string, unknown]) => {
      if (key === '$ref' || key === '$dynamicRef') return typeof inner !== 'string' || !inner.startsWith('#');
      if (key === '$schema') return typeof inner !== 'string' || !/^https?:\/\/json-schema\.org\//.test(inner);
      return leads(inner);
    });
  };
  try {
    return leads(JSON.parse(text) as unknown);
  } catch {
    // helm says what is wrong with it.
    return false;
  }
}
