/** What an API server says beside objects: of itself, of its health, and of what it serves. */
import { mayVisit } from '../access/authorization.ts';
import type { User } from '../access/rbac.ts';
import { configurationPath, keysPath, openIdConfiguration } from '../access/tokens.ts';
import { publishedSchemas } from '../resources/served-kinds.ts';
import { openApiDocument, openApiIndex } from '../openapi/openapi.ts';
import { openApiMedia, openApiV2, wantsProtobuf } from '../openapi/openapi-v2.ts';
import { negotiate } from '../reads/representations.ts';
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
import type { Call } from './call.ts';
import { header, type ApiAnswer } from './exchange.ts';
import { healthReport } from './health.ts';
import { metrics, metricsMedia } from './metrics.ts';
import { plain, raw, type Reply } from './responses.ts';
import { forbiddenPath, methodNotAllowed, NoSuchPath } from './statuses.ts';
import { release, version } from './version.ts';

export async function servePath(
  call: Call,
  user: User,
  path: string,
  query: URLSearchParams,
): Promise<Reply | ApiAnswer> {
  const { state, requests, request } = call;
  const verb = request.method.toLowerCase().replace('head', 'get');
  if (!mayVisit(user, state, verb, path)) throw forbiddenPath(user.name, verb, path);
  // Health, numbers and the list of paths are no web services, and take whatever method comes.
  const health = healthReport(path, query);
  if (health !== undefined) return plain(200, health);
  if (path === '/metrics') return plain(200, metrics(state, release, requests()), metricsMedia);
  if (path === '/') return raw(200, rootPaths(state.resources));
  if (verb !== 'get') throw methodNotAllowed();
  // Written by the server itself, not by a kind: JSON whatever is accepted.
  if (/^\/version\/?$/.test(path)) return raw(200, version);
  const found = issuerDocument(call, path) ?? (await openApi(call, path)) ?? discovery(call, path);
  if (found === undefined) throw new NoSuchPath();
  return found;
}

const reply = ({ request }: Call, document: object): Reply => ({
  code: 200,
  media: negotiate(header(request, 'accept'), []).media,
  document,
});

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

/** What verifies tokens of ServiceAccounts, for everybody. */
function issuerDocument({ tokens, request }: Call, path: string): Reply | undefined {
  const headers = { 'cache-control': 'public, max-age=3600' };
  if (path === keysPath) return { code: 200, media: 'application/jwk-set+json', document: tokens.keySet(), headers };
  if (path !== configurationPath) return undefined;
  return { code: 200, media: 'application/json', document: openIdConfiguration(request.address), headers };
}

async function openApi(call: Call, path: string): Promise<Reply | ApiAnswer | undefined> {
  const { state, kinds, request } = call;
  const schemaOf = publishedSchemas(kinds());
  const [root, version, ...place] = segmentsOf(path);
  if (root === 'openapi' && version === 'v3') {
    if (place.length === 0) return reply(call, openApiIndex(state.resources));
    const document = await openApiDocument(state.resources, place.join('/'), schemaOf);
    return document && reply(call, document);
  }
  if (path !== '/openapi/v2') return undefined;
  const { document, protobuf } = await openApiV2(state.resources, schemaOf);
  if (!wantsProtobuf(header(request, 'accept') ?? '')) return reply(call, document);
  return { code: 200, headers: { 'content-type': openApiMedia }, body: protobuf };
}

function discovery(call: Call, path: string): Reply | undefined {
  const { resources } = call.state;
  const [root, group, apiVersion, ...more] = segmentsOf(path);
  if (more.length > 0 || (root !== 'api' && root !== 'apis')) return undefined;
  const isCore = root === 'api';
  if (group === undefined) return everything(call, isCore);
  if (isCore) {
    return group === 'v1' && apiVersion === undefined ? reply(call, apiResourceList(resources, '', 'v1')) : undefined;
  }
  if (apiVersion === undefined) {
    const document = apiGroupDocument(resources, group);
    return document && reply(call, document);
  }
  return servesVersion(resources, group, apiVersion)
    ? reply(call, apiResourceList(resources, group, apiVersion))
    : undefined;
}

/** All groups, in one document of everything where a client knows that. */
function everything(call: Call, isCore: boolean): Reply {
  const { state, request } = call;
  const aggregated = aggregatedVersion(header(request, 'accept') ?? '');
  if (aggregated === undefined) {
    return reply(call, isCore ? apiVersions(request.address) : apiGroupList(state.resources));
  }
  const media = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
  return { code: 200, media, document: aggregatedDiscovery(state.resources, isCore, aggregated) };
}
