/**
 * The demo cluster's objects: what Git holds, plus what a cluster adds to it (status, pods, managed objects), plus a fault.
 *
 * Everything is YAML that `kubectl` would accept. Documents that name the same object are merged, so that
 * `src/demo/objects` only says what the manifests of `infrastructure` and `apps` do not. What every API server fills in
 * (uid, resourceVersion, creationTimestamp, generation) is filled in here.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { parseDuration } from '../formats/duration.ts';
import { customResourceDefinitions } from './custom-resources.ts';
import { fieldsOf, isFields, text, type Fields } from './fields.ts';
import { builtinResources, customResource, type Resource } from './resources.ts';

/** An object as a person writes it. */
export interface KubernetesObject extends Fields {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Fields;
}

/** An object as an API server keeps it. */
export interface StoredObject extends KubernetesObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp: string;
    generation?: number;
  } & Fields;
}

/** One difference that a fault makes: a merge is a JSON merge patch (RFC 7386), in which null deletes a field. */
export interface Change {
  op: 'create' | 'merge' | 'delete';
  object: KubernetesObject;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
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

/** The objects of a YAML stream. Documents that are no objects (Helm values, kustomizations, nothing) are left out. */
export function parseObjects(yaml: string, origin: string): readonly KubernetesObject[] {
  const documents = [...parseAllDocuments(yaml)];
  const cause = documents.flatMap(({ errors }) => errors)[0];
  if (cause !== undefined) throw new Error(`${origin} is not YAML`, { cause });
  return documents
    .map((document): unknown => document.toJS())
    .filter(
      (document): document is KubernetesObject =>
        isObject(document) && !document.apiVersion.startsWith('kustomize.config.k8s.io/'),
    );
}

const isObject = (value: unknown): value is KubernetesObject =>
  text(value, 'apiVersion') !== '' && text(value, 'kind') !== '' && text(value, 'metadata', 'name') !== '';

export const identity = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** Objects of the same identity become one; later documents win, maps merge, lists are replaced. */
export function mergeDocuments(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const merged = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const key = identity(object);
    merged.set(key, mergePatch(merged.get(key), object) as KubernetesObject);
  }
  return [...merged.values()];
}

/** JSON merge patch, RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged = new Map(Object.entries(fieldsOf(target)));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/**
 * What a change makes of an object; undefined when it is deleted.
 *
 * @throws when the change does not fit: a fault that changes nothing would prove nothing.
 */
export function applyChange(old: KubernetesObject | undefined, { op, object }: Change): KubernetesObject | undefined {
  if (op === 'create' && old !== undefined) {
    throw new Error(`A change creates ${identity(object)}, which exists. Merge into it instead.`);
  }
  if (op !== 'create' && old === undefined) {
    throw new Error(
      `A change is to ${op} ${identity(object)}, which does not exist. Is its name as in src/demo/objects?`,
    );
  }
  return op === 'delete' ? undefined : (mergePatch(old, object) as KubernetesObject);
}

/** The kinds that these objects make an API server serve: the built-in ones and those of their definitions. */
export const servedResources = (objects: readonly StoredObject[]): readonly Resource[] => [
  ...builtinResources,
  ...objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(customResource),
];

/** The objects as an API server would have stored them at a time. */
export function store(objects: readonly KubernetesObject[], now: Date): readonly StoredObject[] {
  const dated = [...objects, ...missingNamespaces(objects)].map((object) => withTimes(object, now) as KubernetesObject);
  const generation = new Map(
    [...builtinResources, ...dated.filter(({ kind }) => kind === 'CustomResourceDefinition').map(asCustomResource)].map(
      (resource) => [`${resource.group} ${resource.kind}`, resource.generation],
    ),
  );
  const stored = dated.map((object, index): StoredObject => {
    const counts = generation.get(`${groupOf(object.apiVersion)} ${object.kind}`) === true;
    return {
      ...object,
      metadata: {
        uid: uid(identity(object)),
        resourceVersion: String(1001 + index),
        creationTimestamp: timestamp(new Date(now.getTime() - 30 * day)),
        ...(counts ? { generation: 1 } : {}),
        ...object.metadata,
      },
    };
  });
  return stored.map((object) => complete(object, stored));
}

