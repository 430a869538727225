/** What is asked of objects: which kind, which verb, whether that may be, and who answers. */
import type { Kinds } from '../../../src/kinds/kind.ts';
import { mayAccess } from '../access/authorization.ts';
import type { User } from '../access/rbac.ts';
import { answerReview, isReview } from '../access/reviews.ts';
import { isTrue } from '../reads/list-options.ts';
import { read, selection } from '../reads/reads.ts';
import { checkRoute, listItem, negotiate } from '../reads/representations.ts';
import { selectedName } from '../reads/selectors.ts';
import { described } from '../resources/described.ts';
import { groupVersion, isStored, verbsOf, type Resource } from '../resources/resources.ts';
import { subresource } from '../resources/subresources.ts';
import type { State } from '../state/state.ts';
import { deleteObject, deleteOptions } from '../writes/deletes.ts';
import { create, patch, update } from '../writes/writes.ts';
import type { Write } from '../writes/write.ts';
import type { Call } from './call.ts';
import { header, type ApiAnswer, type ApiRequest } from './exchange.ts';
import { managerOf, mediaTypeOf, parseObject, readBody, type Body, type Target } from './requests.ts';
import { advice, isReply, type Reply } from './responses.ts';
import {
  badRequest,
  forbidden,
  methodNotAllowed,
  NoSuchPath,
  noSuchResource,
  notFound,
  unreachable,
  verbNotSupported,
  type StatusError,
} from './statuses.ts';

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

export async function serveResource(
  { state, kinds, users, tokens, request }: Call,
  user: User,
  query: URLSearchParams,
  target: Target,
): Promise<Reply | ApiAnswer> {
  const accept = header(request, 'accept');
  const [one, many] = verbs[request.method] ?? ['', ''];
  const watches = target.isWatch || (many === 'list' && target.name === '' && isTrue(query.get('watch')));
  const verb = watches ? 'watch' : target.name === '' ? many : one;
  const name = target.name === '' ? selectedName(query.get('fieldSelector') ?? '') : target.name;

  const attempt = { ...target, verb, user: user.name };
  if (!mayAccess(user, state, { ...attempt, name })) throw forbidden(attempt);
  const resource = findResource(state, target, verb);
  checkVerb(resource, target, verb);
  checkRoute(accept, resource);
  const manager = managerOf(query, header(request, 'user-agent'));
  const asked = target.subresource === 'token' ? 'TokenRequest' : resource.kind;
  if (verb === 'create' && isReview(asked)) {
    const { media } = negotiate(accept, []);
    const review = parseObject(await bodyOf(request), { kind: asked, custom: false });
    const document = answerReview(asked, review, { ...target, user, users, state, tokens, manager });
    return { code: 201, media, document };
  }
  if (connections.includes(target.subresource)) throw unconnected(state, resource, target);
  if (verb === 'get' || verb === 'list' || verb === 'watch') {
    const found = read(verb, { state, resource, target, query, accept });
    return isReply(found) ? { ...found, document: await shown(found.document, resource, kinds()) } : found;
  }
  const { media } = negotiate(accept, []);
  const write: Write = { state, kinds: kinds(), resource, target, query, body: await bodyOf(request), manager };
  const { code, document, warnings = [] } = await serveWrite(verb, write);
  return { code, media, document: await shown(document, resource, kinds()), headers: advice(warnings) };
}

/** Definitions with what they leave to others; anything else as it stands. */
const shown = (document: object, { kind, custom }: Resource, kinds: Kinds): Promise<object> =>
  kind === 'CustomResourceDefinition' && !custom ? described(document, kinds) : Promise.resolve(document);

const bodyOf = async (request: ApiRequest): Promise<Body> => ({
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
    items: items.map((item) => listItem(resource, target.version, state.withOwners(item))),
  };
  return { code: 200, document };
}

/** `kubectl drain` asks politely: the pod goes, for nothing here would be disrupted too much. */
function evict({ state, resource, target, query, body }: Write): Served {
  const pod = state.get(resource, target.namespace, target.name);
  if (pod === undefined) throw notFound(resource, target.name);
  const options = deleteOptions({ ...body, bytes: new Uint8Array() }, query);
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
