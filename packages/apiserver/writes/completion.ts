/** What a client wants, made whole: a name, defaults, and what only the API server writes. */
import { toBase64 } from '../bytes/base64.ts';
import { sha256 } from '../bytes/sha256.ts';
import { badRequest, cause, invalid, StatusError } from '../http/statuses.ts';
import { type Fields, fieldsOf, isFields, strings, text } from '../objects/fields.ts';
import type { KubernetesObject, StoredObject } from '../objects/object.ts';
import { storedVersion } from '../resources/conversions.ts';
import { withDefaultsOf } from '../resources/served-kinds.ts';
import { withAllocated, withDefaults } from './defaults.ts';
import type { Write } from './write.ts';

/** What the API server alone writes, from the object that is there. */
const serversOwn: readonly string[] = [
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'selfLink',
];

/** What is stored for what a client wants: of the object's parts those that it may write, with defaults. */
export async function completed(
  wanted: KubernetesObject,
  { kinds, resource, target }: Write,
  old: StoredObject | undefined,
): Promise<KubernetesObject> {
  const hasStatus = resource.subresources.includes('status');
  const [apiVersion, kind] = [old?.apiVersion ?? storedVersion(resource), resource.kind];
  if (old !== undefined && target.subresource === 'status') {
    const { status: _status, ...rest } = old;
    return { ...rest, ...(wanted['status'] === undefined ? {} : { status: wanted['status'] }) };
  }
  const { status: given, ...desired } = wanted;
  const status = hasStatus ? old?.['status'] : given;
  const written = Object.entries(wanted.metadata).filter(
    ([field, value]) => !serversOwn.includes(field) && !isEmpty(value),
  );
  const own = serversOwn.flatMap((field) => (old?.metadata[field] === undefined ? [] : [[field, old.metadata[field]]]));
  const metadata = {
    ...(Object.fromEntries([...written, ...own]) as KubernetesObject['metadata']),
    ...(resource.namespaced ? { namespace: target.namespace } : {}),
  };
  const object = withEncodedData({
    ...desired,
    apiVersion,
    kind,
    metadata,
    ...(status === undefined ? {} : { status }),
  });
  const builtIn = withDefaults(withAllocated(withoutNulls(object) as Fields, old), old);
  return (resource.custom ? await withDefaultsOf(kinds, builtIn, old) : builtIn) as KubernetesObject;
}

/** No labels, annotations, finalizers or owners are none: Go leaves the field out [apimachinery, ObjectMeta: omitempty]. */
const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0;

/** `null` says that a field is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

/** A Secret's `stringData` is for writing only. */
function withEncodedData(object: Fields): Fields {
  if (object['kind'] !== 'Secret' || !isFields(object['stringData'])) return object;
  const { stringData: _stringData, ...rest } = object;
  const encoded = Object.entries(strings(object, 'stringData')).map(([key, value]) => [key, toBase64(value)]);
  return { ...rest, data: { ...fieldsOf(object, 'data'), ...Object.fromEntries(encoded) } };
}

/** A new object with its name and namespace. */
export function named(given: Fields, { state, resource, target }: Write): KubernetesObject {
  const metadata = fieldsOf(given, 'metadata');
  for (const field of ['name', 'generateName', 'namespace']) {
    const value = metadata[field] ?? '';
    if (typeof value === 'string') continue;
    const { kind } = resource;
    throw badRequest(
      `${kind} in version "${target.version}" cannot be handled as a ${kind}: json: cannot unmarshal ${typeof value} into Go struct field ObjectMeta.metadata.${field} of type string`,
    );
  }
  const namespace = text(metadata, 'namespace');
  if (resource.namespaced && target.namespace === '') {
    throw badRequest('an empty namespace may not be set during creation');
  }
  if (namespace !== '' && namespace !== (resource.namespaced ? target.namespace : '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (text(metadata, 'resourceVersion') !== '') {
    throw new StatusError(500, undefined, 'resourceVersion should not be set on objects to be created');
  }
  const [name, prefix] = [text(metadata, 'name'), text(metadata, 'generateName')];
  if (name === '' && prefix === '') {
    throw invalid(resource, '', [cause.required('metadata.name', 'name or generateName is required')]);
  }
  const { apiVersion, kind } = given as { apiVersion: string; kind: string };
  return {
    ...given,
    apiVersion,
    kind,
    metadata: { ...metadata, name: name || `${prefix}${suffix(`${prefix} ${state.resourceVersion}`)}` },
  };
}

/** Five letters of the alphabet that API servers use: the same in every run. */
function suffix(seed: string): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return [...sha256(seed).subarray(0, 5)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
