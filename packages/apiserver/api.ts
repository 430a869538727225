/**
 * Answers as a Kubernetes API server does, from what a state holds.
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
 * | structures that definitions leave to what is known   | shown in them to who reads or lists them, not to who watches    |
 * | HTTP/2                                           | HTTP/1.1                                                        |
 */
import { authenticate } from './access/authentication.ts';
import type { User } from './access/rbac.ts';
import { noSigner, Tokens, type Signer } from './access/tokens.ts';
import type { ApiAnswer, ApiRequest } from './http/exchange.ts';
import type { Call } from './http/call.ts';
import { serveResource } from './http/objects.ts';
import { servePath } from './http/paths.ts';
import { parseTarget } from './http/requests.ts';
import { isReply, marks, plain, refusal, written, type Reply } from './http/responses.ts';
import { NoSuchPath, StatusError } from './http/statuses.ts';
import { firstOf, type Kinds } from '../../src/kinds/kind.ts';
import { servedKinds } from './resources/served-kinds.ts';
import type { State } from './state/state.ts';

export interface ApiOptions {
  state: State;
  /** Who has a token; everybody else is anonymous, or a ServiceAccount. */
  users: readonly User[];
  /** By what objects are validated and filled in, and what OpenAPI tells, where no definition says it: nothing when left out. */
  packaged?: Kinds;
  /** Signs tokens of ServiceAccounts. */
  signer?: Signer;
  /** How many requests there have been, for `/metrics`. */
  requests?: () => number;
}

export interface Api {
  answer: (request: ApiRequest) => Promise<ApiAnswer>;
  /** @throws StatusError 401 for credentials that are nobody's. */
  authenticate: (request: Pick<ApiRequest, 'headers'>) => User;
}

export function createApi({
  state,
  users,
  packaged = firstOf(),
  signer = noSigner,
  requests = () => 0,
}: ApiOptions): Api {
  const tokens = new Tokens(state, signer);
  const known = { state, users, tokens, requests, kinds: () => servedKinds(state, packaged) };
  return {
    answer: (request) => answer({ ...known, request }),
    authenticate: (request) => authenticate(request, known),
  };
}

async function answer(call: Call): Promise<ApiAnswer> {
  const { request } = call;
  const found = await attempt(call);
  const { headers, ...rest } = isReply(found) ? written(found, request) : found;
  return { ...rest, headers: { ...marks(request), ...headers } };
}

async function attempt(call: Call): Promise<Reply | ApiAnswer> {
  try {
    return await route(call);
  } catch (error) {
    if (error instanceof NoSuchPath) return plain(404, '404 page not found\n');
    const failure = error instanceof StatusError ? error : new StatusError(500, 'InternalError', String(error));
    return refusal(failure, call.request);
  }
}

async function route(call: Call): Promise<Reply | ApiAnswer> {
  const { request } = call;
  const user = authenticate(request, call);
  const [path = '/', query = ''] = request.url.split(/\?(.*)/s);
  const target = parseTarget(path);
  const options = new URLSearchParams(query);
  if (target === undefined) return servePath(call, user, path, options);
  return serveResource(call, user, options, target);
}
