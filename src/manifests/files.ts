/** Reads folders of manifests: every object in them with the place where it stands, and a note of everything that is left out. */
import { Refusal } from '../formats/refusal.ts';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import type { YamlDocument } from './files/documents.ts';
import { notesText, objectsOf } from './files/objects.ts';
import { treeOfFiles } from './files/tree.ts';
import { noteText, type Manifest } from './manifest.ts';

export type { Manifest, ManifestObject, Place } from './manifest.ts';

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
  const tree = treeOfFiles();
  const read = (await Promise.all(files.map((file) => tree.documents(file)))).filter((one) => one !== undefined);
  notes.push(...read.flatMap(({ fault }) => (fault === undefined ? [] : [noteText(fault)])));
  const documents = read.flatMap(({ documents }) => documents);
  const kustomizations = documents.filter(isKustomization);
  const patches = new Set(kustomizations.flatMap(patchFiles));

  const manifests: Manifest[] = [];
  for (const document of documents) {
    if (isKustomization(document)) continue;
    if (patches.has(document.file)) {
      notes.push(`${document.file} is a patch, which only kustomize applies: left out.`);
    } else {
      const objects = objectsOf(document);
      notes.push(...notesText(objects.notes));
      manifests.push(...objects.manifests.map((manifest) => inNamespace(manifest, kustomizations)));
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

/** A kustomization puts what it lists, in its own folder and below, into its namespace. */
function inNamespace(manifest: Manifest, kustomizations: readonly YamlDocument[]): Manifest {
  const owner = kustomizations
    .filter(({ file, content }) => {
      const folder = dirname(file);
      return typeof content['namespace'] === 'string' && (folder === '.' || manifest.file.startsWith(`${folder}/`));
    })
    .sort((one, other) => one.file.length - other.file.length)[0];
  if (owner === undefined) return manifest;
  const { object } = manifest;
  const metadata = { ...object.metadata, namespace: String(owner.content['namespace']) };
  return { ...manifest, object: { ...object, metadata } };
}
