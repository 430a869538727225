/** Patches of a kustomization: what they are, which objects they change, and how [kustomize 5.5, PatchTransformer]. */
import { isObject } from '../../kinds/violation.ts';
import { valuesOf } from '../files/documents.ts';
import { textOf, type Build, type Target } from './build-state.ts';
import { hasWords } from './read.ts';
import type { Patch } from './fields.ts';
import { applyOperations, operationsOf } from './json-patch.ts';
import { mergeTypeOf } from './merge-keys.ts';
import { Missing, Refused } from './refused.ts';
import type { ResourceSet } from './resource-set.ts';
import {
  calledBy,
  copyOf,
  groupVersionOf,
  keyOf,
  idOf,
  remember,
  type Fields,
  type Id,
  type Resource,
} from './resource.ts';
import { selectedIn } from './selectors.ts';
import { merged } from './strategic-merge.ts';

type Operations = ReturnType<typeof operationsOf>;

/** Applies one entry of `patches`. */
export async function applyPatchEntry(build: Build, target: Target, set: ResourceSet, entry: Patch): Promise<void> {
  const patch = patchOf(await patchText(build, target, entry));
  if ('operations' in patch) applyJson(set, entry, patch.operations);
  else applyMerges(build, set, entry, patch.objects);
}

/** Applies one entry of `patchesStrategicMerge`: a patch, or the file of one. */
export async function applyMergeEntry(build: Build, target: Target, set: ResourceSet, entry: string): Promise<void> {
  const inline = objectsIn(valuesOf(entry, 'kustomize'));
  const objects = inline ?? objectsIn(valuesOf(await textOf(build, target, entry), 'kustomize'));
  if (objects === undefined || objects.length === 0) throw new Refused('has a patch that holds no object');
  applyMerges(build, set, {}, objects);
}

/** Applies one entry of `patchesJson6902`. */
export async function applyJsonEntry(build: Build, target: Target, set: ResourceSet, entry: Patch): Promise<void> {
  if (entry.target?.name === undefined) throw new Refused('has a patch whose target has no name');
  const patch = patchOf(await patchText(build, target, entry));
  if (!('operations' in patch)) throw new Refused('has a patch that is no list of operations');
  applyJson(set, entry, patch.operations);
}

async function patchText(build: Build, target: Target, { patch = '', path = '' }: Patch): Promise<string> {
  if (patch.trim() === '' && path === '') throw new Refused('has a patch without patch or path');
  if (patch.trim() !== '' && path !== '') throw new Refused('has a patch with both patch and path');
  return path === '' ? patch : textOf(build, target, path);
}

function patchOf(text: string): { operations: Operations } | { objects: readonly Fields[] } {
  const values = valuesOf(text.trim());
  if (values === undefined) throw new Refused('has a patch that is not YAML');
  const [first] = values;
  if (Array.isArray(first)) return { operations: operationsOf(first) };
  const objects = objectsIn(hasWords(text) ? valuesOf(text, 'kustomize') : values);
  if (objects === undefined || objects.length === 0) {
    throw new Refused('has a patch that is neither an object with kind and name nor a list of operations');
  }
  return { objects };
}

/** Objects that say their kind and name; nothing where any does not. */
function objectsIn(values: readonly unknown[] | undefined): readonly Fields[] | undefined {
  const objects = values?.filter((value) => value !== null && value !== undefined);
  const all = objects?.every(
    (value) =>
      isObject(value) &&
      typeof value['kind'] === 'string' &&
      isObject(value['metadata']) &&
      typeof value['metadata']['name'] === 'string',
  );
  return all === true ? (objects as unknown as readonly Fields[]) : undefined;
}

function applyJson(set: ResourceSet, { target }: Patch, operations: Operations): void {
  if (target === undefined) throw new Refused('has a JSON patch without a target');
  for (const resource of selectedIn(set, target)) {
    const before = keyOf(idOf(resource));
    remember(resource);
    applyOperations(resource.object, operations);
    if (keyOf(idOf(resource)) !== before) set.renamed();
  }
}

function applyMerges(build: Build, set: ResourceSet, { target, options }: Patch, objects: readonly Fields[]): void {
  const allow = { name: options?.['allowNameChange'] === true, kind: options?.['allowKindChange'] === true };
  const [first] = objects;
  if (target !== undefined && first !== undefined) {
    if (objects.length > 1) throw new Refused('has a target for more than one patch');
    for (const resource of selectedIn(set, target)) mergePatch(build, set, resource, first, allow);
    return;
  }
  for (const patch of objects) {
    const id = idOfPatch(patch);
    const [resource, another] = set.calledOnce(id);
    if (resource === undefined) throw new Missing(`patches ${calledBy(id)}, which is not there`);
    if (another !== undefined) throw new Refused(`patches ${calledBy(id)}, of which there are more than one`);
    mergePatch(build, set, resource, patch, allow);
  }
}

function idOfPatch(patch: Fields): Id {
  const metadata = isObject(patch['metadata']) ? patch['metadata'] : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    ...groupVersionOf(patch['apiVersion']),
    kind: text(patch['kind']),
    name: text(metadata['name']),
    namespace: text(metadata['namespace']),
  };
}

/** A patch changes neither name nor kind where it is not told to, and never the namespace. */
function mergePatch(
  { types }: Build,
  set: ResourceSet,
  resource: Resource,
  given: Fields,
  allow: { name: boolean; kind: boolean },
): void {
  const was = idOf(resource);
  const { apiVersion } = resource.object;
  const patch = { ...(copyOf(given) as Fields), apiVersion };
  if (allow.name || allow.kind) remember(resource);
  const now = merged(resource.object, patch, mergeTypeOf(resource.object, types));
  if (now === undefined) {
    set.remove(resource);
    return;
  }
  resource.object = now as Fields;
  if (!allow.kind) resource.object['kind'] = was.kind;
  const metadata: Fields = isObject(resource.object['metadata']) ? { ...resource.object['metadata'] } : {};
  if (!allow.name) metadata['name'] = was.name;
  if (was.namespace === '') delete metadata['namespace'];
  else metadata['namespace'] = was.namespace;
  resource.object['metadata'] = metadata;
  if (allow.name || allow.kind) set.renamed();
}
