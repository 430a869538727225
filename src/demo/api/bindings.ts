/** What the cluster's own Roles and bindings allow, to people and to ServiceAccounts. */
import { at, list, text } from '../fields.ts';
import type { StoredObject } from '../objects.ts';
import { allows, type PolicyRule, type ResourceAttributes } from './rbac.ts';
import type { Kind } from '../state.ts';

const group = 'rbac.authorization.k8s.io';
const kind = (name: string): Kind => ({ group, kind: name });

/** Where bindings are looked up: the demo's state, or a controller's view of it. */
export interface Objects {
  list: (kind: Kind, namespace?: string) => readonly StoredObject[];
  get: (kind: Kind, namespace: string | undefined, name: string) => StoredObject | undefined;
}

export interface Subject {
  name: string;
  groups: readonly string[];
}

/** What a request is about, with the namespace that RoleBindings count in; empty at the cluster's scope. */
export interface Target extends ResourceAttributes {
  namespace: string;
}

/** The rules that bindings give a subject, for a namespace. */
export function boundRules(objects: Objects, subject: Subject, namespace: string): readonly PolicyRule[] {
  const bindings = [
    ...objects.list(kind('ClusterRoleBinding')),
    ...(namespace === '' ? [] : objects.list(kind('RoleBinding'), namespace)),
  ];
  return bindings
    .filter((binding) => list(binding, 'subjects').some((entry) => isMeant(entry, subject)))
    .flatMap((binding) => {
      const name = text(binding, 'roleRef', 'name');
      const role =
        text(binding, 'roleRef', 'kind') === 'ClusterRole'
          ? objects.get(kind('ClusterRole'), undefined, name)
          : objects.get(kind('Role'), binding.metadata.namespace, name);
      const rules = at(role, 'rules');
      return Array.isArray(rules) ? (rules as readonly PolicyRule[]) : [];
    });
}

function isMeant(entry: unknown, { name, groups }: Subject): boolean {
  switch (text(entry, 'kind')) {
    case 'ServiceAccount':
      return name === `system:serviceaccount:${text(entry, 'namespace')}:${text(entry, 'name')}`;
    case 'Group':
      return groups.includes(text(entry, 'name'));
    default:
      return name === text(entry, 'name');
  }
}

/** A ServiceAccount as the API server sees it. */
export const serviceAccount = (namespace: string, name: string): Subject => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

export const mayServiceAccount = (
  objects: Objects,
  { namespace, name }: { namespace: string; name: string },
  target: Target,
): boolean => allows(boundRules(objects, serviceAccount(namespace, name), target.namespace), target);
