/** The file of a kustomization, and what it says. */
import { z } from 'zod';
import { isObject } from '../../kinds/violation.ts';
import type { YamlDocument } from '../files/documents.ts';
import { pathIn } from '../files/paths.ts';
import type { Tree } from '../files/tree.ts';
import { attempt, fault, type Build, type Target } from './build-state.ts';
import { kustomizationFields, type Kustomization } from './fields.ts';
import { settingsIn } from './read.ts';
import { Refused } from './refused.ts';

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const group = 'kustomize.config.k8s.io';

/** The file of a folder's kustomization, or nothing. Flux has a kind of the same name, which is none. */
export async function kustomizationOf(tree: Tree, folder: string): Promise<YamlDocument | undefined> {
  for (const document of await filesOf(tree, folder)) {
    const apiVersion = document.content['apiVersion'];
    if (apiVersion === undefined || apiVersion === null) return document;
    if (typeof apiVersion === 'string' && apiVersion.startsWith(`${group}/`)) return document;
  }
  return undefined;
}

/** Whether a folder has a file that is called like a kustomization's. */
export const hasKustomization = async (tree: Tree, folder: string): Promise<boolean> =>
  ((await tree.folder(folder)) ?? []).some(({ name, isFolder }) => !isFolder && names.includes(name));

async function filesOf(tree: Tree, folder: string): Promise<readonly YamlDocument[]> {
  const entries = (await tree.folder(folder)) ?? [];
  const files = names.filter((name) => entries.some((entry) => entry.name === name && !entry.isFolder));
  const read = await Promise.all(files.map((name) => settingsIn(tree, pathIn(folder, name))));
  return read.map((documents, index): YamlDocument => {
    const file = pathIn(folder, files[index] ?? '');
    return documents?.documents[0] ?? { file, content: {}, place: () => ({ line: 1, column: 1 }) };
  });
}

/** The kustomization of a folder; nothing where it has none. One that says nothing is a fault, where nothing is laid over it. */
export async function readTarget(
  build: Build,
  folder: string,
  around: readonly string[],
  mayBeEmpty = false,
): Promise<Target | undefined> {
  const files = await filesOf(build.tree, folder);
  const [document] = files;
  if (document === undefined) return undefined;
  const { file, place } = document;
  for (const one of files) build.files.add(one.file);
  const target: Target = { folder, file, place, fields: {}, around };
  if (files.length > 1) fault(build, target, [], `stands beside another kustomization: a folder has one`);
  const unread = (await settingsIn(build.tree, file))?.fault;
  if (unread !== undefined) build.faults.push(unread);
  const fields = fieldsOf(build, target, document.content);
  await attempt(build, target, ['apiVersion'], () => checkKind(fields));
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = fields;
  if (!mayBeEmpty && unread === undefined && Object.keys(rest).length === 0) fault(build, target, [], 'says nothing');
  return { ...target, fields: settled(fields) };
}

function checkKind({ kind = 'Kustomization', apiVersion }: Kustomization): void {
  if (kind !== 'Kustomization' && kind !== 'Component')
    throw new Refused(`is a ${kind}, not a Kustomization or Component`);
  const wanted = `${group}/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`;
  if (apiVersion !== undefined && apiVersion !== '' && apiVersion !== wanted) {
    throw new Refused(`has the apiVersion ${apiVersion}, where a ${kind} of kustomize has ${wanted}`);
  }
}

/** What can be read of a kustomization's fields; what cannot is a fault, and its field is left out. */
function fieldsOf(build: Build, target: Target, content: Readonly<Record<string, unknown>>): Kustomization {
  const given = asWritten(content, kustomizationFields) as Record<string, unknown>;
  const parsed = kustomizationFields.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    fault(
      build,
      target,
      issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path,
      sentence(issue, path),
    );
    for (const name of path.length > 0 ? [path[0]] : issue.code === 'unrecognized_keys' ? issue.keys : [])
      Reflect.deleteProperty(given, String(name));
  }
  return kustomizationFields.parse(given);
}

function sentence(issue: z.core.$ZodIssue, path: readonly (string | number)[]): string {
  const at = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys;
    return `has the field ${at === '' ? '' : `${at}.`}${name}, which kustomize does not know`;
  }
  if (issue.code === 'invalid_type')
    return `has ${at === '' ? 'a value' : at} of the wrong type: it has to be ${issue.expected}`;
  return `has ${at} wrong: ${issue.message}`;
}

/**
 * Fields by their names as kustomize has them, which it reads in any case. A field without a value is as if it were not there; so is
 * an item.
 */
function asWritten(value: unknown, schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return asWritten(value, schema.unwrap());
  if (Array.isArray(value)) {
    const items = schema instanceof z.ZodArray ? schema.element : undefined;
    return value.map((item: unknown) => asWritten(item ?? (items instanceof z.ZodString ? '' : {}), items));
  }
  // Values of a chart: a null among them says something.
  if (!isObject(value) || isOfAnything(schema)) return value;
  const fields: Readonly<Record<string, unknown>> = schema instanceof z.ZodObject ? schema.shape : {};
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).flatMap(([given, inner]) => {
      const name = names.get(given.toLowerCase()) ?? given;
      return inner === null || inner === undefined ? [] : [[name, asWritten(inner, fields[name])]];
    }),
  );
}

const isOfAnything = (schema: unknown): boolean =>
  schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodUnknown;

/** Fields of older versions, as those of today. */
function settled(fields: Kustomization): Kustomization {
  const { bases = [], imageTags = [], resources = [], images = [] } = fields;
  return { ...fields, resources: [...resources, ...bases], images: [...images, ...imageTags] };
}
