/**
 * The demo cluster's objects: what Git holds, plus what a cluster adds to it (status, pods, managed objects), plus a fault.
 *
 * Everything is YAML that `kubectl` would accept. Documents that name the same object are merged, so that
 * `src/demo/objects` only says what the manifests of `infrastructure` and `apps` do not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mergeDocuments, parseObjects } from '../../../packages/apiserver/objects/documents.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { customResourceDefinitions } from '../custom-resources.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folders = ['infrastructure', 'apps', 'src/demo/objects'];

let loaded: readonly KubernetesObject[] | undefined;

/** Every object of the repository's manifests and of `src/demo/objects`; read once a process. */
export function loadObjects(): readonly KubernetesObject[] {
  loaded ??= mergeDocuments([
    ...customResourceDefinitions,
    ...folders.flatMap((folder) => yamlFiles(join(root, folder)).flatMap(readDocuments)),
  ]);
  return loaded;
}

function yamlFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readDocuments(file: string): readonly KubernetesObject[] {
  return parseObjects(readFileSync(file, 'utf8'), relative(root, file));
}
