/**
 * An HTTPS server that answers as a Kubernetes API server does, from the demo cluster's memory.
 *
 * It is meant for clients that read: `kubectl get`, `describe`, `logs`, `auth can-i`, `api-resources`, client libraries,
 * informers. Not supported, and answered as stated:
 *
 * | what                                             | answer                                                          |
 * | ------------------------------------------------ | --------------------------------------------------------------- |
 * | create, update, patch, delete                    | 405 MethodNotAllowed for who may, 403 for who may not           |
 * | exec                                             | over WebSocket, with a few programs: see exec.ts                |
 * | attach, port-forward, proxy, scale               | 404 (400 for an upgrade), and absent from discovery             |
 * | protobuf, CBOR                                   | 406 NotAcceptable unless JSON or YAML is accepted too           |
 * | protobuf in the body of a review                 | read, for `kubectl auth` sends nothing else                     |
 * | OpenAPI documents (`kubectl explain`)            | 404                                                             |
 * | events.k8s.io and the lesser built-in groups     | 404, and absent from discovery                                  |
 * | SubjectAccessReview, TokenReview, TokenRequest   | 404, and absent from discovery                                  |
 * | the past: lists and watches at an older version  | the present; a watch replays as ADDED what is newer             |
 * | logs' sinceSeconds, sinceTime, timestamps        | ignored                                                         |
 * | HTTP/2, compression, pretty-printing             | HTTP/1.1, plain, compact                                        |
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IssuedCertificate } from './certificates.ts';
import {
  aggregatedDiscovery,
  apiGroupDocument,
  apiGroupList,
  apiResourceList,
  apiVersions,
  servesVersion,
} from './discovery.ts';
import type { Exec } from './exec.ts';
import { podLog } from './logs.ts';
import { anonymous, mayAccess, mayVisit, type User } from './rbac.ts';
import { encode, listItem, negotiate, partialMetadata, table, whole, type RowObject } from './representations.ts';
import { groupVersion, type Resource } from './resources.ts';
import { answerReview, isReview } from './reviews.ts';
import { fieldSelector, labelSelector, selectedName } from './selectors.ts';
import type { State } from './state.ts';
import {
  badRequest,
  forbidden,
  forbiddenPath,
  methodNotAllowed,
  NoSuchPath,
  noSuchResource,
  notFound,
  StatusError,
  unauthorized,
  verbNotSupported,
} from './statuses.ts';
import type { Trouble } from './trouble.ts';
import { watch } from './watch.ts';

const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

export interface ApiServer {
  port: number;
  requests: () => number;
  close: () => Promise<void>;
}

export async function startApiServer(
  state: State,
  users: readonly User[],
  { cert, key }: IssuedCertificate,
  { port, trouble, exec }: { port: number; trouble: Trouble; exec: Exec },
): Promise<ApiServer> {
  let requests = 0;
  const handle = trouble.before((request, response) => void answer({ state, users, request, response }));
  const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    requests += 1;
    handle(request, response);
  });
  await trouble.attach(server);
  server.on('upgrade', (request, socket, head) => {
    requests += 1;
    exec.upgrade(request, socket, head, () => authenticate(request, users));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        exec.close();
      }),
  };
}

interface Call {
  state: State;
  users: readonly User[];
  request: IncomingMessage;
  response: ServerResponse;
}

/** What a request is about: a path of the API server itself, or resources. */
interface Target {
  group: string;
  version: string;
  /** Empty in all namespaces and for kinds without one. */
  namespace: string;
  resource: string;
  name: string;
  subresource: string;
}

async function answer(call: Call): Promise<void> {
  const { response } = call;
  try {
    response.setHeader('cache-control', 'no-cache, private');
    await route(call);
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
    } else if (error instanceof NoSuchPath) {
      sendText(response, 404, '404 page not found\n');
    } else {
      const failure = error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error));
      send(response, failure.status.code, 'application/json', failure.status);
    }
  }
}

async function route(call: Call): Promise<void> {
  const { request, users } = call;
  const user = authenticate(request, users);
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const target = parseTarget(path);
  if (target === undefined) return servePath(call, user, path);
  return serveResource(call, user, new URLSearchParams(query), target);
}

