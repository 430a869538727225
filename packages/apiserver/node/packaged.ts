/** What the installed packages of models say of kinds. Loaded when it is first asked for: a cluster that nobody writes to does without. */
import type { Kinds } from '../../../src/kinds/kind.ts';

export const packaged: Kinds = {
  find: async (apiVersion, kind) => {
    const { packagedKinds } = await import('../../../src/kinds/node/packaged.ts');
    return packagedKinds.find(apiVersion, kind);
  },
};
