/** Who a request is from: whose token it has, or whom that user speaks for (`kubectl --as`). */
import { mayAccess } from './authorization.ts';
import { serviceAccount } from './bindings.ts';
import { anonymous, authenticated, publicInfo, userNamed, type User } from './rbac.ts';
import type { ApiRequest } from '../http/exchange.ts';
import type { State } from '../state/state.ts';
import { badRequest, forbidden, unauthorized } from '../http/statuses.ts';
import type { Tokens } from './tokens.ts';

type Credentials = Pick<ApiRequest, 'headers'>;

/** @throws StatusError 401 for a token that nobody has; no token at all is the anonymous user. */
export function authenticate(
  request: Credentials,
  { users, state, tokens }: { users: readonly User[]; state: State; tokens: Tokens },
): User {
  const user = owner(request, users, tokens);
  const name = header(request, 'impersonate-user')[0];
  const groups = header(request, 'impersonate-group');
  if (name === undefined) {
    if (groups.length > 0) throw badRequest(`requested groups ${groups.join(', ')} without impersonating a user`);
    return user;
  }
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  if (namespace === undefined || account === undefined) mustImpersonate(user, state, 'users', name);
  else mustImpersonate(user, state, 'serviceaccounts', account, namespace);
  groups.forEach((group) => mustImpersonate(user, state, 'groups', group));
  return impersonated(name, groups, users);
}

/** Somebody whom another user speaks for. */
function impersonated(name: string, groups: readonly string[], users: readonly User[]): User {
  if (name === anonymous.name) return anonymous;
  const known = users.find((user) => user.name === name);
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  const own =
    namespace !== undefined && account !== undefined ? serviceAccount(namespace, account).groups : known?.groups;
  const all = [...new Set([...groups, ...(own ?? []), 'system:authenticated'])];
  const { rules } = userNamed(name, all, users);
  return { name, groups: all, rules: [...publicInfo, ...authenticated, ...rules] };
}

function owner({ headers }: Credentials, users: readonly User[], tokens: Tokens): User {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(headers['authorization']?.[0] ?? '') ?? [];
  if (token === undefined) return anonymous;
  const user = users.find((candidate) => candidate.token === token) ?? tokens.userOf(token);
  if (user === undefined) throw unauthorized();
  return user;
}

/** Every value of a header that may be repeated. */
const header = ({ headers }: Credentials, name: string): readonly string[] =>
  headers[name]?.filter((value) => value !== '') ?? [];

function mustImpersonate(user: User, state: State, resource: string, name: string, namespace = ''): void {
  const attempt = { user: user.name, verb: 'impersonate', group: '', resource, subresource: '', namespace, name };
  if (!mayAccess(user, state, attempt)) throw forbidden(attempt);
}
