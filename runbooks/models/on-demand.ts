/**
 * What is looked up when it is first asked for, and kept. Where it may be somebody else's to know, only who needs it is told so: what throws is
 * asked again.
 */
export function onDemand<T>(look: () => T): () => T {
  let found: { value: T } | undefined;
  return () => (found ??= { value: look() }).value;
}
