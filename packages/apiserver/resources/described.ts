/**
 * CustomResourceDefinitions as they are shown. One that leaves the structure of its kind to what is known beside it is stored without: a
 * cluster with dozens of them then starts at once, and reads of a structure what somebody asks for. Who reads the definition sees it.
 */
import { isServed, type Kind, type Kinds } from '../../../src/kinds/kind.ts';
import { at, fieldsOf, isFields, list, text, type Fields } from '../objects/fields.ts';
import { same } from '../objects/same.ts';
import { inOnePiece } from '../openapi/openapi.ts';
import { groupVersion } from './resources.ts';

/** What says nothing of a kind's structure. */
const bare: Fields = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const isBare = (version: unknown): boolean => same(at(version, 'schema', 'openAPIV3Schema'), bare);

/** A definition, or a list of them, with the structures that are known; any other document as it is. */
export async function described(document: object, kinds: Kinds): Promise<object> {
  switch (text(document, 'kind')) {
    case 'CustomResourceDefinition':
      return withSchemas(document as Fields, (version, schema) => (isBare(version) ? schema : undefined), kinds);
    case 'CustomResourceDefinitionList': {
      const items = list(document, 'items');
      const shown = items.map((item) => described({ ...fieldsOf(item), kind: 'CustomResourceDefinition' }, kinds));
      const typed = await Promise.all(shown);
      return { ...document, items: typed.map((item, index) => ({ ...item, kind: at(items[index], 'kind') })) };
    }
    default:
      return document;
  }
}

/** A definition as it is stored: what a client sends back as it was shown says nothing of its own. */
export const undescribed = (definition: Fields, kinds: Kinds): Promise<Fields> =>
  withSchemas(
    definition,
    (version, schema) => (same(at(version, 'schema', 'openAPIV3Schema'), schema) ? bare : undefined),
    kinds,
  );

/** @param choose The schema that a version is to have, of what is known; undefined where it keeps its own. */
async function withSchemas(
  definition: Fields,
  choose: (version: Fields, known: Fields) => Fields | undefined,
  kinds: Kinds,
): Promise<Fields> {
  const [group, kind] = [text(definition, 'spec', 'group'), text(definition, 'spec', 'names', 'kind')];
  const versions = await Promise.all(
    list(definition, 'spec', 'versions').map(async (given) => {
      const version = fieldsOf(given);
      const found = await kinds.find(groupVersion(group, text(version, 'name')), kind);
      if (found === undefined || !isServed(found)) return version;
      const chosen = choose(version, schemaOf(found));
      return chosen === undefined ? version : { ...version, schema: { openAPIV3Schema: chosen } };
    }),
  );
  const spec = fieldsOf(definition, 'spec');
  return isFields(definition['spec']) ? { ...definition, spec: { ...spec, versions } } : definition;
}

const made = new WeakMap<Kind, Fields>();

/** The structure of a kind as a definition has it, as it comes back from a client: of metadata only that it is there. */
function schemaOf(kind: Kind): Fields {
  const { properties, ...structure } = kind.structure;
  const known =
    made.get(kind) ?? inOnePiece({ ...structure, properties: { ...properties, metadata: { type: 'object' } } });
  made.set(kind, known);
  return known;
}
