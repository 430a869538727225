/**
 * OpenAPI v2, one document of all kinds, for clients that are older than v3: kubectl before 1.27 explains and checks fields with it, and
 * learns from it by what lists merge. Made of the documents of v3.
 */
import { fieldsOf, isFields, list, text, type Fields } from '../objects/fields.ts';
import { release } from '../http/version.ts';
import type { Resource } from '../resources/resources.ts';
import { listTypeAt } from '../resources/list-types.ts';
import { openApiDocument, openApiIndex, type SchemaOf } from './openapi.ts';
import { encodeOpenApi } from './openapi-protobuf.ts';

/** The protobuf's media type. kubectl asks for it with an at sign, which is none that Go could parse in an answer. */
export const openApiMedia = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export const wantsProtobuf = (accept: string): boolean => accept.replace('@', '.').startsWith(openApiMedia);

export interface OpenApiV2 {
  document: Fields;
  /** The same as gnostic's protobuf, which old clients insist on. */
  protobuf: Uint8Array;
}

/** Reading every schema takes a second: made once for what is served. */
const made = new WeakMap<readonly Resource[], Promise<OpenApiV2>>();

export function openApiV2(resources: readonly Resource[], schemaOf: SchemaOf): Promise<OpenApiV2> {
  const found = made.get(resources) ?? make(resources, schemaOf);
  made.set(resources, found);
  return found;
}

async function make(resources: readonly Resource[], schemaOf: SchemaOf): Promise<OpenApiV2> {
  const { paths: places } = openApiIndex(resources) as { paths: object };
  const [paths, definitions]: [Fields, Record<string, Fields>] = [{}, {}];
  for (const place of Object.keys(places)) {
    const document = await openApiDocument(resources, place, schemaOf);
    for (const [name, schema] of Object.entries(fieldsOf(document, 'components', 'schemas'))) {
      definitions[name] = fieldsOf(schemaV2(schema));
    }
    for (const [path, item] of Object.entries(fieldsOf(document, 'paths'))) paths[path] = pathV2(item);
  }
  nameMergeKeys(resources, definitions);
  const document = { swagger: '2.0', info: { title: 'Kubernetes', version: release }, paths, definitions };
  return { document, protobuf: encodeOpenApi(document) };
}

/** Version 2 knows no alternatives, and takes an object with properties for one that has no others. */
function schemaV2(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaV2);
  if (!isFields(schema)) return schema;
  const { description } = schema;
  const said = description === undefined ? {} : { description };
  const reference = text(list(schema, 'allOf')[0] ?? schema, '$ref');
  if (reference !== '') return { ...said, $ref: reference.replace('#/components/schemas/', '#/definitions/') };
  const gvk = schema['x-kubernetes-group-version-kind'];
  const kind = gvk === undefined ? {} : { 'x-kubernetes-group-version-kind': gvk };
  if (schema['x-kubernetes-int-or-string'] === true) return { ...said, type: 'string', format: 'int-or-string' };
  if (schema['anyOf'] !== undefined) return said;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return { ...said, type: 'object', ...kind };
  const { properties, items, additionalProperties, required, type, enum: values } = schema;
  return {
    ...said,
    ...(type === undefined ? {} : { type }),
    ...(values === undefined ? {} : { enum: values }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: schemaV2(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: schemaV2(additionalProperties) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(fieldsOf(properties)).map(([name, property]) => [name, schemaV2(property)]),
          ),
        }),
    ...kind,
  };
}

/** The operations of a path: their parameters have a type in place of a schema, and a body's types stand beside it. */
const pathV2 = (item: unknown): Fields =>
  Object.fromEntries(
    Object.entries(fieldsOf(item)).map(([method, operation]) => {
      const { requestBody, parameters = [], ...rest } = fieldsOf(operation);
      const types = Object.keys(fieldsOf(requestBody, 'content'));
      return [
        method,
        {
          ...rest,
          parameters: list({ parameters }, 'parameters').map((parameter) => {
            const { schema, ...others } = fieldsOf(parameter);
            return { ...others, ...fieldsOf(schema) };
          }),
          ...(types.length === 0 ? {} : { consumes: types }),
        },
      ];
    }),
  );

/** Fields that stand for one choice of several: what a patch does not name of them goes [k8s.io/api, patchStrategy:"retainKeys"]. */
const choices = ['spec.volumes', 'Deployment.spec.strategy'];

/** Says of each list of the built-in kinds by what its items merge: an old `apply` makes its patch by what it reads here. */
function nameMergeKeys(resources: readonly Resource[], definitions: Readonly<Record<string, Fields>>): void {
  const seen = new Set<string>();
  const visit = (kind: string, name: string, path: readonly string[]): void => {
    // What merges is told by the last two fields, or by the whole path from the kind: one visit for each pair is enough below it.
    const visited = path.length < 2 ? `${kind} ${name} ${path.join('.')}` : `${name} ${path.at(-1) ?? ''}`;
    if (seen.has(visited)) return;
    seen.add(visited);
    for (const [field, property] of Object.entries(fieldsOf(definitions[name], 'properties'))) {
      if (!isFields(property)) continue;
      const here = [...path, field];
      const isChoice = choices.some((choice) => [here.slice(-2).join('.'), [kind, ...here].join('.')].includes(choice));
      const type = text(property, 'type') === 'array' ? listTypeAt(kind, here) : undefined;
      const key = type?.mergeKey;
      const strategies = [...(key === undefined ? [] : ['merge']), ...(isChoice ? ['retainKeys'] : [])];
      if (strategies.length > 0) property['x-kubernetes-patch-strategy'] = strategies.join(',');
      if (key) property['x-kubernetes-patch-merge-key'] = key;
      const inner = text(property['items'] ?? property, '$ref');
      if (inner !== '') visit(kind, inner.replace('#/definitions/', ''), here);
    }
  };
  for (const { custom, kind, group } of resources) {
    if (custom) continue;
    const isKind = (entry: unknown): boolean => text(entry, 'kind') === kind && text(entry, 'group') === group;
    const root = Object.entries(definitions).find(([, schema]) =>
      list(schema, 'x-kubernetes-group-version-kind').some(isKind),
    );
    if (root !== undefined) visit(kind, root[0], []);
  }
}
