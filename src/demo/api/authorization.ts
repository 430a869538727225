/** What a user may do: what it may whatever happens, and what the roles of the cluster that it is bound to allow. */
import { boundRules, type Target } from './bindings.ts';
import { allows, allowsPath, type PolicyRule, type User } from './rbac.ts';
import type { State } from '../state.ts';

/** Everything, in a namespace or at the cluster's scope. */
export const rulesOf = (user: User, state: State, namespace: string): readonly PolicyRule[] => [
  ...user.rules,
  ...boundRules(state, user, namespace),
];

export const mayAccess = (user: User, state: State, target: Target): boolean =>
  allows(rulesOf(user, state, target.namespace), target);

export const mayVisit = (user: User, state: State, verb: string, path: string): boolean =>
  allowsPath(rulesOf(user, state, ''), verb, path);
