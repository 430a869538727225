/** For which hostnames a route is, at one of its listeners [internal/gatewayapi/helpers.go, computeHosts]. */
import { hostnameTakes } from '../formats/hostname.ts';
import type { Listener } from './listener.ts';

/** @param beside All listeners of the Gateway: what another one of the same port is for, is left to it. */
export function hostsAt(
  listener: Listener,
  hostnames: readonly string[],
  beside: readonly Listener[],
): readonly string[] {
  const { hostname, port } = listener;
  if (hostnames.length === 0) return [hostname === '' ? '*' : hostname];
  const hosts = new Set(hostnames.flatMap((name) => shared(hostname, name)));
  for (const other of beside) if (other !== listener && other.port === port) hosts.delete(other.hostname);
  return [...hosts].sort();
}

/** What both are for: the narrower of the two. */
function shared(listener: string, route: string): readonly string[] {
  if (listener === '' || listener === route) return [route];
  if (hostnameTakes(listener, route)) return [route];
  return hostnameTakes(route, listener) ? [listener] : [];
}
