/** HTTPRouteFilters: Envoy Gateway's own filters, which a rule names [internal/gatewayapi/filters.go, processExtensionRefHTTPFilter]. */
import { goRegExp, isRefused } from '../formats/go-regexp.ts';
import { at, fieldsOf, isFields, list, number, text } from '../formats/fields.ts';
import { plain } from './certificates.ts';
import { twice, type Rewritten } from './rewrites.ts';
import { envoyGateway, isPermitted, namespaceOf, targetOf, untold, type Resource, type World } from './world.ts';

export const isOwnFilter = (reference: unknown): boolean =>
  text(reference, 'group') === envoyGateway && text(reference, 'kind') === 'HTTPRouteFilter';

/** What a filter of this kind does to a rule: what it answers itself, and which matches it adds. */
export interface Extension {
  /** The status that requests are answered with; undefined where they go on. */
  answers: number | undefined;
  matches: readonly unknown[];
  /** Why it is refused, and whether all requests are answered 500 because of that. */
  refusal: { message: string; isFatal: boolean } | undefined;
}

const refused = (message: string, isFatal = false): Extension => ({
  answers: undefined,
  matches: [],
  refusal: { message, isFatal },
});

/** @param done What the rule's filters rewrite before this one. */
export function extensionOf(world: World, filter: Resource, done: Rewritten, hasMatches: boolean): Extension {
  const spec = fieldsOf(filter, 'spec');
  const matches = list(spec, 'matches');
  if (matches.length > 0 && hasMatches) {
    return refused('only one HTTPRouteFilter with matches is supported per HTTPRouteRule');
  }
  const rewrite = at(spec, 'urlRewrite');
  const wrong = isFields(rewrite) ? rewriteRefusal(rewrite, done) : undefined;
  if (wrong !== undefined) return refused(wrong);
  const response = at(spec, 'directResponse');
  const why = bodyRefusal(world, filter, response) ?? credentialRefusal(world, filter, at(spec, 'credentialInjection'));
  if (why !== undefined) return refused(`invalid filter HTTPRouteFilter: ${why}`, true);
  const answers = isFields(response) ? number(response, 'statusCode') || 200 : undefined;
  return { answers, matches, refusal: undefined };
}

function rewriteRefusal(rewrite: unknown, done: Rewritten): string | undefined {
  const [path, host] = [at(rewrite, 'path'), at(rewrite, 'hostname')];
  const isSecond = (done.path === 'extended' || done.host === 'extended') && (isFields(path) || isFields(host));
  const isContrary = (isFields(host) && done.host === 'core') || (isFields(path) && done.path === 'core');
  if (isSecond || isContrary) return twice('urlRewrite');
  const wrong = isFields(path) ? regexRefusal(path) : undefined;
  if (wrong !== undefined) return wrong;
  if (isFields(path)) done.path ??= 'extended';
  if (!isFields(host)) return undefined;
  const why = hostRefusal(host);
  if (why === undefined) {
    done.host ??= 'extended';
    done.isHostFromPath ||= text(host, 'type') === 'PathRegex';
  }
  return why;
}

const isPattern = (pattern: string): boolean => {
  const compiled = goRegExp(pattern);
  return !isRefused(compiled) || !compiled.byGo;
};

function regexRefusal(path: unknown): string | undefined {
  if (text(path, 'type') !== 'ReplaceRegexMatch') return undefined;
  const pattern = text(path, 'replaceRegexMatch', 'pattern');
  if (pattern === '') return 'ReplaceRegexMatch Pattern must be set when rewrite path type is "ReplaceRegexMatch"';
  return isPattern(pattern) ? undefined : 'ReplaceRegexMatch must be a valid RE2 regular expression';
}

function hostRefusal(host: unknown): string | undefined {
  const type = text(host, 'type');
  if (type === 'Header') {
    return text(host, 'header') === '' ? 'Header must be set when rewrite path type is "Header"' : undefined;
  }
  if (type !== 'PathRegex') return undefined;
  const pattern = text(host, 'pathRegex', 'pattern');
  if (pattern === '' || text(host, 'pathRegex', 'substitution') === '') {
    return 'PathRegex Pattern and Substitution must be set when rewrite hostname type is "PathRegex"';
  }
  return isPattern(pattern) ? undefined : 'PathRegex must be a valid RE2 regular expression';
}

/** A body may stand in a ConfigMap beside the filter. */
export function bodyRefusal(world: World, by: Resource, response: unknown): string | undefined {
  const body = at(response, 'body');
  if (text(body, 'type') !== 'ValueRef') return undefined;
  const place = `${namespaceOf(by)}/${text(body, 'valueRef', 'name')}`;
  const found = world.find('ConfigMap', namespaceOf(by), text(body, 'valueRef', 'name'));
  if (found === untold) return undefined;
  if (found === undefined) return `can't find the referenced configmap ${place}`;
  const isFull = [...Object.keys(fieldsOf(found, 'data')), ...Object.keys(fieldsOf(found, 'binaryData'))].length > 0;
  return isFull ? undefined : `can't find the key response.body in the referenced configmap ${place}`;
}

function credentialRefusal(world: World, filter: Resource, injection: unknown): string | undefined {
  const reference = at(injection, 'credential', 'valueRef');
  if (!isFields(reference)) return undefined;
  const found = secretOf(world, filter, reference, true);
  if (found === untold || typeof found === 'string') return found === untold ? undefined : found;
  return hasValue(found, 'credential')
    ? undefined
    : `credential key credential not found in secret ${namespaceOf(found)}/${found.metadata.name}`;
}

export const hasValue = (secret: Resource, key: string): boolean =>
  text(secret, 'stringData', key) !== '' || plain(text(secret, 'data', key)) !== '';

/** The Secret, or ConfigMap, that something of Envoy Gateway's own kinds names; a text says why it cannot be had. */
export function secretOf(
  world: World,
  by: Resource,
  reference: unknown,
  mayBeAbroad: boolean,
): Resource | typeof untold | string {
  const home = namespaceOf(by);
  const to = targetOf(reference, home, 'Secret');
  if (to.group !== '') return 'secret ref group must be unspecified/empty';
  if (!['Secret', 'ConfigMap'].includes(to.kind)) return 'secret ref kind must be Secret';
  if (to.namespace !== home && !mayBeAbroad) return `secret ref namespace must be unspecified/empty or ${home}`;
  if (!isPermitted(world, { group: envoyGateway, kind: by.kind, namespace: home }, to)) {
    return `ref to ${to.kind} ${to.namespace}/${to.name} not permitted by any ReferenceGrant`;
  }
  return (
    world.find(to.kind, to.namespace, to.name) ?? `${to.kind.toLowerCase()} ${to.namespace}/${to.name} does not exist`
  );
}
