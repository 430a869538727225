/**
 * An HTTPS server that answers as a Kubernetes API server does, from the demo cluster's memory.
 *
 * It takes reads and writes of `kubectl`, client libraries and informers. Not supported, and answered as stated:
 *
 * | what                                             | answer                                                          |
 * | ------------------------------------------------ | --------------------------------------------------------------- |
 * | attach, port-forward, proxy                      | 400 Upgrade request required; 503 for what is behind a proxy    |
 * | protobuf in an answer but OpenAPI v2's, CBOR     | 406 NotAcceptable unless JSON or YAML is accepted too           |
 * | fields that a patch or YAML has twice            | the last one counts, even strictly                              |
 * | protobuf in a body                               | read for the kinds that kubectl sends so, 400 for others        |
 * | alpha and beta groups                            | 404, and absent from discovery, as where they are not enabled   |
 * | default ClusterRoles of the system's own parts   | absent: a binding to them gives nothing                         |
 * | webhooks, quotas                                 | not evaluated                                                   |
 * | rules of definitions that take very long         | not judged, and the object is taken                             |
 * | approval, ephemeralcontainers, resize            | taken as an update of the object; nobody acts on it             |
 * | binding of pods                                  | 405: nothing else schedules here                                |
 * | the length of grace periods                      | a pod's containers stop, and it goes, within a moment           |
 * | lists and watches of long ago                    | 410 Expired beyond the last thousand changes                    |
 * | times of log lines                               | those that a line names, or that of its pod's start             |
 * | HTTP/2                                           | HTTP/1.1                                                        |
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authenticate } from '../access/authentication.ts';
import { mayAccess, mayVisit } from '../access/authorization.ts';
import type { IssuedCertificate } from './certificates.ts';
import { deleteObject, deleteOptions } from '../writes/deletes.ts';
import {
  aggregatedDiscovery,
  aggregatedVersion,
  apiGroupDocument,
  apiGroupList,
  apiResourceList,
  apiVersions,
  rootPaths,
  servesVersion,
} from '../resources/discovery.ts';
import type { Exec } from './exec.ts';
import { healthReport } from '../http/health.ts';
import { metrics, metricsMedia } from '../http/metrics.ts';
import { openApiDocument, openApiIndex } from '../openapi/openapi.ts';
import { openApiMedia, openApiV2, wantsProtobuf } from '../openapi/openapi-v2.ts';
import type { User } from '../access/rbac.ts';
import { isTrue } from '../reads/list-options.ts';
import { read, selection } from '../reads/reads.ts';
import { checkRoute, listItem, negotiate } from '../reads/representations.ts';
import {
  managerOf,
  mediaTypeOf,
  parseObject,
  parseTarget,
  readBody,
  type Body,
  type Target,
} from '../http/requests.ts';
import { groupVersion, isStored, subresource, verbsOf, type Resource } from '../resources/resources.ts';
import { mark, send, sendBytes, sendRaw, sendStatus, sendText, warn } from '../http/responses.ts';
import { answerReview, isReview } from '../access/reviews.ts';
import { selectedName } from '../reads/selectors.ts';
import type { State } from '../state/state.ts';
import {
  badRequest,
  forbidden,
  forbiddenPath,
  methodNotAllowed,
  NoSuchPath,
  noSuchResource,
  notFound,
  StatusError,
  unreachable,
  verbNotSupported,
} from '../http/statuses.ts';
import { configurationPath, keysPath, openIdConfiguration, Tokens } from '../access/tokens.ts';
import type { Trouble } from './trouble.ts';
import { create, patch, update, type Write } from '../writes/writes.ts';

const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '$Format:%H$',
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
  const tokens = new Tokens(state);
  const handle = trouble.before(
    (request, response) => void answer({ state, users, tokens, requests, request, response }),
  );
  const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    requests += 1;
    handle(request, response);
  });
  await trouble.attach(server);
  server.on('upgrade', (request, socket, head) => {
    requests += 1;
    exec.upgrade(request, socket, head, () => authenticate(request, { users, state, tokens }));
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
  tokens: Tokens;
  /** How many there have been. */
  requests: number;
  request: IncomingMessage;
  response: ServerResponse;
}

async function answer(call: Call): Promise<void> {
  const { response } = call;
  try {
    mark(response);
    await route(call);
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
    } else if (error instanceof NoSuchPath) {
      sendText(response, 404, '404 page not found\n');
    } else {
      sendStatus(response, error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error)));
    }
  }
}

