/**
 * Create, update and patch: what a client sends becomes what is stored, or an error that says why not.
 *
 * One path for all of them: what the client wants, made whole (defaults, what only the API server writes, what a subresource may
 * change), admitted, recorded in managedFields, stored. A dry run does all but the last.
 */
import { sha256 } from '../bytes/sha256.ts';
import { same } from '../objects/same.ts';
import { toBase64 } from '../bytes/base64.ts';
import { toText } from '../bytes/utf8.ts';
import { admit, type FieldValidation, type Strictness } from './admission.ts';
import { storedVersion, toStored } from '../resources/conversions.ts';
import { initialStatus, withAllocated, withDefaults } from './defaults.ts';
import { duplicateFields } from './duplicates.ts';
import { at, fieldsOf, isFields, list, strings, text, type Fields } from '../objects/fields.ts';
import { isTrue } from '../reads/list-options.ts';
import { entriesOf, recordUpdate, type Writer } from './managed-fields.ts';
import { timestamp, type KubernetesObject, type StoredObject } from '../objects/object.ts';
import { applyType, checkPatchType, parseApplied, patched } from './patches.ts';
import type { Kinds } from '../../../src/kinds/kind.ts';
import { whole } from '../reads/representations.ts';
import { checkType, parseObject, type Body, type Target } from '../http/requests.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import { fromScale, toScale } from '../resources/scale.ts';
import { withDefaultsOf } from '../resources/served-kinds.ts';
import { serverSideApply } from './server-side-apply.ts';
import { isTerminating, type State } from '../state/state.ts';
import {
  alreadyExists,
  badRequest,
  beingTerminated,
  cause,
  conflict,
  invalid,
  methodNotAllowed,
  modified,
  notFound,
  StatusError,
  type Cause,
} from '../http/statuses.ts';

export interface Write {
  state: State;
  /** The kinds that are served. */
  kinds: Kinds;
  resource: Resource;
  target: Target;
  query: URLSearchParams;
  body: Body;
  /** Who writes, for managedFields. */
  manager: string;
}

export interface Written {
  code: 200 | 201;
  document: object;
  warnings: readonly string[];
}

/** POST of a new object. */
export async function create(write: Write): Promise<Written> {
  const { resource, target, body } = write;
  if (target.name !== '') throw methodNotAllowed();
  checkOptions(write, 'CreateOptions');
  const given = parseObject(body, resource);
  checkType(given, resource, target.version);
  const { kind, group } = resource;
  return createFrom(write, toStored({ ...given, kind, apiVersion: groupVersion(group, target.version) }), []);
}

/** PUT of an object, its status or its scale. */
export async function update(write: Write): Promise<Written> {
  const { resource, target, body } = write;
  const isScale = target.subresource === 'scale';
  checkOptions(write, 'UpdateOptions');
  const given = parseObject(body, isScale ? { ...resource, kind: 'Scale' } : resource);
  if (!isScale) checkType(given, resource, target.version);
  return change(write, () => given);
}

/** PATCH of an object, its status or its scale. */
export async function patch(write: Write): Promise<Written> {
  const { resource, target, body, state } = write;
  checkPatchType(body, resource);
  checkOptions(write, 'PatchOptions');
  if (body.media !== applyType) return change(write, (old) => patched(old, body, resource.kind));

  const applied = parseApplied(body);
  checkType(applied, resource, target.version);
  if (at(applied, 'metadata', 'managedFields') !== undefined) throw badRequest('metadata.managedFields must be nil');
  if (state.get(resource, placeOf(write), target.name) === undefined) {
    if (target.subresource !== '') throw notFound(resource, target.name);
    const named = { ...applied, metadata: { ...fieldsOf(applied, 'metadata'), name: target.name } };
    const { metadata } = serverSideApply({}, named, writerOf(write), true);
    return createFrom(write, named, entriesOf({ metadata }));
  }
  const isForced = isTrue(write.query.get('force'));
  return change(write, (old) => serverSideApply(old, applied, writerOf(write), isForced));
}

