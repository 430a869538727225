/**
 * The kinds that the API server serves, as its definitions say them. Where they say nothing of their structure, and for the built-in
 * kinds, what is known beside them stands for what is installed.
 */
import { withDefaults } from '../../../src/kinds/defaults.ts';
import { kindsFromCrds } from '../../../src/kinds/definitions.ts';
import { firstOf, isServed, type Kinds } from '../../../src/kinds/kind.ts';
import { text, type Fields } from '../objects/fields.ts';
import type { State } from '../state/state.ts';
import { onlyNew } from '../writes/defaults.ts';
import type { SchemaOf } from '../openapi/openapi.ts';

const definitions = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

/** Read once, for as long as no definition changes. */
const read = new WeakMap<State['resources'], Kinds>();

function definedKinds(state: State): Kinds {
  const known = read.get(state.resources) ?? kindsFromCrds(state.list(definitions), 'cluster');
  read.set(state.resources, known);
  return known;
}

export const servedKinds = (state: State, packaged: Kinds): Kinds => firstOf(definedKinds(state), packaged);

/** What OpenAPI tells of a kind: what its definition says, with what every object has; else what is known of it. */
export const publishedSchemas =
  (kinds: Kinds): SchemaOf =>
  async (apiVersion, kind) => {
    const found = await kinds.find(apiVersion, kind);
    if (found === undefined || !isServed(found)) return undefined;
    const { structure } = found;
    if (found.names === undefined) return structure;
    const every = await kinds.find('v1', 'Namespace');
    if (every === undefined || !isServed(every)) return structure;
    const { spec: _spec, status: _status, ...common } = every.structure.properties;
    return { ...structure, properties: { ...structure.properties, ...common }, $defs: every.structure.$defs };
  };

/** An object with the defaults of its definition. */
export async function withDefaultsOf(kinds: Kinds, object: Fields, old: Fields | undefined): Promise<Fields> {
  const found = await kinds.find(text(object, 'apiVersion'), text(object, 'kind'));
  if (found === undefined || !isServed(found)) return object;
  const full = withDefaults(object, found.structure, found.structure) as Fields;
  return old === undefined ? full : (onlyNew(full, object, old) as Fields);
}
