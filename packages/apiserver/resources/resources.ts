/** What is known of a kind that is served, and what follows from it. */
import { toBase64 } from '../bytes/base64.ts';
import { sha256 } from '../bytes/sha256.ts';
import { at, list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';

export interface Resource {
  group: string;
  /** In order of preference. */
  versions: readonly [string, ...string[]];
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly string[];
  /** Fields that a `fieldSelector` may name, beyond metadata.name and metadata.namespace. */
  selectableFields: readonly string[];
  /** Whether `metadata.generation` counts changes of the spec. */
  generation: boolean;
  /** Served from a CustomResourceDefinition: lists then keep `apiVersion` and `kind` in their items. */
  custom: boolean;
  /** Columns of `kubectl get` that its CustomResourceDefinition asks for. */
  columns: readonly PrinterColumn[];
  /** Another one whenever its CustomResourceDefinition changes. */
  revision?: string;
  /** What can be done with it, where that is not everything. */
  verbs?: readonly string[];
}

export interface PrinterColumn {
  name: string;
  jsonPath: string;
  type: string;
  priority: number;
}

/** The resource that a CustomResourceDefinition makes the API server serve. */
export function customResource(definition: StoredObject): Resource {
  const names = at(definition, 'spec', 'names');
  const versions = list(definition, 'spec', 'versions').filter((version) => at(version, 'served') === true);
  const [first = 'v1', ...others] = versions.map((version) => text(version, 'name'));
  return {
    group: text(definition, 'spec', 'group'),
    versions: [first, ...others],
    plural: text(names, 'plural'),
    singular: text(names, 'singular') || text(names, 'kind').toLowerCase(),
    kind: text(names, 'kind'),
    namespaced: text(definition, 'spec', 'scope') === 'Namespaced',
    shortNames: list(names, 'shortNames').map((name) => text(name)),
    categories: list(names, 'categories').map((name) => text(name)),
    subresources: versions.some((version) => at(version, 'subresources', 'status') !== undefined) ? ['status'] : [],
    selectableFields: [],
    generation: true,
    custom: true,
    revision: text(definition, 'metadata', 'resourceVersion'),
    columns: list(versions[0], 'additionalPrinterColumns').map((column) => ({
      name: text(column, 'name'),
      jsonPath: text(column, 'jsonPath'),
      type: text(column, 'type'),
      priority: Number(text(column, 'priority') || 0),
    })),
  };
}

/** What can be done with the objects of a kind, in the order in which API servers say it. */
export const verbsOf = ({ custom, verbs }: Resource): readonly string[] =>
  verbs ??
  (custom
    ? ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
    : ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']);

/** Whether there are objects of it, which reviews are not. */
export const isStored = (resource: Resource): boolean => verbsOf(resource).includes('watch');

/** `group/version`, or the bare version in the core group. */
export const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

/** `plural.group`, as error messages name a resource. */
export const qualified = ({ group, plural }: { group: string; plural: string }): string =>
  group === '' ? plural : `${plural}.${group}`;

/** What discovery calls `storageVersionHash`: first eight bytes of the SHA-256 of group, version and kind. */
export const storageVersionHash = ({ group, versions, kind }: Resource): string =>
  toBase64(sha256(`${group}/${versions[0]}/${kind}`).subarray(0, 8));
