/**
 * A watch: one line of JSON an event, until the client leaves or `timeoutSeconds` are over.
 */
import type { ApiAnswer, Out } from '../http/exchange.ts';
import { parseVersion, type ListOptions } from './list-options.ts';
import { partialMetadata, table, whole, type Representation, type RowObject } from './representations.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import type { Matcher } from './selectors.ts';
import type { StoredObject } from '../objects/object.ts';
import { isOfKind } from '../state/kind.ts';
import type { State } from '../state/state.ts';
import type { StateEvent } from '../state/history.ts';
import { expired, notAcceptable, type StatusError } from '../http/statuses.ts';

interface WatchRequest {
  state: State;
  resource: Resource;
  version: string;
  namespace: string | undefined;
  matches: Matcher;
  options: ListOptions;
  media: Representation['media'];
  as: Representation['as'];
  include: RowObject;
}

/** A real server chooses between 30 and 60 minutes when the client does not say. */
const defaultTimeoutSeconds = 1800;
const maxTimeoutSeconds = 86_400;
const bookmarkEvery = 60_000;
const streamable = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

export function watch(request: WatchRequest): ApiAnswer {
  const { state, options, media } = request;
  const { resourceVersion: since, timeoutSeconds } = options;
  const isFresh = options.sendInitialEvents ?? (since === '' || since === '0');
  const from = since === '' ? Number(state.resourceVersion) : parseVersion(since);
  if (media === 'application/yaml') throw notAcceptable(streamable);
  const body = (out: Out): (() => void) | undefined => {
    const { tell, begin, bookmark, fail } = teller(request, out);
    if (isFresh) {
      begin();
    } else {
      const missed = state.since(from);
      if (missed === undefined) {
        fail(expired(since, state.oldestVersion));
        return undefined;
      }
      missed.forEach(tell);
    }
    const stop = state.watch(tell);
    const timeout = timeoutSeconds > 0 ? Math.min(timeoutSeconds, maxTimeoutSeconds) : defaultTimeoutSeconds;
    const end = setTimeout(() => out.end(), timeout * 1000);
    const beat = setInterval(bookmark, bookmarkEvery);
    return () => {
      stop();
      clearTimeout(end);
      clearInterval(beat);
    };
  };
  return { code: 200, headers: { 'content-type': 'application/json' }, body };
}

interface Teller {
  tell: (event: StateEvent) => void;
  /** What is there already, as if it had just been added. */
  begin: () => void;
  bookmark: () => void;
  fail: (error: StatusError) => void;
}

/** Writes events in the face that the client asks for. */
function teller(
  { state, resource, version, namespace, matches, options, as, include }: WatchRequest,
  out: Out,
): Teller {
  let first = true;
  const face = (stored: StoredObject): object => {
    const object = state.withOwners(stored);
    if (as === 'object') return whole(resource, version, object);
    if (as !== 'Table') return partialMetadata(object);
    const { resourceVersion } = object.metadata;
    const document = table(resource, version, [object], { resourceVersion }, state.now(), include);
    // Only the first table of a watch names its columns.
    const shown = first ? document : { ...document, columnDefinitions: null };
    first = false;
    return shown;
  };
  const write = (type: string, object: object): void => out.write(`${JSON.stringify({ type, object })}\n`);

  const isHere = (object: StoredObject): boolean =>
    isOfKind(object, resource) && (namespace === undefined || object.metadata.namespace === namespace);
  const tell = ({ type, object, before }: StateEvent): void => {
    if (!isHere(object)) return;
    // To come to be selected is to be added, and to be selected no more is to be deleted.
    const was = before !== undefined && matches(before);
    const is = type !== 'DELETED' && matches(object);
    if (is) write(was ? 'MODIFIED' : 'ADDED', face(object));
    else if (was) write('DELETED', face(object));
  };

  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    if (as === 'Table' || !options.allowWatchBookmarks) return;
    const metadata = {
      ...(annotations === undefined ? {} : { annotations }),
      resourceVersion: state.resourceVersion,
    };
    write('BOOKMARK', {
      ...(as === 'object'
        ? { apiVersion: groupVersion(resource.group, version), kind: resource.kind }
        : { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }),
      metadata,
    });
  };
  return {
    tell,
    begin: () => {
      for (const object of state.list(resource, namespace)) if (matches(object)) write('ADDED', face(object));
      bookmark({ 'k8s.io/initial-events-end': 'true' });
    },
    bookmark: () => bookmark(),
    fail: ({ status }) => {
      write('ERROR', status);
      out.end();
    },
  };
}
