/**
 * An HTTPS server that answers as a Kubernetes API server does, from the demo cluster's memory.
 *
 * It takes reads and writes of `kubectl`, client libraries and informers. Not supported, and answered as stated:
 *
 * | what                                             | answer                                                          |
 * | ------------------------------------------------ | --------------------------------------------------------------- |
 * | attach, port-forward, proxy                      | 404 (400 for an upgrade), and absent from discovery             |
 * | protobuf in an answer but OpenAPI v2's, CBOR     | 406 NotAcceptable unless JSON or YAML is accepted too           |
 * | fields that a patch or YAML has twice            | the last one counts, even strictly                              |
 * | protobuf in a body                               | read for the kinds that kubectl sends so, 400 for others        |
 * | events.k8s.io, autoscaling/v1, lesser groups     | 404, and absent from discovery                                  |
 * | SubjectAccessReview, TokenReview, TokenRequest   | 404, and absent from discovery                                  |
 * | default ClusterRoles of the system's own parts   | absent: a binding to them gives nothing                         |
 * | webhooks, quotas, CEL rules of definitions       | not evaluated; a schema's types, enums and patterns are         |
 * | schemas of definitions that a client creates     | not evaluated: objects of their kinds are stored as they come   |
 * | the length of grace periods                      | a pod's containers stop, and it goes, within a moment           |
 * | lists at an older version                        | the present                                                     |
 * | logs' sinceSeconds, sinceTime, timestamps        | ignored                                                         |
 * | HTTP/2, compression, pretty-printing             | HTTP/1.1, plain, compact                                        |
 */
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authenticate } from './authentication.ts';
import { mayAccess, mayVisit } from './authorization.ts';
import type { IssuedCertificate } from '../network/certificates.ts';
import { deleteObject, deleteOptions } from './deletes.ts';
import {
  aggregatedDiscovery,
  apiGroupDocument,
  apiGroupList,
  apiResourceList,
  apiVersions,
  servesVersion,
} from './discovery.ts';
import type { Exec } from '../exec/exec.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { openApiMedia, openApiV2, wantsProtobuf } from './openapi-v2.ts';
import type { User } from './rbac.ts';
import { read, selection } from './reads.ts';
import { listItem, negotiate } from './representations.ts';
import { isTrue, managerOf, mediaTypeOf, parseTarget, readBody, type Target } from './requests.ts';
import { groupVersion, subresource, type Resource } from '../resources.ts';
import { send, sendBytes, sendText, warn } from './responses.ts';
import { answerReview, isReview } from './reviews.ts';
import { selectedName } from './selectors.ts';
import type { State } from '../state.ts';
import {
  badRequest,
  forbidden,
  forbiddenPath,
  methodNotAllowed,
  NoSuchPath,
  noSuchResource,
  notFound,
  StatusError,
  verbNotSupported,
} from './statuses.ts';
import type { Trouble } from './trouble.ts';
import { create, patch, update, type Write } from './writes.ts';

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
    exec.upgrade(request, socket, head, () => authenticate(request, users, state));
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
  const { request, users, state } = call;
  const user = authenticate(request, users, state);
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const target = parseTarget(path);
  if (target === undefined) return servePath(call, user, path);
  return serveResource(call, user, new URLSearchParams(query), target);
}

async function servePath({ state, request, response }: Call, user: User, path: string): Promise<void> {
  const verb = (request.method ?? 'GET').toLowerCase().replace('head', 'get');
  if (!mayVisit(user, state, verb, path)) throw forbiddenPath(user.name, verb, path);
  if (verb !== 'get') throw methodNotAllowed();
  const accept = request.headers.accept ?? '';
  const [root, group, apiVersion, ...more] = path.split('/').filter((segment) => segment !== '');
  const reply = (document: object): void => send(response, 200, negotiate(accept, []).media, document);

  if (more.length === 0 && (root === 'api' || root === 'apis')) {
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
  if (root === 'openapi' && group === 'v3') {
    if (apiVersion === undefined) return reply(openApiIndex(state.resources));
    const document = await openApiDocument(state.resources, [apiVersion, ...more].join('/'));
    if (document !== undefined) return reply(document);
  }
  if (path === '/openapi/v2') {
    const { document, protobuf } = await openApiV2(state.resources);
    return wantsProtobuf(accept) ? sendBytes(response, 200, openApiMedia, protobuf) : reply(document);
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

async function serveResource(call: Call, user: User, query: URLSearchParams, target: Target): Promise<void> {
  const { state, request, response } = call;
  const [one, many] = verbs[request.method ?? ''] ?? ['', ''];
  const watches = many === 'list' && target.subresource === '' && query.has('watch') && isTrue(query.get('watch'));
  const verb = watches ? 'watch' : target.name === '' ? many : one;
  const name = target.name === '' ? selectedName(query.get('fieldSelector') ?? '') : target.name;

  const attempt = { ...target, verb, user: user.name };
  if (!mayAccess(user, state, { ...attempt, name })) throw forbidden(attempt);
  if (verb === 'create' && isReview(target)) {
    const manager = managerOf(query, request.headers['user-agent']);
    const document = answerReview(target.resource, await readBody(request), { user, state, manager });
    return send(response, 201, 'application/json', document);
  }

  if (target.resource === 'pods' && target.subresource === 'exec') throw badRequest('Upgrade request required');
  const resource = findResource(state, target);
  if (verb === 'get' || verb === 'list' || verb === 'watch') {
    return read(verb, { state, resource, target, query, accept: request.headers.accept, response });
  }
  checkVerb(resource, target, verb);
  const { media } = negotiate(request.headers.accept, []);
  const body = { bytes: await readBody(request), media: mediaTypeOf(request) };
  const manager = managerOf(query, request.headers['user-agent']);
  const write: Write = { state, resource, target, query, body, manager };
  const { code, document, warnings = [] } = await serveWrite(verb, write);
  warn(response, warnings);
  send(response, code, media, document);
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

/** @throws StatusError for what cannot be done to this. */
function checkVerb(resource: Resource, { name, subresource: part }: Target, verb: string): void {
  const isNameless = name === '' && (verb === 'update' || verb === 'patch');
  if (isNameless && resource.custom) throw badRequest('name must be provided');
  const isKnown = verb !== '' && (part === '' || subresource(part).verbs.includes(verb));
  if (isNameless || !isKnown) throw resource.custom ? verbNotSupported(resource, verb) : methodNotAllowed();
}
