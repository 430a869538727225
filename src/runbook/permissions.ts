/**
 * The least rights that runbooks need, derived from what they read: nothing is granted that nobody asks for.
 */
import { kinds } from './kinds.ts';
import type { ClusterRead } from './read.ts';
import { clusterReads, plannedReads, type Runbook } from './runbook.ts';

interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

export interface ClusterRole {
  apiVersion: 'rbac.authorization.k8s.io/v1';
  kind: 'ClusterRole';
  metadata: { name: string };
  rules: PolicyRule[];
}

interface Role {
  apiVersion: 'rbac.authorization.k8s.io/v1';
  kind: 'Role';
  metadata: { name: string; namespace: string };
  rules: PolicyRule[];
}

const apiVersion = 'rbac.authorization.k8s.io/v1';
const name = 'handbook-runbooks';

export const permissions = (runbooks: readonly Runbook[]): ClusterRole => ({
  ...{ apiVersion, kind: 'ClusterRole', metadata: { name } },
  rules: rulesFor(runbooks, () => true),
});

/** The same within some namespaces, and no further: a Role each. */
export const namespacedPermissions = (runbooks: readonly Runbook[], namespaces: readonly string[]): readonly Role[] =>
  namespaces.map((namespace) => ({
    ...{ apiVersion, kind: 'Role', metadata: { name, namespace } },
    rules: rulesFor(runbooks, (read) => isWithin(read, namespace)),
  }));

/** What no Role grants: kinds without a namespace, as resources. */
export const beyondRoles = (runbooks: readonly Runbook[]): readonly string[] =>
  rulesFor(runbooks, (read) => read.type !== 'log' && !kinds[read.kind].namespaced).flatMap(
    ({ apiGroups, resources }) =>
      resources.map((resource) => [resource, ...apiGroups].filter((part) => part !== '').join('.')),
  );

/** Whether a read asks for something in a namespace; a list of all of them asks there, too. */
const isWithin = (read: ClusterRead, namespace: string): boolean =>
  (read.type === 'log' || kinds[read.kind].namespaced) &&
  (read.namespace === undefined || read.namespace === namespace);

function rulesFor(runbooks: readonly Runbook[], takes: (read: ClusterRead) => boolean): PolicyRule[] {
  const checks = runbooks.flatMap((runbook) => runbook.checks);
  const granted = new Map<string, Set<string>>();
  const grant = (group: string, resource: string, verb: string): void => {
    const key = `${group}/${resource}`;
    granted.set(key, (granted.get(key) ?? new Set()).add(verb));
  };
  for (const read of clusterReads(checks).filter(takes)) {
    if (read.type === 'log') grant('', 'pods/log', 'get');
    else grant(kinds[read.kind].group, kinds[read.kind].plural, read.type === 'object' ? 'get' : 'list');
  }
  // Where pods may be listed, the logs that follow are read.
  const readsLogs = plannedReads(checks).follows.some((follow) => follow.permission === 'pods/log');
  if (readsLogs && granted.has('/pods')) grant('', 'pods/log', 'get');

  const rules = new Map<string, PolicyRule>();
  for (const [key, verbs] of [...granted].sort(([a], [b]) => a.localeCompare(b))) {
    const slash = key.indexOf('/');
    const [group, resource] = [key.slice(0, slash), key.slice(slash + 1)];
    const same = `${group} ${[...verbs].sort().join()}`;
    const rule = rules.get(same) ?? { apiGroups: [group], resources: [], verbs: [...verbs].sort() };
    rule.resources.push(resource);
    rules.set(same, rule);
  }
  return [...rules.values()];
}
