/** What an API server says beside objects: of itself, of its health, and of what it serves. */
import { mayVisit } from '../access/authorization.ts';
import type { User } from '../access/rbac.ts';
import { configurationPath, keysPath, openIdConfiguration } from '../access/tokens.ts';
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
  { state, tokens, packaged, requests, request }: Call,
  user: User,
  path: string,
  query: URLSearchParams,
): Promise<Reply | ApiAnswer> {
  const verb = request.method.toLowerCase().replace('head', 'get');
  if (!mayVisit(user, state, verb, path)) throw forbiddenPath(user.name, verb, path);
  // Health, numbers and the list of paths are no web services, and take whatever method comes.
  const health = healthReport(path, query);
  if (health !== undefined) return plain(200, health);
  if (path === '/metrics') return plain(200, metrics(state, release, requests()), metricsMedia);
  if (path === '/') return raw(200, rootPaths(state.resources));
  if (verb !== 'get') throw methodNotAllowed();
  if (path === configurationPath || path === keysPath) {
    const headers = { 'cache-control': 'public, max-age=3600' };
    return path === keysPath
      ? { code: 200, media: 'application/jwk-set+json', document: tokens.keySet(), headers }
      : { code: 200, media: 'application/json', document: openIdConfiguration(request.address), headers };
  }
  const accept = header(request, 'accept') ?? '';
  const [root, group, apiVersion, ...more] = path.split('/').filter((segment) => segment !== '');
  const reply = (document: object): Reply => ({ code: 200, media: negotiate(accept, []).media, document });

  if (more.length === 0 && (root === 'api' || root === 'apis')) {
    if (group === undefined) {
      const discovery = aggregatedVersion(accept);
      if (discovery !== undefined) {
        const media = `application/json;g=apidiscovery.k8s.io;v=${discovery};as=APIGroupDiscoveryList`;
        const document = aggregatedDiscovery(state.resources, root === 'api', discovery);
        return { code: 200, media, document };
      }
      return reply(root === 'api' ? apiVersions(request.address) : apiGroupList(state.resources));
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
    const document = await openApiDocument(state.resources, [apiVersion, ...more].join('/'), packaged.schemaOf);
    if (document !== undefined) return reply(document);
  }
  if (path === '/openapi/v2') {
    const { document, protobuf } = await openApiV2(state.resources, packaged.schemaOf);
    if (!wantsProtobuf(accept)) return reply(document);
    return { code: 200, headers: { 'content-type': openApiMedia }, body: protobuf };
  }
  // Written by the server itself, not by a kind: JSON whatever is accepted.
  if (/^\/version\/?$/.test(path)) return raw(200, version);
  throw new NoSuchPath();
}