async function route(call: Call): Promise<void> {
  const { request } = call;
  const user = authenticate(request, call);
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const target = parseTarget(path);
  const options = new URLSearchParams(query);
  if (target === undefined) return servePath(call, user, path, options);
  return serveResource(call, user, options, target);
}

async function servePath(call: Call, user: User, path: string, query: URLSearchParams): Promise<void> {
  const { state, tokens, request, response } = call;
  const verb = (request.method ?? 'GET').toLowerCase().replace('head', 'get');
  if (!mayVisit(user, state, verb, path)) throw forbiddenPath(user.name, verb, path);
  // Health, numbers and the list of paths are no web services, and take whatever method comes.
  const health = healthReport(path, query);
  if (health !== undefined) return sendText(response, 200, health);
  if (path === '/metrics')
    return sendText(response, 200, metrics(state, version.gitVersion, call.requests), metricsMedia);
  if (path === '/') return sendRaw(response, 200, 'application/json', rootPaths(state.resources));
  if (verb !== 'get') throw methodNotAllowed();
  const address = `127.0.0.1:${request.socket.localPort ?? ''}`;
  if (path === configurationPath || path === keysPath) {
    response.setHeader('cache-control', 'public, max-age=3600');
    return path === keysPath
      ? send(response, 200, 'application/jwk-set+json', tokens.keySet())
      : send(response, 200, 'application/json', openIdConfiguration(address));
  }
  const accept = request.headers.accept ?? '';
  const [root, group, apiVersion, ...more] = path.split('/').filter((segment) => segment !== '');
  const reply = (document: object): void => send(response, 200, negotiate(accept, []).media, document);

  if (more.length === 0 && (root === 'api' || root === 'apis')) {
    if (group === undefined) {
      const discovery = aggregatedVersion(accept);
      if (discovery !== undefined) {
        const media = `application/json;g=apidiscovery.k8s.io;v=${discovery};as=APIGroupDiscoveryList`;
        return send(response, 200, media, aggregatedDiscovery(state.resources, root === 'api', discovery));
      }
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
  if (root === 'openapi' && group === 'v3') {
    if (apiVersion === undefined) return reply(openApiIndex(state.resources));
    const document = await openApiDocument(state.resources, [apiVersion, ...more].join('/'));
    if (document !== undefined) return reply(document);
  }
  if (path === '/openapi/v2') {
    const { document, protobuf } = await openApiV2(state.resources);
    return wantsProtobuf(accept) ? sendBytes(response, 200, openApiMedia, protobuf) : reply(document);
  }
  // Written by the server itself, not by a kind: JSON whatever is accepted.
  if (/^\/version\/?$/.test(path)) return sendRaw(response, 200, 'application/json', version);
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

async function serveResource(call: Call, user: User, query: URLSearchParams, target: Target): Promise<void> {
  const { state, users, tokens, request, response } = call;
  const { accept } = request.headers;
  const [one, many] = verbs[request.method ?? ''] ?? ['', ''];
  const watches = target.isWatch || (many === 'list' && target.name === '' && isTrue(query.get('watch')));
  const verb = watches ? 'watch' : target.name === '' ? many : one;
  const name = target.name === '' ? selectedName(query.get('fieldSelector') ?? '') : target.name;

  const attempt = { ...target, verb, user: user.name };
  if (!mayAccess(user, state, { ...attempt, name })) throw forbidden(attempt);
  const resource = findResource(state, target, verb);
  checkVerb(resource, target, verb);
  checkRoute(accept, resource);
  const manager = managerOf(query, request.headers['user-agent']);
  const asked = target.subresource === 'token' ? 'TokenRequest' : resource.kind;
  if (verb === 'create' && isReview(asked)) {
    const { media } = negotiate(accept, []);
    const review = parseObject(await bodyOf(request), { kind: asked, custom: false });
    return send(response, 201, media, answerReview(asked, review, { ...target, user, users, state, tokens, manager }));
  }
  if (connections.includes(target.subresource)) throw unconnected(state, resource, target);
  if (verb === 'get' || verb === 'list' || verb === 'watch') {
    return read(verb, { state, resource, target, query, accept, response });
  }
  const { media } = negotiate(accept, []);
  const write: Write = { state, resource, target, query, body: await bodyOf(request), manager };
  const { code, document, warnings = [] } = await serveWrite(verb, write);
  warn(response, warnings);
  send(response, code, media, document);
}

const bodyOf = async (request: IncomingMessage): Promise<Body> => ({
  bytes: await readBody(request),
  media: mediaTypeOf(request),
});

/** Subresources that lead to a container or a port, and so leave HTTP behind, or this server. */
const connections: readonly string[] = ['attach', 'exec', 'portforward', 'proxy'];

/** What an API server answers that cannot get there. */
function unconnected(state: State, resource: Resource, { namespace, name, subresource: part }: Target): StatusError {
  const id = name.replace(/^https?:/, '').split(':')[0] ?? '';
  const place = resource.namespaced ? namespace : undefined;
  if (state.get(resource, place, part === 'proxy' ? id : name) === undefined) return notFound(resource, id);
  return part === 'proxy' ? unreachable(`${id}.${namespace || 'nodes'}`) : badRequest('Upgrade request required');
}

interface Served {
  code: number;
  document: object;
  warnings?: readonly string[];
}

async function serveWrite(verb: string, write: Write): Promise<Served> {
  const { state, resource, target, query, body } = write;
  switch (verb) {
    case 'create':
      if (!isStored(resource)) throw methodNotAllowed();
      return target.subresource === 'eviction' ? evict(write) : create(write);
    case 'update':
      return update(write);
    case 'patch':
      return patch(write);
  }
  const place = resource.namespaced && target.namespace !== '' ? target.namespace : undefined;
  const deletion = { state, resource, version: target.version, options: deleteOptions(body, query) };
  if (verb === 'delete') {
    const object = state.get(resource, place, target.name);
    if (object === undefined) throw notFound(resource, target.name);
    return { code: 200, document: deleteObject(object, deletion) };
  }
  const matches = selection(resource, '', query) ?? (() => true);
  const items = state.list(resource, place).filter(matches);
  items.forEach((object) => deleteObject(object, deletion));
  const document = {
    kind: `${resource.kind}List`,
    apiVersion: groupVersion(resource.group, target.version),
    metadata: { resourceVersion: state.resourceVersion },
    items: items.map((item) => listItem(resource, target.version, item)),
  };
  return { code: 200, document };
}

/** `kubectl drain` asks politely: the pod goes, for nothing here would be disrupted too much. */
function evict({ state, resource, target, query, body }: Write): Served {
  const pod = state.get(resource, target.namespace, target.name);
  if (pod === undefined) throw notFound(resource, target.name);
  const options = deleteOptions({ ...body, bytes: Buffer.alloc(0) }, query);
  deleteObject(pod, { state, resource, version: target.version, options });
  return { code: 201, document: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** @throws a plain 404 where the group's kinds come from definitions, a Status under the built-in groups. */
function findResource(state: State, target: Target, verb: string): Resource {
  const ofVersion = state.resources.filter(
    ({ group, versions }) => group === target.group && versions.includes(target.version),
  );
  const builtin = ofVersion.some(({ custom }) => !custom);
  const missing = builtin ? noSuchResource() : new NoSuchPath();
  const resource = ofVersion.find(({ plural }) => plural === target.resource);
  if (resource === undefined) throw missing;
  const isPlaced = target.namespace !== '' && resource.kind !== 'Namespace';
  if (isPlaced && !resource.namespaced) throw missing;
  if (!isPlaced && resource.namespaced && verb !== 'list' && verb !== 'watch') {
    // There is a list of all namespaces' objects at this path, and nothing else.
    throw builtin && target.name === '' ? methodNotAllowed() : missing;
  }
  if (target.subresource === '' || resource.subresources.includes(target.subresource)) return resource;
  throw resource.custom ? notFound(resource, target.name) : missing;
}

/** @throws StatusError for what cannot be done to this. */
function checkVerb(resource: Resource, { name, subresource: part }: Target, verb: string): void {
  const isNameless = name === '' && (verb === 'update' || verb === 'patch');
  if (isNameless && resource.custom) throw badRequest('name must be provided');
  const known = part === '' ? verbsOf(resource) : subresource(resource, part).verbs;
  if (isNameless || !known.includes(verb))
    throw resource.custom ? verbNotSupported(resource, verb) : methodNotAllowed();
}
