/**
 * One object, many faces: whole, metadata only, as a row of a table; in JSON or YAML. A client says in `Accept` which it wants.
 */
import { stringify } from 'yaml';
import { toVersion } from '../resources/conversions.ts';
import { isFields } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import { noRepresentation, notAcceptable } from '../http/statuses.ts';
import { columnDefinitions, tableCells } from './tables.ts';

export interface Representation {
  media: 'application/json' | 'application/yaml';
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
}

const faces = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/**
 * Chooses the first face that the client accepts and the request can have.
 *
 * @throws StatusError 406 when there is none.
 */
export function negotiate(accept: string | undefined, allowed: readonly Representation['as'][]): Representation {
  for (const clause of (accept || '*/*').split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
    const media = type === 'application/yaml' ? type : 'application/json';
    if (!['*/*', 'application/*', 'application/json', 'application/yaml'].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return { media, as: 'object' };
    const face = faces.has(as) ? (as as Representation['as']) : undefined;
    if (face !== undefined && allowed.includes(face) && parameters.includes('g=meta.k8s.io'))
      return { media, as: face };
  }
  throw notAcceptable(representable);
}

/** @throws StatusError 406 where the router of a built-in kind has no route to what is accepted. */
export function checkRoute(accept: string | undefined, { custom }: Resource): void {
  const isRouted = (accept ?? '*/*').split(',').some((clause) => {
    const type = clause.split(';')[0]?.trim() ?? '';
    return ['', '*/*', 'application/*', ...representable].includes(type);
  });
  if (!custom && !isRouted) throw noRepresentation(representable);
}

const representable = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** As Go's writer has it, which quotes what YAML 1.1 takes for another type: `yes`, a time. */
const yamlStyle = {
  version: '1.1',
  singleQuote: true,
  indentSeq: false,
  sortMapEntries: true,
  lineWidth: 0,
  aliasDuplicateObjects: false,
} as const;

export function encode(media: Representation['media'], document: object, isPretty: boolean): string {
  if (media === 'application/yaml') {
    return stringify(document, yamlStyle);
  }
  return isPretty ? JSON.stringify(document, null, 2) : `${JSON.stringify(document)}\n`;
}

/** What of each object a table's rows carry; the request's `includeObject`. */
export type RowObject = 'None' | 'Metadata' | 'Object';

export function table(
  resource: Resource,
  version: string,
  objects: readonly StoredObject[],
  metadata: object,
  now: Date,
  include: RowObject,
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columnDefinitions(resource),
    rows: objects.map((object) => ({
      cells: tableCells(resource, object, now),
      ...(include === 'None'
        ? {}
        : { object: include === 'Object' ? whole(resource, version, object) : partialMetadata(object) }),
    })),
  };
}

/** Keys in the order in which the API server writes them: custom kinds sorted, built-in ones as their types declare. */
export function whole(resource: Resource, version: string, object: StoredObject): object {
  const apiVersion = groupVersion(resource.group, version);
  if (resource.custom) return sortKeys({ ...object, apiVersion }) as object;
  const { apiVersion: _stored, kind, metadata, ...rest } = toVersion(object, apiVersion);
  return { kind, apiVersion, metadata: orderedMetadata(metadata), ...rest };
}

/** Items of a list of a built-in kind do not repeat what the list says. */
export function listItem(resource: Resource, version: string, object: StoredObject): object {
  if (resource.custom) return whole(resource, version, object);
  const {
    apiVersion: _apiVersion,
    kind: _kind,
    metadata,
    ...rest
  } = toVersion(object, groupVersion(resource.group, version));
  return { metadata: orderedMetadata(metadata), ...rest };
}

export const partialMetadata = (object: StoredObject): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: orderedMetadata(object.metadata),
});

const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

const orderedMetadata = (metadata: StoredObject['metadata']): object =>
  Object.fromEntries(metadataOrder.flatMap((key) => (metadata[key] === undefined ? [] : [[key, metadata[key]]])));

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
