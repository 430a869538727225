/** Rules of several routes that take the same requests: only one of them gets them, and it is said of each [internal/gatewayapi/route.go, checkRouteOverlaps]. */
import { at, list, text } from '../formats/fields.ts';
import { isProgrammed, type Listener } from './listener.ts';
import type { JudgedParent, JudgedRoute } from './routes.ts';
import { say } from './verdicts.ts';
import { placeOf, type Resource } from './world.ts';

const displayName = (route: Resource): string => `${route.kind} ${placeOf(route)}`;

export function judgeOverlappingRules(routes: readonly JudgedRoute[]): void {
  const taken = new Map<Listener, Map<string, Set<Resource>>>();
  for (const { route, parents } of routes) {
    for (const parent of parents) {
      for (const [listener, hosts] of parent.hosts) {
        if (!isProgrammed(listener)) continue;
        const atListener = taken.get(listener) ?? new Map<string, Set<Resource>>();
        taken.set(listener, atListener);
        for (const key of keysOf(route, parent)) {
          for (const host of hosts) {
            const place = `${host} ${key}`;
            atListener.set(place, (atListener.get(place) ?? new Set()).add(route));
          }
        }
      }
    }
  }
  const shared = new Map([...taken].map(([listener, places]) => [listener, sharedBy([...places.values()])]));
  for (const { route, parents } of routes) {
    for (const { listeners, verdicts, index } of parents) {
      const others = listeners
        .flatMap((listener) => shared.get(listener)?.get(route) ?? [])
        .flatMap((some) => [...some]);
      const names = [...new Set(others)].filter((other) => other !== route).map(displayName);
      if (names.length === 0) continue;
      say(verdicts, {
        ...{ type: 'RouteRulesOverlap', status: 'True', reason: 'RouteRulesOverlap' },
        message: `Overlapping match conditions with route(s): ${names.sort().join(', ')}`,
        at: ['spec', 'parentRefs', index],
      });
    }
  }
}

/** Of the routes at each place, those that are not alone there, by the route. */
function sharedBy(places: readonly ReadonlySet<Resource>[]): ReadonlyMap<Resource, readonly ReadonlySet<Resource>[]> {
  const shared = new Map<Resource, ReadonlySet<Resource>[]>();
  for (const some of places.filter(({ size }) => size > 1)) {
    for (const route of some) {
      const own = shared.get(route) ?? [];
      shared.set(route, own);
      own.push(some);
    }
  }
  return shared;
}

/** What the rules of a route match, so that the same matches have the same key. */
function keysOf(route: Resource, { rules }: JudgedParent): readonly string[] {
  const written = list(route, 'spec', 'rules');
  return rules
    .filter(({ isKept }) => isKept)
    .flatMap(({ index, matches }) => {
      const own = list(written[index], 'matches');
      const added = matches.length === 0 ? [''] : matches.map((match) => many(list(match, 'cookies'), false));
      return (own.length === 0 ? [{}] : own).flatMap((match) =>
        added.map((cookies) => `${route.kind === 'GRPCRoute' ? grpcKey(match) : httpKey(match)} ${cookies}`),
      );
    });
}

const one = (match: unknown, isHeader: boolean): string => {
  const name = isHeader ? text(match, 'name').toLowerCase() : text(match, 'name');
  return JSON.stringify([name, text(match, 'type') || 'Exact', text(match, 'value')]);
};

const many = (matches: readonly unknown[], areHeaders: boolean): string =>
  matches
    .map((match) => one(match, areHeaders))
    .sort()
    .join(',');

function httpKey(match: unknown): string {
  const type = text(match, 'path', 'type') || 'PathPrefix';
  const value = text(match, 'path', 'value') || '/';
  const path = type === 'PathPrefix' && value !== '/' ? value.replace(/\/$/, '') : value;
  const method = text(match, 'method');
  const headers = [...list(match, 'headers'), ...(method === '' ? [] : [{ name: ':method', value: method }])];
  return JSON.stringify([type, path, many(headers, true), many(list(match, 'queryParams'), false)]);
}

/** A service and method are a path; a method alone is the end of one. */
function grpcKey(match: unknown): string {
  const method = at(match, 'method');
  const type = text(method, 'type') || 'Exact';
  const [service, name] = [text(method, 'service'), text(method, 'method')];
  const path =
    service !== '' && name !== ''
      ? [type, `/${service}/${name}`]
      : service !== ''
        ? [`${type} service`, `/${service}`]
        : name !== ''
          ? [`${type} method`, name]
          : ['PathPrefix', '/'];
  return JSON.stringify([...path, many(list(match, 'headers'), true), '']);
}
