/** Kinds as CustomResourceDefinitions say them: those that a cluster has, or those that somebody gives as files. */
import {
  groupOf,
  versionOf,
  type Column,
  type Kind,
  type Kinds,
  type Names,
  type Release,
  type Version,
} from './kind.ts';
import { everyObject, objectMeta } from './object-meta.ts';
import { readSchema } from './read-schema.ts';
import { installedRelease, type Origin } from './release.ts';
import type { KindSchema } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const items = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** Whether an object is a definition that tells of its kind's structure. */
export const isDefinition = (object: unknown): boolean =>
  fields(object)['kind'] === 'CustomResourceDefinition' &&
  text(fields(object)['apiVersion']) === 'apiextensions.k8s.io/v1';

/** Whether an object is the definition of a kind, whatever it says of its structure. */
export const isDefinitionOf = (object: unknown, apiVersion: string, kind: string): boolean => {
  const spec = fields(fields(object)['spec']);
  return isDefinition(object) && spec['group'] === groupOf(apiVersion) && fields(spec['names'])['kind'] === kind;
};

/**
 * Kinds of definitions. Other objects among them are passed over; a definition that says nothing of its structure leaves its kind to
 * whoever is asked next. Of two definitions of a kind the last counts, as with `kubectl apply`.
 *
 * @param definitions Objects of apiextensions.k8s.io/v1, CustomResourceDefinition.
 */
export function kindsFromCrds(definitions: readonly unknown[], origin: Origin): Kinds {
  const known = new Map<string, Fields>();
  for (const definition of definitions.filter(isDefinition)) {
    const spec = fields(fields(definition)['spec']);
    known.set(`${text(spec['group'])} ${text(fields(spec['names'])['kind'])}`, fields(definition));
  }
  const read = new Map<string, Kind | undefined>();
  return {
    find: (apiVersion, kind) => {
      const definition = known.get(`${groupOf(apiVersion)} ${kind}`);
      if (definition === undefined) return Promise.resolve(undefined);
      const key = `${apiVersion} ${kind}`;
      const found = read.get(key) ?? kindOf(definition, versionOf(apiVersion), origin);
      read.set(key, found);
      if (found !== undefined) return Promise.resolve(found);
      const versions = versionsOf(definition);
      const isTold = items(fields(definition['spec'])['versions']).some(
        (version) => structureOf(version) !== undefined,
      );
      const served = versions.filter((version) => version.served).map(({ name }) => name);
      return Promise.resolve(isTold ? { served, release: releaseOf(definition, origin) } : undefined);
    },
  };
}

function kindOf(definition: Fields, version: string, origin: Origin): Kind | undefined {
  const spec = fields(definition['spec']);
  const found = items(spec['versions']).find((each) => each['name'] === version && each['served'] !== false);
  const structure = found === undefined ? undefined : structureOf(found);
  if (found === undefined || structure === undefined) return undefined;
  return {
    group: text(spec['group']),
    version,
    kind: text(fields(spec['names'])['kind']),
    structure,
    release: releaseOf(definition, origin),
    names: namesOf(spec),
    versions: versionsOf(definition),
    columns: items(found['additionalPrinterColumns']).map(columnOf),
  };
}

function structureOf(version: Fields): KindSchema | undefined {
  const schema = readSchema(fields(version['schema'])['openAPIV3Schema']);
  const { properties } = schema;
  if (properties === undefined) return undefined;
  const metadata = { ...objectMeta, properties: { ...objectMeta.properties, ...properties['metadata']?.properties } };
  return { ...schema, properties: { ...everyObject, ...properties, metadata }, $defs: {} };
}

const versionsOf = (definition: Fields): readonly Version[] =>
  items(fields(definition['spec'])['versions']).map((version) => ({
    name: text(version['name']),
    served: version['served'] !== false,
    storage: version['storage'] === true,
  }));

const columnOf = (column: Fields): Column => ({
  name: text(column['name']),
  jsonPath: text(column['jsonPath']),
  type: text(column['type']),
  ...(typeof column['priority'] === 'number' ? { priority: column['priority'] } : {}),
});

function namesOf(spec: Fields): Names {
  const names = fields(spec['names']);
  return {
    plural: text(names['plural']),
    singular: text(names['singular']) || text(names['kind']).toLowerCase(),
    shortNames: texts(names['shortNames']),
    categories: texts(names['categories']),
    namespaced: spec['scope'] !== 'Cluster',
  };
}

/** Annotations of the programs that write definitions: they name their own release. */
const ofTools: ReadonlySet<string> = new Set(['controller-gen.kubebuilder.io/version']);

/** The release in an annotation of a maker, such as `operator.prometheus.io/version`. */
const annotated = (annotations: Fields): string =>
  Object.entries(annotations)
    .filter(([key, value]) => key.endsWith('/version') && !ofTools.has(key) && /^v?\d+\.\d+/.test(text(value)))
    .map(([, value]) => text(value))[0] ?? '';

/** As far as a definition says which release it is of: by an annotation of its maker, or the common label. */
function releaseOf(definition: Fields, origin: Origin): Release {
  const metadata = fields(definition['metadata']);
  const [labels, annotations] = [fields(metadata['labels']), fields(metadata['annotations'])];
  const group = text(fields(definition['spec'])['group']);
  const version =
    text(annotations['gateway.networking.k8s.io/bundle-version']) ||
    text(labels['app.kubernetes.io/version']) ||
    annotated(annotations);
  const channel = text(annotations['gateway.networking.k8s.io/channel']);
  return installedRelease(group, origin, `${version}${channel === '' ? '' : ` (${channel} channel)`}`.trim());
}