/** @param entries The managedFields of an object that is applied; none when they are to be recorded here. */
async function createFrom(write: Write, given: Fields, entries: readonly Fields[]): Promise<Written> {
  const { state, resource, target, query } = write;
  const object = await completed(named(given, write), write, undefined);
  const { name } = object.metadata;
  checkNamespace(state, resource, object);
  const admitted = await admit(object, undefined, resource, strictnessOf(write));
  if (state.get(resource, object.metadata.namespace, name) !== undefined) throw alreadyExists(resource, name);

  const fresh = admitted.object as KubernetesObject;
  const managedFields = entries.length > 0 ? entries : recordUpdate(undefined, fresh, [], writerOf(write));
  const status = initialStatus(fresh, timestamp(state.now()));
  const stored = state.create(
    {
      ...fresh,
      metadata: { ...fresh.metadata, ...(managedFields.length === 0 ? {} : { managedFields }) },
      ...(status === undefined ? {} : { status }),
    },
    isDryRun(query),
  );
  const document = whole(resource, target.version, state.withOwners(isDryRun(query) ? withoutVersion(stored) : stored));
  return { code: 201, document, warnings: admitted.warnings };
}

/** What is not stored has no version. */
function withoutVersion(object: StoredObject): StoredObject {
  const { resourceVersion: _resourceVersion, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as StoredObject['metadata'] };
}

/** How often a patch is made anew when the object has changed meanwhile, as an API server does. */
const attempts = 5;

async function change(write: Write, make: (old: Fields) => Fields): Promise<Written> {
  const { state, resource, target } = write;
  const isScale = target.subresource === 'scale';
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const old = state.get(resource, placeOf(write), target.name);
    if (old === undefined) throw notFound(resource, target.name);
    const shown = (isScale ? toScale(old) : whole(resource, target.version, state.withOwners(old))) as Fields;
    const made = make(shown);
    const given = isScale ? made : toStored(made);
    checkIdentity(given, old, write);
    const fresh = await completed((isScale ? fromScale(given, old) : given) as KubernetesObject, write, old);
    const admitted = await admit(fresh, old, resource, strictnessOf(write));
    // Somebody else was faster: what the client has not seen is not to be overwritten, unless it named no version.
    if (state.get(resource, placeOf(write), target.name) !== old) continue;
    const stored = store(write, admitted.object as StoredObject, old, given);
    return {
      code: 200,
      document: isScale ? toScale(stored) : whole(resource, target.version, state.withOwners(stored)),
      warnings: admitted.warnings,
    };
  }
  throw modified(resource, target.name);
}

