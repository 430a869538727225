/** How hostnames match: by a listener, by a route and by a certificate, each with rules of its own. */

const lower = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * The hostname in what somebody pastes in its place, which may be the address of a page, have a port, capitals or a dot at the end. What is
 * none of these stays as it is.
 */
export function pastedHostname(text: string): string {
  const address = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@\s]*@)?([^/?#:@\s]+)(?::\d{1,5})?(?:[/?#]\S*)?$/i;
  const [, host] = address.exec(text) ?? [];
  return host === undefined ? text : lower(host);
}

/**
 * Whether a listener's or route's hostname takes a name. A wildcard takes one or more labels, never the bare domain
 * [Gateway API, Listener.hostname]. No hostname takes every name.
 */
export function hostnameTakes(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined || pattern === '') return true;
  const [wanted, asked] = [lower(pattern), lower(name)];
  return wanted.startsWith('*.')
    ? asked.endsWith(wanted.slice(1)) && asked.length > wanted.length - 1
    : wanted === asked;
}

/** Whether some name is taken by both; either may be a wildcard. */
export function hostnamesIntersect(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || one === '' || other === '') return true;
  return hostnameTakes(one, other) || hostnameTakes(other, one);
}

/** Whether a certificate for `pattern` is valid for `name`. A wildcard stands for exactly one label [RFC 6125, 6.4.3]. */
export function certificateCovers(pattern: string, name: string): boolean {
  const [wanted, asked] = [lower(pattern), lower(name)];
  if (wanted === asked) return true;
  if (!wanted.startsWith('*.')) return false;
  const dot = asked.indexOf('.');
  return dot > 0 && asked.slice(dot) === wanted.slice(1);
}

/** The most specific of those whose hostnames take a name: the name itself, then the longest wildcard; several when they are equally so. */
export function mostSpecific<T>(
  items: readonly T[],
  hostnamesOf: (item: T) => readonly string[],
  name: string,
): readonly T[] {
  const score = (item: T): number =>
    Math.max(
      -1,
      ...hostnamesOf(item).map((hostname) =>
        !hostnameTakes(hostname, name) ? -1 : lower(hostname) === lower(name) ? Infinity : lower(hostname).length,
      ),
    );
  const scored = items.map((item) => ({ item, score: score(item) }));
  const best = Math.max(0, ...scored.map((candidate) => candidate.score));
  return scored.filter((candidate) => candidate.score === best).map(({ item }) => item);
}
