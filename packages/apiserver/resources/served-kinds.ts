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

const definitions = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

export const servedKinds = (state: State, packaged: Kinds): Kinds =>
  firstOf(kindsFromCrds(state.list(definitions), 'cluster'), packaged);

/** An object with the defaults of its definition. */
export async function withDefaultsOf(kinds: Kinds, object: Fields, old: Fields | undefined): Promise<Fields> {
  const found = await kinds.find(text(object, 'apiVersion'), text(object, 'kind'));
  if (found === undefined || !isServed(found)) return object;
  const full = withDefaults(object, found.structure, found.structure) as Fields;
  return old === undefined ? full : (onlyNew(full, object, old) as Fields);
}
