/** What the cluster's own Roles and bindings allow, to people and to ServiceAccounts. */
import { at, list, text } from '../objects/fields.ts';
import type { StoredObject } from '../objects/object.ts';
import { allows, type PolicyRule, type ResourceAttributes } from './rbac.ts';
import type { Kind } from '../state/kind.ts';

const group = 'rbac.authorization.k8s.io';
const kind = (name: string): Kind => ({ group, kind: name });

/** Where bindings are looked up: the state, or a controller's view of it. */
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

/** Rules, and what gives them, as an access review says it. */
export interface Grant {
  rules: readonly PolicyRule[];
  reason: string;
}

/** What bindings give a subject, for a namespace. */
export function grants(objects: Objects, subject: Subject, namespace: string): readonly Grant[] {
  const bindings = [
    ...objects.list(kind('ClusterRoleBinding')),
    ...(namespace === '' ? [] : objects.list(kind('RoleBinding'), namespace)),
  ];
  return bindings.flatMap((binding) => {
    const entry = list(binding, 'subjects').find((one) => isMeant(one, subject));
    if (entry === undefined) return [];
    const [roleKind, name] = [text(binding, 'roleRef', 'kind'), text(binding, 'roleRef', 'name')];
    const role =
      roleKind === 'ClusterRole'
        ? objects.get(kind('ClusterRole'), undefined, name)
        : objects.get(kind('Role'), binding.metadata.namespace, name);
    const rules = at(role, 'rules');
    const called = [binding.metadata.name, binding.metadata.namespace].filter((part) => part !== undefined).join('/');
    const reason = `RBAC: allowed by ${binding.kind} "${called}" of ${roleKind} "${name}" to ${describe(entry)}`;
    return Array.isArray(rules) ? [{ rules: rules as readonly PolicyRule[], reason }] : [];
  });
}

const describe = (entry: unknown): string => {
  const called = [text(entry, 'name'), text(entry, 'namespace')].filter((part) => part !== '').join('/');
  return `${text(entry, 'kind')} "${called}"`;
};

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
): boolean =>
  grants(objects, serviceAccount(namespace, name), target.namespace).some(({ rules }) => allows(rules, target));
