/** Get, list and watch: objects as they are, in the face that the client asks for. */
import type { ServerResponse } from 'node:http';
import { podLog } from '../logs.ts';
import type { StoredObject } from '../objects.ts';
import { listItem, negotiate, partialMetadata, table, whole, type RowObject } from './representations.ts';
import type { Target } from './requests.ts';
import { groupVersion, type Resource } from '../resources.ts';
import { send } from './responses.ts';
import { toScale } from './scale.ts';
import { fieldSelector, labelSelector, type Matcher } from './selectors.ts';
import type { State } from '../state.ts';
import { badRequest, notFound } from './statuses.ts';
import { watch } from './watch.ts';

export interface Read {
  state: State;
  resource: Resource;
  target: Target;
  query: URLSearchParams;
  accept: string | undefined;
  response: ServerResponse;
}

export function read(verb: 'get' | 'list' | 'watch', request: Read): void {
  switch (verb) {
    case 'get':
      return getObject(request);
    case 'list':
      return listObjects(request);
    case 'watch':
      return watchObjects(request);
  }
}

/** Namespaces are asked for by name, not looked up inside themselves. */
const placeOf = ({ resource, target: { namespace } }: Read): string | undefined =>
  resource.namespaced && namespace !== '' ? namespace : undefined;

function getObject(request: Read): void {
  const { state, resource, target, query, accept, response } = request;
  if (target.subresource === 'log') return podLog(state, resource, target, query, response);
  const object = state.get(resource, placeOf(request), target.name);
  if (object === undefined) throw notFound(resource, target.name);
  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
  if (target.subresource === 'scale') return send(response, 200, media, toScale(object));
  if (as === 'PartialObjectMetadata') return send(response, 200, media, partialMetadata(object));
  if (as !== 'Table') return send(response, 200, media, whole(resource, target.version, object));
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  send(response, 200, media, table(resource, target.version, [object], metadata, state.now(), rowObject(query)));
}

/** The objects that a request selects. */
export function selection(resource: Resource, name: string, query: URLSearchParams): Matcher | undefined {
  const [labels, fields] = [query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''];
  if (labels === '' && fields === '' && name === '') return undefined;
  const matchesLabels = labelSelector(labels);
  const matchesFields = fieldSelector(fields, resource);
  return (object) => matchesLabels(object) && matchesFields(object) && (name === '' || object.metadata.name === name);
}

function watchObjects(request: Read): void {
  const { state, resource, target, query, accept, response } = request;
  const matches = selection(resource, target.name, query) ?? (() => true);
  const { as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
  const [namespace, include] = [placeOf(request), rowObject(query)];
  watch({ state, resource, version: target.version, namespace, matches, query, as, include, response });
}

function listObjects(request: Read): void {
  const { state, resource, target, query, accept, response } = request;
  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadataList']);
  const matches = selection(resource, target.name, query);
  const all = state.list(resource, placeOf(request));
  const { items, next, remaining } = page(matches === undefined ? all : all.filter(matches), query, state);
  const more = {
    ...(next === '' && !(resource.custom && as === 'object') ? {} : { continue: next }),
    ...(remaining === 0 || matches !== undefined ? {} : { remainingItemCount: remaining }),
  };
  const typed = { resourceVersion: state.resourceVersion, ...more };
  if (as === 'Table') {
    return send(response, 200, media, table(resource, target.version, items, typed, state.now(), rowObject(query)));
  }
  if (as === 'PartialObjectMetadataList') {
    const document = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: typed };
    return send(response, 200, media, { ...document, items: items.map(partialMetadata) });
  }
  const apiVersion = groupVersion(resource.group, target.version);
  const kind = `${resource.kind}List`;
  const entries = items.map((item) => listItem(resource, target.version, item));
  const document = resource.custom
    ? { apiVersion, items: entries, kind, metadata: { ...more, resourceVersion: state.resourceVersion } }
    : { kind, apiVersion, metadata: typed, items: entries };
  send(response, 200, media, document);
}

function rowObject(query: URLSearchParams): RowObject {
  const value = query.get('includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}

interface Page {
  items: readonly StoredObject[];
  next: string;
  remaining: number;
}

/** One page of a sorted list: `limit` objects after the one that `continue` names. */
function page(all: readonly StoredObject[], query: URLSearchParams, state: State): Page {
  const limit = Number(query.get('limit') ?? 0);
  const after = parseContinue(query.get('continue') ?? '');
  const begin = after === undefined ? 0 : firstAfter(all, after);
  if (!(limit > 0) || all.length - begin <= limit) {
    return { items: begin === 0 ? all : all.slice(begin), next: '', remaining: 0 };
  }
  const items = all.slice(begin, begin + limit);
  const last = items.at(-1);
  const start = `${last === undefined ? '' : listKey(last)}\u0000`;
  const token = JSON.stringify({ v: 'meta.k8s.io/v1', rv: Number(state.resourceVersion), start }).replaceAll(
    '\u0000',
    '\\u0000',
  );
  return { items, next: Buffer.from(token).toString('base64url'), remaining: all.length - begin - limit };
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

function parseContinue(token: string): string | undefined {
  if (token === '') return undefined;
  try {
    const decoded: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof decoded === 'object' && decoded !== null && 'start' in decoded && typeof decoded.start === 'string') {
      return decoded.start.replace(/\u0000$/, '');
    }
  } catch {
    // Falls through to the same answer as a token of another shape.
  }
  throw badRequest('continue key is not valid: it did not come from this server');
}
