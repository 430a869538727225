/** Kinds as a server publishes them: OpenAPI v3, one document a group and version (`/openapi/v3/apis/apps/v1`). */
import { apiVersionOf, type Kind, type Kinds, type Release } from './kind.ts';
import { readSchema } from './read-schema.ts';
import type { JsonSchema } from './schema.ts';
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
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, readSchema(schema)]));
}
