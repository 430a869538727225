/**
 * Objects as an API server would have stored them: with what every API server fills in (uid, resourceVersion, creationTimestamp,
 * generation), and with the namespaces that they live in.
 */
import { fieldsOf, isFields, text } from '../objects/fields.ts';
import { groupOf, identity, timestamp, uid, type KubernetesObject, type StoredObject } from '../objects/object.ts';
import { withTimes } from '../objects/relative-times.ts';
import { builtinResources } from '../resources/built-in.ts';
import { customResource, type Resource } from '../resources/resources.ts';

const day = 86_400_000;

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