function store(write: Write, fresh: StoredObject, old: StoredObject, given: Fields): StoredObject {
  // An apply has recorded already; any other client may also write the record itself, and kubectl does when it takes over.
  const before = entriesOf(write.state.withOwners(old));
  const entries = at(given, 'metadata', 'managedFields') === undefined ? before : entriesOf(given);
  const managedFields = write.body.media === applyType ? entries : recordUpdate(old, fresh, entries, writerOf(write));
  const { managedFields: _managedFields, ...rest } = fresh.metadata;
  const { managedFields: _before, ...own } = old.metadata;
  // A write that changes nothing is none, and leaves no record.
  if (same(entries, before) && same({ ...fresh, metadata: rest }, { ...old, metadata: own })) {
    return old;
  }
  const metadata = { ...rest, ...(managedFields.length === 0 ? {} : { managedFields }) } as StoredObject['metadata'];
  return write.state.replace({ ...fresh, metadata }, isDryRun(write.query));
}

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
async function completed(
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
  const written = Object.entries(wanted.metadata).filter(([field]) => !serversOwn.includes(field));
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
function named(given: Fields, { state, resource, target }: Write): KubernetesObject {
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

/** @throws StatusError 404 where an object's namespace does not exist, 403 where it is on its way out. */
function checkNamespace(state: State, resource: Resource, { metadata }: KubernetesObject): void {
  if (!resource.namespaced) return;
  const { namespace = '', name } = metadata;
  const place = state.get({ group: '', kind: 'Namespace' }, undefined, namespace);
  if (place === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (isTerminating(place)) throw beingTerminated(resource, name, namespace);
}

/** @throws StatusError where what is sent is about another object, or about an older one than there is. */
function checkIdentity(given: Fields, old: StoredObject, { resource, target, body }: Write): void {
  const { name, namespace, uid, resourceVersion } = strings(given, 'metadata');
  if (name === undefined || name === '') {
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
  if (resource.namespaced && namespace !== undefined && namespace !== target.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${target.namespace})`,
    );
  }
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      resource,
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  const isUpdate = !body.media.includes('patch');
  if ((resourceVersion ?? '') === '' && isUpdate && resource.custom && target.subresource !== 'scale') {
    throw invalid(resource, target.name, [
      cause.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw modified(resource, target.name);
  }
  const added = isTerminating(old)
    ? list(given, 'metadata', 'finalizers').filter((entry) => !list(old, 'metadata', 'finalizers').includes(entry))
    : [];
  if (added.length > 0) {
    throw invalid(resource, target.name, [
      cause.forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
      ),
    ]);
  }
}

const placeOf = ({ resource, target }: Write): string | undefined =>
  resource.namespaced && target.namespace !== '' ? target.namespace : undefined;

const isDryRun = (query: URLSearchParams): boolean => query.getAll('dryRun').includes('All');

/** @throws StatusError 422 for options that are none [apimachinery 1.36, apis/meta/v1/validation]. */
function checkOptions({ query, body }: Write, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): void {
  const [manager, validation] = [query.get('fieldManager') ?? '', query.get('fieldValidation') ?? ''];
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const isApply = body.media === applyType;
  const wrong: readonly (readonly [boolean, Cause])[] = [
    [
      isApply && manager === '' && kind === 'PatchOptions',
      cause.required('fieldManager', 'is required for apply patch'),
    ],
    [
      kind === 'PatchOptions' && !isApply && query.has('force'),
      cause.forbidden('force', 'may not be specified for non-apply patch'),
    ],
    [manager.length > 128, cause.tooLong('fieldManager', 128)],
    [dryRun.some((value) => value !== 'All'), cause.unsupported('dryRun', dryRun, ['All'])],
    [
      !['', ...validations].includes(validation),
      cause.unsupported('fieldValidation', validation, ['', ...validations]),
    ],
  ];
  const causes = wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', causes);
}

const validations = ['Ignore', 'Strict', 'Warn'] as const;

const validationOf = (query: URLSearchParams): FieldValidation =>
  validations.find((validation) => validation === query.get('fieldValidation')) ?? 'Warn';

function writerOf({ state, resource, target, body, manager }: Write): Writer {
  return {
    manager,
    operation: body.media === applyType ? 'Apply' : 'Update',
    apiVersion: groupVersion(resource.group, target.version),
    subresource: target.subresource,
    time: timestamp(state.now()),
  };
}

/** How a write treats what its kind does not have, and what it answers when it is strict. */
function strictnessOf({ kinds, resource: { kind }, target: { version }, query, body }: Write): Strictness {
  const validation = validationOf(query);
  if (body.media.endsWith('-patch+json')) {
    const patch = toText(body.bytes);
    const refuse = (problem: string): Error =>
      invalid({ group: '', kind: '' }, '', [cause.invalid('patch', patch, problem)]);
    return { kinds, validation, refuse };
  }
  const isJson = body.media === '' || body.media === 'application/json';
  return {
    kinds,
    validation,
    duplicates: isJson ? duplicateFields(toText(body.bytes)) : [],
    refuse: (problem) => badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`),
  };
}
