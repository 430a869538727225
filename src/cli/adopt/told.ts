/** What an object tells of the names of a stack. */

/** What should stand at a place of the stack file, and what tells so. */
export interface Proposal {
  path: string;
  value: string;
  from: string;
}

interface Named {
  metadata: { namespace?: string; name: string };
}

/** `network/internal` */
export const fullName = ({ metadata }: Named): string =>
  [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');

/** Proposals from one object; what is undefined is not told. */
export const toldBy = (
  object: Named & { kind: string },
  values: Readonly<Record<string, string | undefined>>,
): readonly Proposal[] =>
  Object.entries(values).flatMap(([path, value]) =>
    value === undefined ? [] : [{ path, value, from: `${object.kind} ${fullName(object)}` }],
  );

/** The one that there is. */
export const only = <T>(some: readonly T[]): T | undefined => (some.length === 1 ? some[0] : undefined);
