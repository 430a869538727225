/**
 * Where Envoy sends a request: what the HTTPRoutes that the Gateway took say, the most specific match first, and whoever is behind the
 * backend then. Pure: the objects are the only truth. [Envoy Gateway 1.9: internal/gatewayapi/route.go and sort.go; Envoy 1.39]
 */
import { at, condition, isFields, list, number, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import { ofKind, type StoredObject } from '../../../packages/apiserver/objects/object.ts';
import { goRegExp, isRefused } from '../../formats/go-regexp.ts';
import { mostSpecific } from '../../formats/hostname.ts';
import { hasLabels } from '../../formats/label-selector.ts';
import { managed } from '../controllers/envoy-gateway/managed.ts';
import { reaches } from './policies.ts';

/**
 * What becomes of a request to a backend. Envoy Gateway leaves a Service without any endpoint out. Endpoints that are not ready it hands to
 * Envoy all the same; when there are no others Envoy tries them [panic threshold], and finds a pod that hangs, or none that listens. What a
 * network policy drops gets no answer at all.
 */
export type Behind = 'serves' | 'nobody' | 'hangs' | 'refuses' | 'dropped' | 'unresolved';

export interface Backend {
  /** `<namespace>/<service>:<port>`. */
  name: string;
  weight: number;
  behind: Behind;
}

export interface Match {
  type: string;
  path: string;
  method: string;
  headers: readonly { name: string; value: string }[];
}

export interface Rule {
  matches: readonly Match[];
  backends: readonly Backend[];
  /** What a RequestRedirect filter says; undefined without one. */
  redirect: unknown;
}

export interface Route {
  /** `<namespace>/<name>`. */
  name: string;
  hostnames: readonly string[];
  rules: readonly Rule[];
}

/** The HTTPRoutes that a Gateway has accepted, and that still name it: what a status says of another parent is of no consequence. */
export function routesOf(objects: readonly StoredObject[], gateway: StoredObject): readonly Route[] {
  return ofKind(objects, 'gateway.networking.k8s.io', 'HTTPRoute').flatMap((route) => {
    const own = route.metadata.namespace ?? '';
    const isTo = (reference: unknown): boolean =>
      text(reference, 'name') === gateway.metadata.name &&
      (text(reference, 'namespace') || own) === gateway.metadata.namespace;
    const isNamed = list(route, 'spec', 'parentRefs').some(isTo);
    const isAccepted = list(route, 'status', 'parents').some(
      (entry) => isTo(at(entry, 'parentRef')) && condition(entry, 'Accepted') === 'True',
    );
    if (!isNamed || !isAccepted) return [];
    return [
      {
        name: `${own}/${route.metadata.name}`,
        hostnames: list(route, 'spec', 'hostnames').map((hostname) => text(hostname)),
        rules: list(route, 'spec', 'rules').map((rule) => ({
          matches: matchesOf(rule),
          backends: list(rule, 'backendRefs').map((backend) => backendOf(objects, backend, own)),
          redirect: at(
            list(rule, 'filters').find((filter) => text(filter, 'type') === 'RequestRedirect'),
            'requestRedirect',
          ),
        })),
      },
    ];
  });
}

/** A rule without matches takes every request. */
function matchesOf(rule: unknown): readonly Match[] {
  const matches = list(rule, 'matches');
  return (matches.length === 0 ? [{}] : matches).map((match) => ({
    type: text(match, 'path', 'type') || 'PathPrefix',
    path: text(match, 'path', 'value') || '/',
    method: text(match, 'method'),
    headers: list(match, 'headers').map((header) => ({
      name: text(header, 'name').toLowerCase(),
      value: text(header, 'value'),
    })),
  }));
}

function backendOf(objects: readonly StoredObject[], backend: unknown, own: string): Backend {
  const namespace = text(backend, 'namespace') || own;
  const name = text(backend, 'name');
  const weight = at(backend, 'weight');
  return {
    name: `${namespace}/${name}:${text(backend, 'port')}`,
    weight: typeof weight === 'number' ? weight : 1,
    behind: behind(objects, namespace, name, number(backend, 'port')),
  };
}

function behind(objects: readonly StoredObject[], namespace: string, name: string, port: number): Behind {
  const service = ofKind(objects, '', 'Service').find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  if (service === undefined || !list(service, 'spec', 'ports').some((entry) => number(entry, 'port') === port)) {
    return 'unresolved';
  }
  const endpoints = ofKind(objects, 'discovery.k8s.io', 'EndpointSlice')
    .filter(
      (slice) =>
        slice.metadata.namespace === namespace &&
        text(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name,
    )
    .flatMap((slice) => list(slice, 'endpoints'));
  if (endpoints.length === 0) return 'nobody';
  const envoys = ofKind(objects, '', 'Pod').filter(({ metadata }) => hasLabels(strings(metadata, 'labels'), managed));
  if (!reaches(objects, envoys, service, port)) return 'dropped';
  if (endpoints.some((endpoint) => at(endpoint, 'conditions', 'ready') !== false)) return 'serves';
  const pods = new Set(endpoints.map((endpoint) => text(endpoint, 'targetRef', 'name')));
  const runs = ofKind(objects, '', 'Pod')
    .filter(({ metadata }) => metadata.namespace === namespace && pods.has(metadata.name))
    .flatMap((pod) => list(pod, 'status', 'containerStatuses'))
    .some((status) => at(status, 'state', 'running') !== undefined);
  return runs ? 'hangs' : 'refuses';
}

export interface Asked {
  host: string;
  path: string;
  method: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The rule for a request: of the most specific hostname, then an exact path before a longer prefix before a shorter one. */
export function ruleFor(routes: readonly Route[], asked: Asked): { route: Route; rule: Rule } | undefined {
  const hostnamesOf = ({ hostnames }: Route): readonly string[] => (hostnames.length === 0 ? [''] : hostnames);
  const [best] = mostSpecific(routes, hostnamesOf, asked.host)
    .flatMap((route) => route.rules.map((rule) => ({ route, rule })))
    .flatMap(({ route, rule }) =>
      rule.matches.filter((match) => takes(match, asked)).map((match) => ({ route, rule, rank: rankOf(match) })),
    )
    .sort((one, other) => other.rank - one.rank);
  return best;
}

function takes({ type, path, method, headers }: Match, asked: Asked): boolean {
  const isPath =
    type === 'Exact'
      ? asked.path === path
      : type === 'RegularExpression'
        ? matchesWhole(path, asked.path)
        : isUnder(path, asked.path);
  return (
    isPath &&
    (method === '' || method === asked.method) &&
    headers.every(({ name, value }) => String(asked.headers[name] ?? '') === value)
  );
}

/** Envoy's regular expressions are RE2's, and match the whole path; a route with another is not programmed. */
function matchesWhole(source: string, path: string): boolean {
  const pattern = goRegExp(`^(?:${source})$`);
  return !isRefused(pattern) && pattern.test(path);
}

/** Gateway API's PathPrefix counts whole path elements. */
const isUnder = (prefix: string, path: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

const rankOf = ({ type, path, method, headers }: Match): number =>
  (type === 'Exact' ? 1e6 : 0) + path.length * 100 + (method === '' ? 0 : 50) + headers.length;

/** One of a rule's backends, by their weights; `chance` is from 0 to 1. Undefined when none has a weight. */
export function chosen(backends: readonly Backend[], chance: number): Backend | undefined {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  let left = chance * total;
  return backends.find(({ weight }) => {
    left -= weight;
    return weight > 0 && left < 0;
  });
}

/** Where a redirect leads [Gateway API, HTTPRequestRedirectFilter]. */
export function redirection(redirect: unknown, { host, path }: Asked): { code: number; location: string } {
  const scheme = text(redirect, 'scheme') || 'https';
  const hostname = text(redirect, 'hostname') || host;
  const port = number(redirect, 'port');
  const usual = scheme === 'http' ? 80 : 443;
  const target = isFields(at(redirect, 'path')) ? text(redirect, 'path', 'replaceFullPath') || path : path;
  return {
    code: number(redirect, 'statusCode') || 302,
    location: `${scheme}://${hostname}${port === 0 || port === usual ? '' : `:${port}`}${target}`,
  };
}
