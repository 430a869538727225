/**
 * Create, update and patch: what a client sends becomes what is stored, or an error that says why not.
 *
 * One path for all of them: what the client wants, made whole (defaults, what only the API server writes, what a subresource may
 * change), admitted, recorded in managedFields, stored. A dry run does all but the last.
 */
import { checkType, parseObject } from '../http/requests.ts';
import { alreadyExists, badRequest, methodNotAllowed, modified, notFound } from '../http/statuses.ts';
import { at, type Fields, fieldsOf } from '../objects/fields.ts';
import { type KubernetesObject, type StoredObject, timestamp } from '../objects/object.ts';
import { same } from '../objects/same.ts';
import { isTrue } from '../reads/list-options.ts';
import { whole } from '../reads/representations.ts';
import { toStored } from '../resources/conversions.ts';
import { described, undescribed } from '../resources/described.ts';
import { groupVersion } from '../resources/resources.ts';
import { fromScale, toScale } from '../resources/scale.ts';
import { admit } from './admission.ts';
import { completed, named } from './completion.ts';
import { initialStatus } from './defaults.ts';
import { checkIdentity, checkNamespace } from './identity.ts';
import { entriesOf, recordUpdate } from './managed-fields.ts';
import { applyType, checkPatchType, parseApplied, patched } from './patches.ts';
import { serverSideApply } from './server-side-apply.ts';
import { checkOptions, strictnessOf } from './write-options.ts';
import { isDryRun, placeOf, type Write, writerOf } from './write.ts';

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
  const { state, resource, target, kinds } = write;
  const isScale = target.subresource === 'scale';
  const isDefinition = resource.kind === 'CustomResourceDefinition' && !resource.custom;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const old = state.get(resource, placeOf(write), target.name);
    if (old === undefined) throw notFound(resource, target.name);
    const before = isScale ? toScale(old) : whole(resource, target.version, state.withOwners(old));
    const made = isDefinition
      ? await undescribed(make((await described(before, kinds)) as Fields), kinds)
      : make(before as Fields);
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
