/** Delete, of one object or of many, and what the options of a delete ask for. */
import { parse as parseYaml } from 'yaml';
import { toText } from '../bytes/utf8.ts';
import { at, isFields, list, text, type Fields } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { decodeMessage } from '../http/protobuf.ts';
import { whole } from '../reads/representations.ts';
import type { Body } from '../http/requests.ts';
import type { Resource } from '../resources/resources.ts';
import { gracePeriodOf, isTerminating } from '../state/lifetime.ts';
import type { State } from '../state/state.ts';
import { badRequest, conflict, deleted, StatusError } from '../http/statuses.ts';

export interface Deletion {
  state: State;
  resource: Resource;
  version: string;
  options: DeleteOptions;
}

export interface DeleteOptions {
  /** What has to be done about dependents before the object goes; in the background, after it has gone, where this is empty. */
  finalizers: readonly string[];
  /** How long a pod may take to stop, where that is not for its spec to say. */
  graceSeconds: number | undefined;
  isDryRun: boolean;
  /** What the object must be for it to go; empty for whatever it is. */
  uid: string;
  resourceVersion: string;
}

/** The garbage collector's own: it takes them away when it has done what they ask for. */
const finalizersOf: Readonly<Record<string, readonly string[]>> = {
  Foreground: ['foregroundDeletion'],
  Orphan: ['orphan'],
};

/** Options stand in the body, in the query, or nowhere. */
export function deleteOptions({ bytes, media }: Body, query: URLSearchParams): DeleteOptions {
  const body = parse(bytes, media);
  const policy = text(body, 'propagationPolicy') || (query.get('propagationPolicy') ?? '');
  if (!['', 'Background', 'Foreground', 'Orphan'].includes(policy)) {
    throw badRequest(`invalid propagation policy: ${JSON.stringify(policy)}`);
  }
  const orphans = text(body, 'orphanDependents') || (query.get('orphanDependents') ?? '');
  const grace = text(body, 'gracePeriodSeconds') || (query.get('gracePeriodSeconds') ?? '');
  return {
    finalizers: orphans === 'true' ? ['orphan'] : (finalizersOf[policy] ?? []),
    // As in a real API server, a negative number stands for one second.
    graceSeconds: grace === '' ? undefined : Number(grace) < 0 ? 1 : Number(grace),
    isDryRun: list(body, 'dryRun').includes('All') || query.get('dryRun') === 'All',
    uid: text(body, 'preconditions', 'uid'),
    resourceVersion: text(body, 'preconditions', 'resourceVersion'),
  };
}

function parse(bytes: Uint8Array, media: string): Fields {
  if (bytes.length === 0) return {};
  try {
    const options: unknown =
      media === 'application/vnd.kubernetes.protobuf' ? decodeMessage(bytes) : parseYaml(toText(bytes));
    if (isFields(options)) return options;
  } catch {
    // Falls through to the same answer as a body of another shape.
  }
  throw badRequest('the object provided is unrecognized (must be of type DeleteOptions)');
}

/** Kinds whose delete answers with the object that goes, as their registries have it. */
const answersWithObject = new Set([
  'Namespace',
  'Pod',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'PodTemplate',
  'ResourceQuota',
  'Service',
  'ServiceAccount',
  'VolumeAttachment',
  'CSIDriver',
  'CSINode',
  'StorageClass',
]);

const protectedNamespaces = ['default', 'kube-public', 'kube-system'];

/** What an object's delete answers: the object while it is still going, and a Status when it is gone. */
export function deleteObject(object: StoredObject, { state, resource, version, options }: Deletion): object {
  const { name, uid } = object.metadata;
  checkPreconditions(object, resource, options);
  if (resource.kind === 'Namespace' && protectedNamespaces.includes(name)) {
    throw new StatusError(403, 'Forbidden', `namespaces "${name}" is forbidden: this namespace may not be deleted`, {
      name,
      kind: 'namespaces',
    });
  }
  const finalizers = [...list(object, 'metadata', 'finalizers'), ...options.finalizers];
  if (!options.isDryRun) {
    const gone = state.remove(object, {
      graceSeconds: gracePeriodOf(object, options.graceSeconds),
      finalizers: options.finalizers,
    });
    if (resource.kind === 'CustomResourceDefinition') removeInstances(object, state);
    if (isTerminating(gone)) return whole(resource, version, state.withOwners(gone));
  }
  if (finalizers.length === 0 && !answersWithObject.has(resource.kind)) return deleted(resource, name, uid);
  return whole(resource, version, state.withOwners(object));
}

function checkPreconditions(object: StoredObject, resource: Resource, { uid, resourceVersion }: DeleteOptions): void {
  const { metadata } = object;
  if (uid !== '' && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion !== '' && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
}

/** Without their definition there is no telling what the objects of a kind are: they go with it. */
function removeInstances(definition: StoredObject, state: State): void {
  const kind = { group: text(definition, 'spec', 'group'), kind: text(at(definition, 'spec', 'names'), 'kind') };
  state.change(state.list(kind).map((object) => ({ op: 'delete', object })));
}
