/** Whether a write is about the object that it names. */
import { badRequest, beingTerminated, cause, conflict, invalid, modified, notFound } from '../http/statuses.ts';
import { type Fields, list, strings } from '../objects/fields.ts';
import type { KubernetesObject, StoredObject } from '../objects/object.ts';
import type { Resource } from '../resources/resources.ts';
import { isTerminating } from '../state/lifetime.ts';
import type { State } from '../state/state.ts';
import type { Write } from './write.ts';

/** @throws StatusError 404 where an object's namespace does not exist, 403 where it is on its way out. */
export function checkNamespace(state: State, resource: Resource, { metadata }: KubernetesObject): void {
  if (!resource.namespaced) return;
  const { namespace = '', name } = metadata;
  const place = state.get({ group: '', kind: 'Namespace' }, undefined, namespace);
  if (place === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (isTerminating(place)) throw beingTerminated(resource, name, namespace);
}

/** @throws StatusError where what is sent is about another object, or about an older one than there is. */
export function checkIdentity(given: Fields, old: StoredObject, { resource, target, body }: Write): void {
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
