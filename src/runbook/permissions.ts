/**
 * The least ClusterRole that runbooks need, derived from what they read: nothing is granted that nobody asks for.
 */
import { kinds } from './kinds.ts';
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

export function permissions(runbooks: readonly Runbook[]): ClusterRole {
  const checks = runbooks.flatMap((runbook) => runbook.checks);
  const granted = new Map<string, Set<string>>();
  const grant = (group: string, resource: string, verb: string): void => {
    const key = `${group}/${resource}`;
    granted.set(key, (granted.get(key) ?? new Set()).add(verb));
  };
  for (const read of clusterReads(checks)) {
    if (read.type === 'log') grant('', 'pods/log', 'get');
    else grant(kinds[read.kind].group, kinds[read.kind].plural, read.type === 'object' ? 'get' : 'list');
  }
  if (plannedReads(checks).follows.some((follow) => follow.permission === 'pods/log')) grant('', 'pods/log', 'get');

  const rules = new Map<string, PolicyRule>();
  for (const [key, verbs] of [...granted].sort(([a], [b]) => a.localeCompare(b))) {
    const slash = key.indexOf('/');
    const [group, resource] = [key.slice(0, slash), key.slice(slash + 1)];
    const same = `${group} ${[...verbs].sort().join()}`;
    const rule = rules.get(same) ?? { apiGroups: [group], resources: [], verbs: [...verbs].sort() };
    rule.resources.push(resource);
    rules.set(same, rule);
  }
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'handbook-runbooks' },
    rules: [...rules.values()],
  };
}
