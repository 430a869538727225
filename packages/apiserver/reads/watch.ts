/**
 * A watch: one line of JSON an event, until the client leaves or `timeoutSeconds` are over.
 */
import type { ServerResponse } from 'node:http';
import { parseVersion, type ListOptions } from './list-options.ts';
import { partialMetadata, table, whole, type Representation, type RowObject } from './representations.ts';
import { groupVersion, type Resource } from '../resources/resources.ts';
import type { Matcher } from './selectors.ts';
import type { StoredObject } from '../objects/object.ts';
import { isOfKind, type State, type StateEvent } from '../state/state.ts';
import { expired, notAcceptable } from '../http/statuses.ts';

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
  response: ServerResponse;
}

/** A real server chooses between 30 and 60 minutes when the client does not say. */
const defaultTimeoutSeconds = 1800;
const maxTimeoutSeconds = 86_400;
const bookmarkEvery = 60_000;
const streamable = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

export function watch({
  state,
  resource,
  version,
  namespace,
  matches,
  options,
  media,
  as,
  include,
  response,
}: WatchRequest): void {
  const { resourceVersion: since, sendInitialEvents, allowWatchBookmarks, timeoutSeconds } = options;
  const isFresh = sendInitialEvents ?? (since === '' || since === '0');
  const from = since === '' ? Number(state.resourceVersion) : parseVersion(since);
  if (media === 'application/yaml') throw notAcceptable(streamable);
  response.writeHead(200, { 'content-type': 'application/json' });
  // A client waits for the head of the answer, whether or not there is an event yet.
  response.flushHeaders();
  let first = true;
  const face = (object: StoredObject): object => {
    if (as === 'object') return whole(resource, version, object);
    if (as !== 'Table') return partialMetadata(object);
    const { resourceVersion } = object.metadata;
    const document = table(resource, version, [object], { resourceVersion }, state.now(), include);
    // Only the first table of a watch names its columns.
    const shown = first ? document : { ...document, columnDefinitions: null };
    first = false;
    return shown;
  };
  const write = (type: string, object: object): void => void response.write(`${JSON.stringify({ type, object })}\n`);

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
    if (as === 'Table' || !allowWatchBookmarks) return;
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
  if (isFresh) {
    for (const object of state.list(resource, namespace)) if (matches(object)) write('ADDED', face(object));
    bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else {
    const missed = state.since(from);
    if (missed === undefined) {
      write('ERROR', expired(since, state.oldestVersion).status);
      response.end();
      return;
    }
    missed.forEach(tell);
  }

  const stop = state.watch(tell);
  const timeout = timeoutSeconds > 0 ? Math.min(timeoutSeconds, maxTimeoutSeconds) : defaultTimeoutSeconds;
  const end = setTimeout(() => response.end(), timeout * 1000);
  const beat = setInterval(bookmark, bookmarkEvery);
  response.once('close', () => {
    stop();
    clearTimeout(end);
    clearInterval(beat);
  });
}
