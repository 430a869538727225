/**
 * The kinds that the API server serves, as its definitions say them. Those that the demo cluster begins with say nothing of their
 * structure: what the packages of models and our facts say of it stands for what is installed.
 *
 * Loaded when the first object is written: a demo that nobody writes to does without.
 */
import { withDefaults } from '../../../src/kinds/defaults.ts';
import { kindsFromCrds } from '../../../src/kinds/definitions.ts';
import { firstOf, isServed, type Kinds } from '../../../src/kinds/kind.ts';
import { text, type Fields } from '../objects/fields.ts';
import type { State } from '../state/state.ts';
import { onlyNew } from '../writes/defaults.ts';

const definitions = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

export function servedKinds(state: State): Kinds {
  const own = kindsFromCrds(state.list(definitions), 'cluster');
  const packaged: Kinds = {
    find: async (apiVersion, kind) => {
      const { packagedKinds } = await import('../../../src/kinds/node/packaged.ts');
      return packagedKinds.find(apiVersion, kind);
    },
  };
  return firstOf(own, packaged);
}

/** An object with the defaults of its definition. */
export async function withDefaultsOf(kinds: Kinds, object: Fields, old: Fields | undefined): Promise<Fields> {
  const found = await kinds.find(text(object, 'apiVersion'), text(object, 'kind'));
  if (found === undefined || !isServed(found)) return object;
  const full = withDefaults(object, found.structure, found.structure) as Fields;
  return old === undefined ? full : (onlyNew(full, object, old) as Fields);
}