const asCustomResource = (definition: KubernetesObject): Resource => customResource(definition as StoredObject);

export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** Nothing lives in a namespace that does not exist. */
function missingNamespaces(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const exist = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const used = new Set(objects.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined));
  return ['default', 'kube-node-lease', 'kube-public', 'kube-system', ...used]
    .filter((name, index, all) => !exist.has(name) && all.indexOf(name) === index)
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

/** Fills in what refers to other objects, and what an API server adds to a Namespace. */
export function complete(object: StoredObject, all: readonly StoredObject[]): StoredObject {
  const { metadata } = object;
  const completed: StoredObject = { ...object, metadata: { ...metadata } };
  if (Array.isArray(metadata.ownerReferences)) {
    completed.metadata.ownerReferences = metadata.ownerReferences.map((reference: unknown) =>
      withUid(reference, all, metadata.namespace),
    );
  }
  if (object.kind === 'Event' && isFields(object.involvedObject)) {
    completed.involvedObject = withUid(
      object.involvedObject,
      all,
      text(object.involvedObject, 'namespace') || undefined,
    );
  }
  if (object.kind === 'Namespace') {
    const labels = fieldsOf(metadata, 'labels');
    completed.metadata.labels = { 'kubernetes.io/metadata.name': metadata.name, ...labels };
    completed.spec = { finalizers: ['kubernetes'], ...fieldsOf(object, 'spec') };
    completed.status = { phase: 'Active', ...fieldsOf(object, 'status') };
  }
  return completed;
}

function withUid(reference: unknown, all: readonly StoredObject[], namespace: string | undefined): unknown {
  if (!isFields(reference) || text(reference, 'uid') !== '') return reference;
  const owner = all.find(
    ({ kind, metadata }) =>
      kind === reference.kind &&
      metadata.name === reference.name &&
      (metadata.namespace === undefined || metadata.namespace === namespace),
  );
  // The owner may be gone: what it owned still names the uid that it had.
  const gone = `${text(reference, 'apiVersion')} ${text(reference, 'kind')} ${namespace ?? ''}/${text(reference, 'name')}`;
  return { ...reference, uid: owner?.metadata.uid ?? uid(gone) };
}

/** A UUID that is the same in every run. */
export function uid(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const day = 86_400_000;

/** RFC 3339 as the API server writes it: whole seconds, UTC. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

const relativeTime = /\{\{\s*(ago|in)\s+((?:\d+[dhms])+)\s*\}\}/g;

/** `{{ago 3d4h}}` and `{{in 61d}}` become times, so that a fixture does not grow old. */
export const resolveTimes = (content: string, now: Date): string =>
  content.replace(relativeTime, (_match, direction: string, duration: string) =>
    timestamp(new Date(now.getTime() + (direction === 'ago' ? -1 : 1) * ago(duration))),
  );

/**
 * Milliseconds of a span as scenarios write it: as Go does, with whole days before (`3d4h`).
 *
 * @throws where it is none
 */
export function ago(span: string): number {
  const [, days = '0', rest = ''] = /^(?:(\d+)d)?(.*)$/s.exec(span) ?? [];
  const ms = span === '' ? undefined : parseDuration(rest === '' ? '0' : rest);
  if (ms === undefined) throw new Error(`“${span}” is no span of time such as 40m or 3d4h.`);
  return Number(days) * day + ms;
}

/** A value with its relative times resolved. */
export function withTimes(value: unknown, now: Date): unknown {
  if (typeof value === 'string') return value.includes('{{') ? resolveTimes(value, now) : value;
  if (Array.isArray(value)) return value.map((entry) => withTimes(entry, now));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withTimes(entry, now)]));
}

/** Finds objects of a kind; for the parts of the demo that behave as its objects say. */
export const ofKind = (objects: readonly StoredObject[], group: string, kind: string): readonly StoredObject[] =>
  objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === group);
