/** What is known of kinds beside what the definitions of the cluster say: a hook, for it fills many megabytes. */
import type { Kinds } from '../../../src/kinds/kind.ts';
import type { KindSchema } from '../../../src/kinds/schema.ts';

export interface Packaged {
  /** By what objects are validated and filled in where no definition says it. */
  kinds: Kinds;
  /** What OpenAPI tells of a kind; undefined for one that nobody knows. */
  schemaOf: (apiVersion: string, kind: string) => Promise<KindSchema | undefined>;
}

/** Nothing is known: every object is taken, and `kubectl explain` has nothing to tell. */
export const nothing: Packaged = {
  kinds: { find: () => Promise.resolve(undefined) },
  schemaOf: () => Promise.resolve(undefined),
};
