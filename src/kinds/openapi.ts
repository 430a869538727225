/** Kinds as a server publishes them: OpenAPI v3, one document a group and version (`/openapi/v3/apis/apps/v1`). */
import { apiVersionOf, type Kind, type Kinds, type Release } from './kind.ts';
import { readSchema } from './read-schema.ts';
import { anything, type JsonSchema } from './schema.ts';
import { isObject } from './violation.ts';

/**
 * Kinds of a server's documents. They say which fields there are, list types and defaults; rules in CEL are in them, too, where a
 * kind is a custom one.
 *
 * @param documents As parsed: each with `components.schemas`; anything else is passed over.
 */
export function kindsFromOpenApi(documents: readonly unknown[], release: Release): Kinds {
  const known = new Map<string, Kind>();
  for (const document of documents) {
    const $defs = schemasIn(document);
    for (const schema of Object.values($defs)) {
      for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
        // Options and lists carry the mark of every group; a kind is what has metadata of its own.
        if (schema.properties?.['metadata'] === undefined || kind.endsWith('List')) continue;
        known.set(`${apiVersionOf(group, version)} ${kind}`, {
          group,
          version,
          kind,
          release,
          structure: { ...schema, properties: schema.properties, $defs },
        });
      }
    }
  }
  return { find: (apiVersion, kind) => Promise.resolve(known.get(`${apiVersion} ${kind}`)) };
}

function schemasIn(document: unknown): Readonly<Record<string, JsonSchema>> {
  const components = isObject(document) ? document['components'] : undefined;
  const schemas = isObject(components) ? components['schemas'] : undefined;
  if (!isObject(schemas)) return {};
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const read = readSchema(schema);
      return [name, goType.test(name) ? asDecoded(read, name) : read];
    }),
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
  const inner = (part: JsonSchema): JsonSchema => asDecoded(part, '');
  return {
    ...schema,
    ...(isOpen ? anything : {}),
    ...(schema.required === undefined
      ? {}
      : { required: schema.required.filter((field) => neverAsked[name]?.includes(field) !== true) }),
    ...(filled === undefined || isZero(filled) ? {} : { default: filled }),
    ...(schema.items === undefined ? {} : { items: inner(schema.items) }),
    ...(typeof schema.additionalProperties === 'object'
      ? { additionalProperties: inner(schema.additionalProperties) }
      : {}),
    ...(schema.properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(schema.properties).map(([field, part]) => [field, inner(part)]),
          ),
        }),
  };
}

const isZero = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || (isObject(value) && Object.keys(value).length === 0);
