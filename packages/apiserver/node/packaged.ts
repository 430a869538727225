/**
 * What the installed packages of models say of kinds. Loaded when it is first asked for: a cluster that nobody writes to does without.
 */
import type { Packaged } from '../resources/packaged.ts';

export const packaged: Packaged = {
  kinds: {
    find: async (apiVersion, kind) => {
      const { packagedKinds } = await import('../../../src/kinds/node/packaged.ts');
      return packagedKinds.find(apiVersion, kind);
    },
  },
  schemaOf: async (apiVersion, kind) => {
    const { schemaOf } = await import('../../../src/kinds/node/declared-schema.ts');
    return schemaOf(apiVersion, kind);
  },
};
