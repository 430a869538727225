/** An object on its way through kustomizations: what it is now, what it was called before, and where it stands. */
import { isObject } from '../../kinds/violation.ts';
import type { Manifest, ManifestObject, Path, Place } from '../manifest.ts';
import { isClusterScoped } from './cluster-scoped.ts';

export type Fields = Record<string, unknown>;

export interface Id {
  group: string;
  version: string;
  kind: string;
  name: string;
  /** As the object has it; empty where it has none. */
  namespace: string;
}

export interface Resource {
  object: Fields;
  file: string;
  place: (path: Path) => Place;
  /** What it was called before each change of its name, kind or namespace; the first is what it is called in its file. */
  earlier: { kind: string; name: string; namespace: string }[];
  prefixes: string[];
  suffixes: string[];
  /** Of what a generator makes: whether it makes an object of its own, or changes one that is there. */
  behavior?: 'create' | 'merge' | 'replace';
  /** Variables that read a field of it. */
  variables: string[];
}

/** Takes a copy of an object, whose fields are then free to be changed, and remembers where each of its list items stood. */
export function resourceOf({ object, file, place }: Pick<Manifest, 'object' | 'file' | 'place'>): Resource {
  const stood = new Map<object, Steps>();
  const resource: Resource = {
    object: copyOf(object, (item, steps) => stood.set(item, steps)) as Fields,
    file,
    place: (path) => place(pathInFile(resource.object, stood, path)),
    earlier: [],
    prefixes: [],
    suffixes: [],
    variables: [],
  };
  return resource;
}

interface Steps {
  before: Steps | undefined;
  step: string | number;
}

/** A copy in which no two places share a value, as those of a YAML alias do. */
export function copyOf(
  value: unknown,
  item: (copy: object, steps: Steps) => void = () => undefined,
  steps?: Steps,
): unknown {
  if (Array.isArray(value)) {
    return value.map((inner: unknown, index) => {
      const here = { before: steps, step: index };
      const copy = copyOf(inner, item, here);
      if (typeof copy === 'object' && copy !== null) item(copy, here);
      return copy;
    });
  }
  if (!isObject(value)) return value;
  const copy: Fields = {};
  for (const key of Object.keys(value)) copy[key] = copyOf(value[key], item, { before: steps, step: key });
  return copy;
}

/**
 * Where in the object's own file the field stands that is now at a path: patches put list items before others. What came of a patch or a
 * generator stands for the nearest field around it that the file has.
 */
function pathInFile(object: Fields, stood: ReadonlyMap<object, Steps>, path: Path): Path {
  let value: unknown = object;
  let found: (string | number)[] = [];
  for (const step of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
    if (typeof step === 'number' && typeof value === 'object' && value !== null) {
      const steps = stood.get(value);
      if (steps === undefined) return found;
      found = pathOf(steps);
    } else {
      found.push(step);
    }
  }
  return found;
}

function pathOf(steps: Steps | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  for (let here = steps; here !== undefined; here = here.before) path.unshift(here.step);
  return path;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const metadataOf = ({ object }: Resource): Fields => (isObject(object['metadata']) ? object['metadata'] : {});

export const nameOf = (resource: Resource): string => textOf(metadataOf(resource)['name']);
export const namespaceOf = (resource: Resource): string => textOf(metadataOf(resource)['namespace']);
export const kindOf = ({ object }: Resource): string => textOf(object['kind']);

export function setMetadata(resource: Resource, field: 'name' | 'namespace', value: string): void {
  resource.object['metadata'] = { ...metadataOf(resource), [field]: value };
}

/** Labels or annotations, as far as they are text. */
export function textsOf(resource: Resource, field: 'labels' | 'annotations'): Readonly<Record<string, string>> {
  const values = metadataOf(resource)[field];
  if (!isObject(values)) return {};
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export function groupVersionOf(apiVersion: unknown): { group: string; version: string } {
  const whole = textOf(apiVersion);
  const slash = whole.indexOf('/');
  return slash === -1
    ? { group: '', version: whole }
    : { group: whole.slice(0, slash), version: whole.slice(slash + 1) };
}

export const idOf = (resource: Resource): Id => ({
  ...groupVersionOf(resource.object['apiVersion']),
  kind: kindOf(resource),
  name: nameOf(resource),
  namespace: namespaceOf(resource),
});

export const earlierIds = (resource: Resource): readonly Id[] => {
  const groupVersion = groupVersionOf(resource.object['apiVersion']);
  return resource.earlier.map((names) => ({ ...groupVersion, ...names }));
};

/** As its file calls it. */
export const firstId = (resource: Resource): Id => earlierIds(resource)[0] ?? idOf(resource);

/** The namespace that counts when ids are compared: no namespace is `default`. */
export const effectiveNamespace = (id: Id): string =>
  isClusterScoped(id) ? nowhere : id.namespace === '' ? 'default' : id.namespace;

/** Stands for the namespace of what has none. */
const nowhere = '_non_namespaceable_';

export const keyOf = (id: Id): string =>
  [id.group, id.version, id.kind, id.name, effectiveNamespace(id)].join('\u0000');

/** Keeps what a resource is called, before that changes. */
export function remember(resource: Resource): void {
  const id = idOf(resource);
  resource.earlier.push({ kind: id.kind, name: id.name, namespace: effectiveNamespace(id) });
}

/** For people: `Deployment web/api`. */
export const calledBy = ({ kind, namespace, name }: Id): string =>
  `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

export const isSelected = (
  id: Pick<Id, 'group' | 'version' | 'kind'>,
  by: { group?: string | undefined; version?: string | undefined; kind?: string | undefined },
): boolean =>
  (by.group === undefined || by.group === '' || by.group === id.group) &&
  (by.version === undefined || by.version === '' || by.version === id.version) &&
  (by.kind === undefined || by.kind === '' || by.kind === id.kind);

export const manifestOf = (resource: Resource, builtFrom: string): Manifest => ({
  object: resource.object as unknown as ManifestObject,
  file: resource.file,
  place: resource.place,
  builtFrom,
});
