/** Hostnames as listeners and routes write them: Gateway API's and Envoy's rules. */

/** A wildcard covers any number of labels, and never the bare domain. */
export const covers = (hostname: string, name: string): boolean =>
  hostname === '' || (hostname.startsWith('*.') ? name.endsWith(hostname.slice(1)) : hostname === name);

/** The most specific of those that cover a name; several when they are equally so. */
export function mostSpecific<T>(
  items: readonly T[],
  hostnamesOf: (item: T) => readonly string[],
  name: string,
): readonly T[] {
  const score = (item: T): number =>
    Math.max(
      ...hostnamesOf(item).map((hostname) =>
        !covers(hostname, name) ? -1 : hostname === name ? 1e3 : hostname.length,
      ),
    );
  const scored = items.map((item) => ({ item, score: score(item) }));
  const best = Math.max(0, ...scored.map((candidate) => candidate.score));
  return scored.filter((candidate) => candidate.score === best).map(({ item }) => item);
}
