/** Kinds as a server publishes them: OpenAPI v3, one document a group and version (`/openapi/v3/apis/apps/v1`). */
import { apiVersionOf, type Kind, type Kinds, type Release } from './kind.ts';
import { readSchema } from './read-schema.ts';
import { anything, nameOf, type JsonSchema, type KindSchema } from './schema.ts';
import { isObject } from './violation.ts';

/**
 * Kinds of a server's documents. They say which fields there are, list types and defaults; rules in CEL are in them, too, where a
 * kind is a custom one.
 *
 * @param documents As parsed: each with `components.schemas`; anything else is passed over.
 */
export function kindsFromOpenApi(documents: readonly unknown[], release: Release): Kinds {
  const known = new Map<string, () => Kind>();
  for (const document of documents) {
    const all = schemasIn(document);
    for (const schema of Object.values(all)) {
      for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
        const { properties } = schema;
        // Options and lists carry the mark of every group; a kind is what has metadata of its own.
        if (properties?.['metadata'] === undefined || kind.endsWith('List')) continue;
        const structure = (): KindSchema => ({ ...schema, properties, $defs: reachedFrom(schema, all) });
        const read = (): Kind => ({ group, version, kind, release, structure: structure() });
        known.set(`${apiVersionOf(group, version)} ${kind}`, once(read));
      }
    }
  }
  return { find: (apiVersion, kind) => Promise.resolve(known.get(`${apiVersion} ${kind}`)?.()) };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The schemas that one leads to: a document has those of all kinds of its group. */
function reachedFrom(schema: JsonSchema, all: KindSchema['$defs']): KindSchema['$defs'] {
  const reached = new Map<string, JsonSchema>();
  // Not by calls: nobody knows how long a chain of references is.
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part !== 'object' || part === null) continue;
    const { $ref } = part as JsonSchema;
    const name = typeof $ref === 'string' ? nameOf($ref) : '';
    const next = reached.has(name) || !Object.hasOwn(all, name) ? undefined : all[name];
    if (next !== undefined) reached.set(name, next);
    pending.push(next, ...(Object.values(part) as unknown[]));
  }
  return Object.fromEntries(reached);
}

function schemasIn(document: unknown): Readonly<Record<string, JsonSchema>> {
  const components = isObject(document) ? document['components'] : undefined;
  const schemas = isObject(components) ? components['schemas'] : undefined;
  if (!isObject(schemas)) return {};
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const read = bounded(readSchema(schema));
      return [name, goType.test(name) ? asDecoded(read, name) : read];
    }),
  );
}

/** A schema with something else for each that stands right in it. */
function withParts(schema: JsonSchema, change: (part: JsonSchema) => JsonSchema): JsonSchema {
  const { items, properties, additionalProperties } = schema;
  return {
    ...schema,
    ...(items === undefined ? {} : { items: change(items) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: change(additionalProperties) } : {}),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, change(part)])) }),
  };
}

/** Alternatives that lead elsewhere may lead back, and would be tried for ever: no server writes them, and they hold anything here. */
function bounded(schema: JsonSchema): JsonSchema {
  const { allOf, anyOf, oneOf, not } = schema;
  const alternative = (part: JsonSchema): JsonSchema =>
    part.$ref === undefined && part.allOf?.[0]?.$ref === undefined ? bounded(part) : anything;
  const isReference = allOf?.length === 1 && allOf[0]?.$ref !== undefined;
  return withParts(
    {
      ...schema,
      ...(allOf === undefined || isReference ? {} : { allOf: allOf.map(alternative) }),
      ...(anyOf === undefined ? {} : { anyOf: anyOf.map(alternative) }),
      ...(oneOf === undefined ? {} : { oneOf: oneOf.map(alternative) }),
      ...(not === undefined ? {} : { not: alternative(not) }),
    },
    bounded,
  );
}

/** What is made from Go's types, and not from a definition. */
const goType = /^io\.k8s\.(?:api|apimachinery|apiextensions-apiserver|kube-aggregator)\./;

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/** Fields that documents of older releases have for required, and that no server ever asked for [kubernetes, api/openapi-spec/v3 of 1.25 and 1.36]. */
const neverAsked: Readonly<Record<string, readonly string[]>> = {
  'io.k8s.api.apps.v1.StatefulSetSpec': ['serviceName'],
  'io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern': ['status'],
  'io.k8s.api.batch.v1.PodFailurePolicyRule': ['onPodConditions'],
  'io.k8s.api.discovery.v1.EndpointSlice': ['endpoints'],
  'io.k8s.api.rbac.v1.ClusterRole': ['rules'],
  'io.k8s.api.rbac.v1.Role': ['rules'],
};

/**
 * A schema that is made from Go's types, as far as the server heeds it: it decodes such objects, and asks its own code about the rest.
 *
 * It says as a default what an absent field is in Go, `""` or `{}`, and required fields have one, too; its list types are for applying
 * [kube-openapi, pkg/generators/openapi.go].
 */
function asDecoded(given: JsonSchema, name: string): JsonSchema {
  if (name === quantity) return { anyOf: [{ type: 'string' }, { type: 'number' }], format: 'quantity' };
  if (given.format === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  const { 'x-kubernetes-list-type': _type, 'x-kubernetes-list-map-keys': _keys, default: filled, ...schema } = given;
  const isOpen =
    schema.type === 'object' && schema.properties === undefined && schema.additionalProperties === undefined;
  const own = {
    ...schema,
    ...(isOpen ? anything : {}),
    ...(schema.required === undefined
      ? {}
      : { required: schema.required.filter((field) => neverAsked[name]?.includes(field) !== true) }),
    ...(filled === undefined || isZero(filled) ? {} : { default: filled }),
  };
  return withParts(own, (part) => asDecoded(part, ''));
}

const isZero = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || (isObject(value) && Object.keys(value).length === 0);
