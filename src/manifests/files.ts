/**
 * Reads folders of manifests: every object in them with the place where it stands, and a note of everything that is left out.
 *
 * YAML is read as `kubectl` reads it: version 1.1, in which `yes` and `on` are booleans and 0644 is octal, but without its times.
 */
import { Refusal } from '../formats/refusal.ts';
import { withoutNamespace } from '../kinds/scope.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { isMap, isScalar, LineCounter, parseAllDocuments, type Document, type Tags } from 'yaml';

/** An object as a file has it. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Readonly<Record<string, string>> } & Readonly<
    Record<string, unknown>
  >;
}

export interface Place {
  line: number;
  column: number;
}

export interface Manifest {
  object: ManifestObject;
  file: string;
  /** Where a field stands, or the nearest field around it that is there; lines and columns count from 1. */
  place: (path: readonly (string | number)[]) => Place;
}

export interface Manifests {
  manifests: readonly Manifest[];
  /** What kustomize would make, without a file of its own. */
  generated: readonly { kind: string; namespace: string | undefined; name: string }[];
  /** What was left out, and why, for people. */
  notes: readonly string[];
}

export async function readManifests(places: readonly string[]): Promise<Manifests> {
  const notes: string[] = [];
  const files = [...new Set((await Promise.all(places.map((place) => yamlFiles(place, notes)))).flat())].sort();
  const documents = (await Promise.all(files.map(readDocuments))).flat();
  const kustomizations = documents.filter(isKustomization);
  const patches = new Set(kustomizations.flatMap(patchFiles));

  const manifests: Manifest[] = [];
  for (const document of documents) {
    if (isKustomization(document)) continue;
    if (patches.has(document.file)) {
      notes.push(`${document.file} is a patch, which only kustomize applies: left out.`);
    } else if (!('apiVersion' in document.content) && !('kind' in document.content)) {
      notes.push(`${document.file} holds no object (Helm values, perhaps): left out.`);
    } else {
      if ('sops' in document.content) notes.push(`${document.file} is encrypted with SOPS: its values are not judged.`);
      manifests.push(...objectsIn(document).map((manifest) => inNamespace(manifest, kustomizations)));
    }
  }
  if (manifests.length === 0) {
    throw new Refusal(
      'input',
      `There is no manifest in ${places.join(' or ')}.`,
      'Name folders that hold YAML files with Kubernetes objects; charts and overlays have to be rendered first, with helm template or kubectl kustomize.',
    );
  }
  return { manifests, generated: kustomizations.flatMap(generatedBy), notes: [...new Set(notes)] };
}

const leftOut = new Set(['node_modules', 'dist']);

async function yamlFiles(place: string, notes: string[]): Promise<readonly string[]> {
  let entry;
  try {
    entry = await stat(place);
  } catch (error) {
    throw new Refusal(
      'input',
      `There is no folder ${place}.`,
      `Name folders that hold manifests, as seen from ${process.cwd()}.`,
      { cause: error },
    );
  }
  if (entry.isFile()) return [normalize(place)];
  if (!entry.isDirectory()) {
    throw new Refusal(
      'input',
      `${place} is neither a file nor a folder.`,
      'Name folders that hold manifests; write what a program prints to a file first.',
    );
  }
  const entries = await readdir(place, { withFileTypes: true });
  const isChart = entries.some(({ name }) => name === 'Chart.yaml');
  if (isChart)
    notes.push(`${normalize(place)} is a Helm chart: left out. Render it with helm template to have it judged.`);
  if (isChart) return [];
  const found = await Promise.all(
    entries.map(async (inner): Promise<readonly string[]> => {
      const path = join(place, inner.name);
      if (inner.isDirectory())
        return inner.name.startsWith('.') || leftOut.has(inner.name) ? [] : yamlFiles(path, notes);
      // A named pipe would never end.
      return /\.ya?ml$/.test(inner.name) && (inner.isFile() || inner.isSymbolicLink()) ? [path] : [];
    }),
  );
  return found.flat();
}

interface YamlDocument {
  file: string;
  content: Readonly<Record<string, unknown>>;
  tree: Document.Parsed;
  lines: LineCounter;
}

const asKubectl = {
  version: '1.1',
  merge: true,
  // Neither dates nor 12:30:00 as a number of seconds: kubectl's reader leaves both as text. It knows 0o644 beside 0644.
  customTags: (tags: Tags): Tags => [
    ...tags.filter(
      (tag) =>
        typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
    ),
    'intOct',
  ],
} as const;

async function readDocuments(file: string): Promise<readonly YamlDocument[]> {
  const lines = new LineCounter();
  const documents = parseAllDocuments(await readFile(file, 'utf8'), { ...asKubectl, lineCounter: lines });
  return [...documents].flatMap((tree): readonly YamlDocument[] => {
    const [error] = tree.errors;
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new Refusal(
        'input',
        `${file}:${line}:${col} is not YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''}.`,
        'A template has to be rendered first (helm template); anything else has to be mended in that line, or just above it.',
        { cause: error },
      );
    }
    const content: unknown = tree.toJS();
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? [{ file, content: content as Readonly<Record<string, unknown>>, tree, lines }]
      : [];
  });
}

