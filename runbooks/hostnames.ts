/** How hostnames match: by a listener, by a route and by a certificate, each with rules of its own. */

const lower = (name: string): string => name.toLowerCase().replace(/\.$/, '');

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
  if (one === undefined || other === undefined) return true;
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
