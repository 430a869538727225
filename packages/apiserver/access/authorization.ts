/** What a user may do: what it may whatever happens, and what the roles of the cluster that it is bound to allow. */
import { grants, type Grant, type Target } from './bindings.ts';
import { allows, allowsPath, roleOf, type PolicyRule, type User } from './rbac.ts';
import type { State } from '../state/state.ts';

export type { Grant } from './bindings.ts';

/** Everything that lets a user do something, in a namespace or at the cluster's scope. */
const grantsOf = (user: User, state: State, namespace: string): readonly Grant[] => [
  ...user.rules.map((rule) => ({ rules: [rule], reason: reasonOf(rule, user) })),
  ...grants(state, user, namespace),
];

/** What the server's own rules come from; nobody gives system:masters what it has. */
function reasonOf(rule: PolicyRule, { name, groups }: User): string {
  const role = roleOf(rule, name);
  if (role === '') return '';
  const subject = role === name ? `User "${name}"` : `Group "${groups.at(-1) ?? ''}"`;
  return `RBAC: allowed by ClusterRoleBinding "${role}" of ClusterRole "${role}" to ${subject}`;
}

/** Every rule that is a user's. */
export const rulesOf = (user: User, state: State, namespace: string): readonly PolicyRule[] =>
  grantsOf(user, state, namespace).flatMap(({ rules }) => rules);

/** What lets a user do it; undefined when nothing does. */
export const grantFor = (user: User, state: State, target: Target): Grant | undefined =>
  grantsOf(user, state, target.namespace).find(({ rules }) => allows(rules, target));

export const pathGrantFor = (user: User, state: State, verb: string, path: string): Grant | undefined =>
  grantsOf(user, state, '').find(({ rules }) => allowsPath(rules, verb, path));

export const mayAccess = (user: User, state: State, target: Target): boolean =>
  grantFor(user, state, target) !== undefined;

export const mayVisit = (user: User, state: State, verb: string, path: string): boolean =>
  pathGrantFor(user, state, verb, path) !== undefined;