/** @throws StatusError 401 for a token that nobody has; no token at all is the anonymous user. */
function authenticate({ headers }: IncomingMessage, users: readonly User[]): User {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return anonymous;
  const user = users.find((candidate) => candidate.token === token);
  if (user === undefined) throw unauthorized();
  return user;
}

/** `/api/v1/...` and `/apis/GROUP/VERSION/...` with a resource; undefined for every other path. */
function parseTarget(path: string): Target | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const [root, ...rest] = segments;
  if (root !== 'api' && root !== 'apis') return undefined;
  const [group = '', apiVersion = '', ...parts] = root === 'api' ? ['', ...rest] : rest;
  const [first, second, ...others] = parts;
  if (first === undefined) return undefined;
  // A namespace is a resource itself, and the place of others: `namespaces/docs/status` is its own.
  const placed = first === 'namespaces' && second !== undefined && others[0] !== undefined && others[0] !== 'status';
  const [resource = '', name = '', subresource = ''] = placed ? others : parts;
  const namespace = placed || (first === 'namespaces' && second !== undefined) ? second : '';
  return { group, version: apiVersion, namespace, resource, name, subresource };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in "${segment}"`);
  }
}

function servePath({ state, request, response }: Call, user: User, path: string): void {
  const verb = (request.method ?? 'GET').toLowerCase().replace('head', 'get');
  if (!mayVisit(user, verb, path)) throw forbiddenPath(user.name, verb, path);
  if (verb !== 'get') throw methodNotAllowed();
  const accept = request.headers.accept ?? '';
  const [root, group, apiVersion, more] = path.split('/').filter((segment) => segment !== '');
  const reply = (document: object): void => send(response, 200, negotiate(accept, []).media, document);

  if (more === undefined && (root === 'api' || root === 'apis')) {
    if (group === undefined) {
      if (accept.includes('as=APIGroupDiscoveryList') && accept.includes('v=v2;')) {
        const media = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
        return send(response, 200, media, aggregatedDiscovery(state.resources, root === 'api'));
      }
      const address = `127.0.0.1:${request.socket.localPort ?? ''}`;
      return reply(root === 'api' ? apiVersions(address) : apiGroupList(state.resources));
    }
    if (root === 'api' && apiVersion === undefined && group === 'v1') {
      return reply(apiResourceList(state.resources, '', 'v1'));
    }
    if (root === 'apis' && apiVersion === undefined) {
      const document = apiGroupDocument(state.resources, group);
      if (document !== undefined) return reply(document);
    }
    if (root === 'apis' && apiVersion !== undefined && servesVersion(state.resources, group, apiVersion)) {
      return reply(apiResourceList(state.resources, group, apiVersion));
    }
  }
  if (/^\/(healthz|livez|readyz)(\/ping)?$/.test(path)) return sendText(response, 200, 'ok');
  if (/^\/version\/?$/.test(path)) return reply(version);
  throw new NoSuchPath();
}

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

const isTrue = (value: string | null): boolean => value === 'true' || value === '1' || value === '';

async function serveResource(call: Call, user: User, query: URLSearchParams, target: Target): Promise<void> {
  const { state, request, response } = call;
  const [one, many] = verbs[request.method ?? ''] ?? ['', ''];
  const watches = many === 'list' && target.subresource === '' && query.has('watch') && isTrue(query.get('watch'));
  const verb = watches ? 'watch' : target.name === '' ? many : one;
  const name = target.name === '' ? selectedName(query.get('fieldSelector') ?? '') : target.name;

  const attempt = { ...target, verb, user: user.name };
  if (!mayAccess(user, { ...attempt, name })) throw forbidden(attempt);
  if (verb === 'create' && isReview(target)) {
    const document = answerReview(target.resource, await readBody(request), user, state.now());
    return send(response, 201, 'application/json', document);
  }

  if (target.resource === 'pods' && target.subresource === 'exec') throw badRequest('Upgrade request required');
  const resource = findResource(state, target);
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') throw refusal(resource, verb, target.name);
  if (target.subresource === 'log') return podLog(state, resource, target, query, response);

  const { namespace } = target;
  // Namespaces are asked for by name, not looked up inside themselves.
  const place = resource.namespaced && namespace !== '' ? namespace : undefined;
  const accept = request.headers.accept;
  const include = rowObject(query.get('includeObject'));
  const object = target.name === '' ? undefined : state.get(resource, place, target.name);

  if (verb === 'get') {
    if (object === undefined) throw notFound(resource, target.name);
    const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
    const document =
      as === 'Table'
        ? table(
            resource,
            target.version,
            [object],
            { resourceVersion: object.metadata.resourceVersion },
            state.now(),
            include,
          )
        : as === 'PartialObjectMetadata'
          ? partialMetadata(object)
          : whole(resource, target.version, object);
    return send(response, 200, media, document);
  }

  const matchesLabels = labelSelector(query.get('labelSelector') ?? '');
  const matchesFields = fieldSelector(query.get('fieldSelector') ?? '', resource);
  const matches = (candidate: Parameters<typeof matchesLabels>[0]): boolean =>
    matchesLabels(candidate) &&
    matchesFields(candidate) &&
    (target.name === '' || candidate.metadata.name === target.name);

  if (verb === 'watch') {
    const { as } = negotiate(accept, ['Table', 'PartialObjectMetadata']);
    return watch({ state, resource, version: target.version, namespace: place, matches, query, as, include, response });
  }

  const { media, as } = negotiate(accept, ['Table', 'PartialObjectMetadataList']);
  const all = state.list(resource, place).filter(matches);
  const selective = query.has('labelSelector') || query.has('fieldSelector');
  const { items, next, remaining } = page(all, query, state.resourceVersion);
  const more = {
    ...(next === '' && !(resource.custom && as === 'object') ? {} : { continue: next }),
    ...(remaining === 0 || selective ? {} : { remainingItemCount: remaining }),
  };
  const typed = { resourceVersion: state.resourceVersion, ...more };
  if (as === 'Table') {
    return send(response, 200, media, table(resource, target.version, items, typed, state.now(), include));
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

/** @throws a plain 404 where the group's kinds come from definitions, a Status under the built-in groups. */
function findResource(state: State, target: Target): Resource {
  const ofVersion = state.resources.filter(
    ({ group, versions }) => group === target.group && versions.includes(target.version),
  );
  const resource = ofVersion.find(({ plural }) => plural === target.resource);
  if (resource !== undefined && (target.subresource === '' || resource.subresources.includes(target.subresource))) {
    if (target.namespace === '' || resource.namespaced || resource.kind === 'Namespace') return resource;
  }
  const builtin = ofVersion.some(({ custom }) => !custom);
  throw builtin ? noSuchResource() : new NoSuchPath();
}

/** The demo does not write. What an API server says to a verb that a kind does not have is what it says to all of these. */
function refusal(resource: Resource, verb: string, name: string): StatusError {
  if (!resource.custom) return methodNotAllowed();
  if (name === '' && (verb === 'update' || verb === 'patch')) return badRequest('name must be provided');
  return verbNotSupported(resource, verb);
}

const rowObject = (value: string | null): RowObject => (value === 'None' || value === 'Object' ? value : 'Metadata');

/** One page of a list: `limit` objects after the one that `continue` names. */
function page<T extends { metadata: { name: string; namespace?: string } }>(
  all: readonly T[],
  query: URLSearchParams,
  resourceVersion: string,
): { items: readonly T[]; next: string; remaining: number } {
  const limit = Number(query.get('limit') ?? 0);
  const after = parseContinue(query.get('continue') ?? '');
  const rest = all.filter((item) => after === undefined || listKey(item) > after);
  if (!(limit > 0) || rest.length <= limit) return { items: rest, next: '', remaining: 0 };
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const start = `${last === undefined ? '' : listKey(last)}\u0000`;
  const token = JSON.stringify({ v: 'meta.k8s.io/v1', rv: Number(resourceVersion), start }).replaceAll(
    '\u0000',
    '\\u0000',
  );
  return { items, next: Buffer.from(token).toString('base64url'), remaining: rest.length - limit };
}

const listKey = ({ metadata }: { metadata: { name: string; namespace?: string } }): string =>
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

const maxBody = 1_000_000;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new StatusError(413, 'RequestEntityTooLarge', `limit is ${maxBody}`, {});
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, code: number, media: string, document: object): void {
  const body = encode(media === 'application/yaml' ? media : 'application/json', document);
  response.writeHead(code, { 'content-type': media, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(body);
}
