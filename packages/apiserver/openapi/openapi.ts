/**
 * OpenAPI v3, one document a group and version: what `kubectl explain` tells, and how it learns that the server validates fields itself.
 *
 * A kind whose schema nobody knows has the fields that every object has.
 */
import { sha256Hex } from '../bytes/sha256.ts';
import type { JsonSchema, KindSchema } from '../../../src/kinds/schema.ts';
import { isFields, type Fields } from '../objects/fields.ts';
import { release } from '../http/version.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';

/** What is published of a kind; undefined for one that nobody knows. */
export type SchemaOf = (apiVersion: string, kind: string) => Promise<KindSchema | undefined>;

const root = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

/** Where each document is. A client keeps what it has read as long as the hash stays. */
export function openApiIndex(resources: readonly Resource[]): object {
  const places = new Map<string, string[]>();
  for (const { group, versions, kind, revision = '' } of resources) {
    for (const version of versions) {
      const place = root(group, version);
      places.set(place, [...(places.get(place) ?? []), kind + revision]);
    }
  }
  return {
    paths: Object.fromEntries(
      [...places].map(([place, kinds]) => {
        const hash = sha256Hex(kinds.join()).toUpperCase();
        return [place, { serverRelativeURL: `/openapi/v3/${place}?hash=${hash}` }];
      }),
    ),
  };
}

/** The document of a group and version, named as in the index; undefined when nothing is served there. */
export async function openApiDocument(
  resources: readonly Resource[],
  place: string,
  schemaOf: SchemaOf,
): Promise<object | undefined> {
  const served = resources.flatMap((resource) =>
    resource.versions
      .filter((version) => root(resource.group, version) === place)
      .map((version) => ({ resource, version })),
  );
  if (served.length === 0) return undefined;
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, unknown> = {};
  for (const { resource, version } of served) {
    const { group, kind } = resource;
    const schema = await schemaOf(groupVersion(group, version), kind);
    const { $defs = {}, ...own } = schema ?? anyObject;
    // A definition's schema is one piece: but for the metadata nothing in it refers to anything.
    const isApart = (name: string): boolean => !resource.custom || name.startsWith(metadataNames);
    for (const [name, definition] of Object.entries($defs).filter(([name]) => isApart(name))) {
      schemas[partName(name)] = componentOf(definition, $defs, isApart);
    }
    schemas[componentName(resource, version)] = {
      ...(componentOf({ ...unbound(own), type: 'object' }, $defs, isApart) as object),
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    };
    Object.assign(paths, pathsOf(resource, version));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: release },
    paths,
    components: { schemas },
  };
}

/** As generators name it: the package of a built-in kind, and of others the group's labels the other way round. */
const componentName = ({ group, kind, custom }: Resource, version: string): string =>
  `${custom ? group.split('.').reverse().join('.') : (packages[group] ?? `io.k8s.api.${group.split('.')[0] ?? ''}`)}.${version}.${kind}`;

const packages: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** What a path is about need not be said in the object: its type and metadata are not required, as the declarations have it. */
function unbound({ required = [], properties = {}, ...rest }: JsonSchema): JsonSchema {
  const own = ['apiVersion', 'kind'];
  return {
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, { enum: values, ...property }]) => [
        name,
        own.includes(name) || values === undefined ? property : { ...property, enum: values },
      ]),
    ),
    required: required.filter((name) => ![...own, 'metadata'].includes(name)),
  };
}

const metadataNames = 'IoK8sApimachineryPkgApisMeta';

/** `IoK8sApiCoreV1PodSpec` is `io.k8s.api.core.v1.PodSpec`, of which `kubectl explain` shows the end. */
function partName(name: string): string {
  const [, place = '', version = '', type = ''] =
    /^(IoK8s\w+?)(V\d+(?:(?:alpha|beta)\d+)?)([A-Z]\w*)$/.exec(name) ?? [];
  return type === '' ? name : `${place.replace(/(?!^)[A-Z]/g, '.$&').toLowerCase()}.${version.toLowerCase()}.${type}`;
}

const anyObject: { $defs?: Readonly<Record<string, JsonSchema>> } & JsonSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-preserve-unknown-fields': true,
};

/** A schema as a component: references lead to those that stand apart. In OpenAPI 3.0 nothing may stand beside a reference. */
function componentOf(
  schema: unknown,
  $defs: Readonly<Record<string, JsonSchema>>,
  isApart: (name: string) => boolean,
): unknown {
  if (Array.isArray(schema)) return schema.map((entry) => componentOf(entry, $defs, isApart));
  if (!isFields(schema)) return schema;
  const { $ref, ...rest } = schema;
  const others = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, componentOf(value, $defs, isApart)]),
  );
  if (typeof $ref !== 'string') return others;
  const name = $ref.replace('#/$defs/', '');
  if (!isApart(name)) return { ...(componentOf($defs[name], $defs, isApart) as object), ...others };
  const reference = { $ref: `#/components/schemas/${partName(name)}` };
  return Object.keys(others).length === 0 ? reference : { ...others, allOf: [reference] };
}

/** A kind's schema as its definition would hold it: no reference leads out of it. */
export function inOnePiece({ $defs, 'x-kubernetes-group-version-kind': _kinds, ...schema }: KindSchema): Fields {
  const made = componentOf({ ...unbound(schema), type: 'object' }, $defs, () => false);
  return JSON.parse(JSON.stringify(made)) as Fields;
}

/** The paths of a kind, as far as clients look for them: that its writes validate fields, and that it can be watched. */
function pathsOf({ group, plural, kind, namespaced }: Resource, version: string): object {
  const action = { 'x-kubernetes-group-version-kind': { group, version, kind } };
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const responses = { '200': { description: 'OK' } };
  // Strategic merge patches are not named: the schemas do not say by what lists merge, but a client knows for the kinds that it was built with.
  const types = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  const content = Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }]));
  const collection = `/${root(group, version)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  return {
    [collection]: {
      get: { ...action, 'x-kubernetes-action': 'list', responses },
      post: { ...action, 'x-kubernetes-action': 'post', parameters, responses },
    },
    [`${collection}/{name}`]: {
      get: { ...action, 'x-kubernetes-action': 'get', responses },
      put: { ...action, 'x-kubernetes-action': 'put', parameters, responses },
      patch: { ...action, 'x-kubernetes-action': 'patch', parameters, requestBody: { content }, responses },
      delete: { ...action, 'x-kubernetes-action': 'delete', responses },
    },
  };
}