const kustomizationNames = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);
const isKustomization = ({ file, content }: YamlDocument): boolean =>
  textOf(content['apiVersion']).startsWith('kustomize.config.k8s.io/') ||
  // Both may be left out; Flux has a kind of the same name, and says so.
  (kustomizationNames.has(basename(file)) && content['apiVersion'] === undefined);

/** The files of a kustomization that change objects instead of holding them. */
function patchFiles({ file, content }: YamlDocument): readonly string[] {
  const entries = ['patches', 'patchesStrategicMerge', 'patchesJson6902'].flatMap((key) => listOf(content[key]));
  return entries
    .map((entry) => (typeof entry === 'string' ? entry : (entry as { path?: unknown }).path))
    .filter((path) => typeof path === 'string' && /\.ya?ml$/.test(path))
    .map((path) => join(dirname(file), String(path)));
}

function generatedBy({ content }: YamlDocument): Manifests['generated'] {
  const namespace = typeof content['namespace'] === 'string' ? content['namespace'] : undefined;
  return ['ConfigMap', 'Secret'].flatMap((kind) =>
    listOf(content[`${kind === 'Secret' ? 'secret' : 'configMap'}Generator`]).map((entry) => ({
      kind,
      namespace: (entry as { namespace?: string }).namespace ?? namespace,
      name: textOf((entry as { name?: unknown }).name),
    })),
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The object of a document, or those of a List. */
function objectsIn(document: YamlDocument): readonly Manifest[] {
  const { file, content } = document;
  const at = (path: readonly (string | number)[]): Place => placeOf(document, path);
  const isList =
    typeof content['kind'] === 'string' && content['kind'].endsWith('List') && Array.isArray(content['items']);
  const items: readonly { item: unknown; within: readonly (string | number)[] }[] = isList
    ? listOf(content['items']).map((item, index) => ({ item, within: ['items', index] }))
    : [{ item: content, within: [] }];
  return items.map(({ item, within }) => {
    const object = item as Readonly<Record<string, unknown>>;
    for (const field of ['apiVersion', 'kind']) {
      if (typeof object[field] !== 'string') {
        throw new Refusal(
          'input',
          `${file}:${at(within).line} has an object without ${field}.`,
          'Every object of Kubernetes says its apiVersion and kind.',
        );
      }
    }
    const readable = 'sops' in object ? withoutEncrypted(object) : object;
    const metadata = typeof object['metadata'] === 'object' && object['metadata'] !== null ? object['metadata'] : {};
    const name = 'name' in metadata && typeof metadata.name === 'string' ? metadata.name : '';
    return {
      file,
      place: (path) => at([...within, ...path]),
      object: { ...readable, metadata: { ...metadata, name } } as ManifestObject,
    };
  });
}

/** SOPS encrypts values and adds a field of its own; whoever applies the object undoes both. */
function withoutEncrypted(value: unknown): Record<string, unknown> {
  const clear = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.filter((item) => !isEncrypted(item)).map(clear);
    return typeof inner === 'object' && inner !== null ? withoutEncrypted(inner) : inner;
  };
  const entries = Object.entries(value as object).filter(([field, inner]) => field !== 'sops' && !isEncrypted(inner));
  return Object.fromEntries(entries.map(([field, inner]) => [field, clear(inner)]));
}

const isEncrypted = (value: unknown): boolean => typeof value === 'string' && value.startsWith('ENC[');

/** A kustomization puts what it lists, in its own folder and below, into its namespace, but for kinds that have none. */
function inNamespace(manifest: Manifest, kustomizations: readonly YamlDocument[]): Manifest {
  const owner = kustomizations
    .filter(({ file, content }) => {
      const folder = dirname(file);
      return typeof content['namespace'] === 'string' && (folder === '.' || manifest.file.startsWith(`${folder}/`));
    })
    .sort((one, other) => one.file.length - other.file.length)[0];
  const { object } = manifest;
  if (owner === undefined || withoutNamespace.has(object.kind)) return manifest;
  const metadata = { ...object.metadata, namespace: String(owner.content['namespace']) };
  return { ...manifest, object: { ...object, metadata } };
}

/** Where a field's key stands; where the field is absent, the nearest field around it. */
function placeOf({ tree, lines }: YamlDocument, path: readonly (string | number)[]): Place {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = tree.getIn(path.slice(0, length - 1), true) ?? tree.contents;
    const step = path[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === step) : undefined;
    const node: unknown = pair?.key ?? tree.getIn(path.slice(0, length), true);
    const start = rangeOf(node);
    if (start !== undefined) return placeAt(lines, start);
  }
  const start = rangeOf(tree.contents);
  return start === undefined ? { line: 1, column: 1 } : placeAt(lines, start);
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const rangeOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
