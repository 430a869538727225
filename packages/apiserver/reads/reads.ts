/** Get, list and watch: objects as they are, in the face that the client asks for. */
import { podLog } from './logs.ts';
import type { StoredObject } from '../objects/object.ts';
import { continueToken, listOptions, parseVersion, type ListOptions } from './list-options.ts';
import { listItem, negotiate, partialMetadata, table, whole, type RowObject } from './representations.ts';
import type { Target } from '../http/requests.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import type { ApiAnswer } from '../http/exchange.ts';
import type { Reply } from '../http/responses.ts';
import { toScale } from '../resources/scale.ts';
import { fieldSelector, labelSelector, type Matcher } from './selectors.ts';
import type { State } from '../state/state.ts';
import { badRequest, cause, continueExpired, listExpired, notFound, tooLargeVersion } from '../http/statuses.ts';
import { watch } from './watch.ts';

export interface Read {
  state: State;
  resource: Resource;
  target: Target;
  query: URLSearchParams;
  accept: string | undefined;
}

export function read(verb: 'get' | 'list' | 'watch', request: Read): Reply | ApiAnswer {
  switch (verb) {
    case 'get':
      return getObject(request);
    case 'list':
      return listObjects(request);
    case 'watch':
      return watchObjects(request);
  }
}

const ok = (media: string, document: object): Reply => ({ code: 200, media, document });

/** Namespaces are asked for by name, not looked up inside themselves. */
const placeOf = ({ resource, target: { namespace } }: Read): string | undefined =>
  resource.namespaced && namespace !== '' ? namespace : undefined;

function getObject(request: Read): Reply | ApiAnswer {
  const { state, resource, target, query, accept } = request;
  if (target.subresource === 'log') return podLog(state, resource, target, query);
  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
  const version = parseVersion(query.get('resourceVersion') || '0');
  if (version > Number(state.resourceVersion)) throw tooLargeVersion(version, state.resourceVersion);
  const found = state.get(resource, placeOf(request), target.name);
  if (found === undefined) throw notFound(resource, target.name);
  const object = state.withOwners(found);
  if (target.subresource === 'scale') return ok(media, toScale(object));
  if (as === 'PartialObjectMetadata') return ok(media, partialMetadata(object));
  if (as !== 'Table') return ok(media, whole(resource, target.version, object));
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return ok(media, table(resource, target.version, [object], metadata, state.now(), rowObject(query)));
}

/** The objects that a request selects. */
export function selection(resource: Resource, name: string, query: URLSearchParams): Matcher | undefined {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
  if (labels === '' && fields === '' && name === '') return undefined;
  const matchesLabels = labelSelector(labels);
  const matchesFields = fieldSelector(fields, resource);
  return (object) => matchesLabels(object) && matchesFields(object) && (name === '' || object.metadata.name === name);
}

function watchObjects(request: Read): ApiAnswer {
  const { state, resource, target, query, accept } = request;
  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
  const options = listOptions(query, true);
  const matches = selection(resource, target.name, query) ?? (() => true);
  const [namespace, include] = [placeOf(request), rowObject(query)];
  return watch({ state, resource, version: target.version, namespace, matches, options, media, as, include });
}

function listObjects(request: Read): Reply {
  const { state, resource, target, query, accept } = request;
  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadataList']);
  const options = listOptions(query, false);
  const matches = selection(resource, target.name, query);
  const { all, version } = listAsOf(request, options);
  const selected = matches === undefined ? all : all.filter(matches);
  // The watch cache, which answers for version 0, does not cut lists.
  const limit = options.resourceVersion === '0' ? 0 : options.limit;
  const { items: stored, next, remaining } = page(selected, { ...options, limit }, version);
  const items = stored.map((object) => state.withOwners(object));
  const more = {
    ...(next === '' && !(resource.custom && as === 'object') ? {} : { continue: next }),
    ...(remaining === 0 || matches !== undefined ? {} : { remainingItemCount: remaining }),
  };
  const typed = { resourceVersion: version, ...more };
  if (as === 'Table') {
    return ok(media, table(resource, target.version, items, typed, state.now(), rowObject(query)));
  }
  if (as === 'PartialObjectMetadataList') {
    const document = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: typed };
    return ok(media, { ...document, items: items.map(partialMetadata) });
  }
  const apiVersion = groupVersion(resource.group, target.version);
  const kind = `${resource.kind}List`;
  const entries = items.map((item) => listItem(resource, target.version, item));
  const document = resource.custom
    ? { apiVersion, items: entries, kind, metadata: { ...more, resourceVersion: version } }
    : { kind, apiVersion, metadata: typed, items: entries };
  return ok(media, document);
}

/** @throws StatusError 400 for what is none of the choices. */
function rowObject(query: URLSearchParams): RowObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value;
  const { message } = cause.invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${message}`);
}

interface Page {
  items: readonly StoredObject[];
  next: string;
  remaining: number;
}

/** One page of a sorted list: `limit` objects after the one that `continue` names. */
function page(all: readonly StoredObject[], { limit, after }: ListOptions, version: string): Page {
  const begin = after === undefined ? 0 : firstAfter(all, after.key);
  if (limit === 0 || all.length - begin <= limit) {
    return { items: begin === 0 ? all : all.slice(begin), next: '', remaining: 0 };
  }
  const items = all.slice(begin, begin + limit);
  const last = items.at(-1);
  const next = continueToken({ version: Number(version), key: last === undefined ? '' : listKey(last) });
  return { items, next, remaining: all.length - begin - limit };
}

/** The index of the first object behind a key: by halves, for a list may be long and its pages many. */
function firstAfter(all: readonly StoredObject[], key: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const object = all[middle];
    if (object !== undefined && listKey(object) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const listKey = ({ metadata }: StoredObject): string =>
  `/${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/**
 * The version that a list is to be of exactly; undefined for the present. A page goes on with the version that the first one was of, and
 * a limit makes a plain version an exact one [apiserver 1.36, storage/interfaces.go, ValidateListOptions].
 *
 * @throws StatusError 400 for what is no version, 504 for one that is yet to come.
 */
function exactVersion(
  { after, limit, resourceVersion, resourceVersionMatch }: ListOptions,
  state: State,
): number | undefined {
  // A page from before there was anything is of another cluster, and goes on with what this one has.
  if (after !== undefined) return after.version >= state.firstVersion ? after.version : undefined;
  if (resourceVersion === '') return undefined;
  const version = parseVersion(resourceVersion, (message) => badRequest(`invalid resource version: ${message}`));
  if (version > Number(state.resourceVersion)) throw tooLargeVersion(version, state.resourceVersion);
  return resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0 && version > 0)
    ? version
    : undefined;
}

/** @throws StatusError 410 where nobody remembers what a list was at the version that is asked for. */
function listAsOf(request: Read, options: ListOptions): { all: readonly StoredObject[]; version: string } {
  const { state, resource } = request;
  const exact = exactVersion(options, state);
  const namespace = placeOf(request);
  if (exact === undefined) return { all: state.list(resource, namespace), version: state.resourceVersion };
  if (exact > Number(state.resourceVersion)) throw tooLargeVersion(exact, state.resourceVersion);
  const all = state.listAt(exact, resource, namespace);
  if (all !== undefined) return { all, version: String(exact) };
  throw options.after === undefined
    ? listExpired()
    : continueExpired(continueToken({ version: -1, key: options.after.key }));
}
