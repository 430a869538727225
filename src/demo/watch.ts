/**
 * A watch: one line of JSON an event, until the client leaves or `timeoutSeconds` are over.
 */
import type { ServerResponse } from 'node:http';
import { partialMetadata, table, whole, type Representation, type RowObject } from './representations.ts';
import { groupVersion, type Resource } from './resources.ts';
import type { Matcher } from './selectors.ts';
import { groupOf, type StoredObject } from './objects.ts';
import { versionOf, type State } from './state.ts';

interface WatchRequest {
  state: State;
  resource: Resource;
  version: string;
  namespace: string | undefined;
  matches: Matcher;
  query: URLSearchParams;
  as: Representation['as'];
  include: RowObject;
  response: ServerResponse;
}

/** A real server chooses between 30 and 60 minutes when the client does not say. */
const defaultTimeoutSeconds = 1800;
const maxTimeoutSeconds = 86_400;
const bookmarkEvery = 60_000;

export function watch({
  state,
  resource,
  version,
  namespace,
  matches,
  query,
  as,
  include,
  response,
}: WatchRequest): void {
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

  const since = query.get('resourceVersion') ?? '';
  const fresh = since === '' || since === '0' || query.get('sendInitialEvents') === 'true';
  const present = state.list(resource, namespace).filter(matches);
  // What a watch from a version has seen before it began: the objects that are older.
  const seen = new Set(present.map(({ metadata }) => metadata.uid));
  for (const object of present) if (fresh || versionOf(object) > Number(since)) write('ADDED', face(object));

  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    if (as === 'Table' || query.get('allowWatchBookmarks') !== 'true') return;
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
  if (fresh) bookmark({ 'k8s.io/initial-events-end': 'true' });

  const stop = state.watch(({ type, object }) => {
    if (object.kind !== resource.kind || groupOf(object.apiVersion) !== resource.group) return;
    if (namespace !== undefined && object.metadata.namespace !== namespace) return;
    const { uid } = object.metadata;
    const known = seen.has(uid);
    if (type !== 'DELETED' && matches(object)) {
      seen.add(uid);
      write(known ? 'MODIFIED' : 'ADDED', face(object));
    } else if (seen.delete(uid)) {
      // Gone, or no longer selected: for this watch it is the same.
      write('DELETED', face(object));
    }
  });
  const asked = Number(query.get('timeoutSeconds') ?? 0);
  const timeout = asked > 0 ? Math.min(asked, maxTimeoutSeconds) : defaultTimeoutSeconds;
  const end = setTimeout(() => response.end(), timeout * 1000);
  const beat = setInterval(bookmark, bookmarkEvery);
  response.once('close', () => {
    stop();
    clearTimeout(end);
    clearInterval(beat);
  });
}
