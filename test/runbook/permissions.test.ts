/** The least ClusterRole: what three runbooks need, word for word, and what none ever asks for. */
import { describe, expect, it } from 'vitest';
import { runbooks } from '../../runbooks/index.ts';
import { defineCheck, pass } from '../../src/runbook/check.ts';
import { beyondRoles, namespacedPermissions, permissions } from '../../src/runbook/permissions.ts';
import { list, object, plain } from '../../src/runbook/read.ts';
import { defineRunbook } from '../../src/runbook/runbook.ts';

const known = ['gateway-not-programmed', 'cilium-socket-lb', 'missing-sni'];

describe('permissions', () => {
  it('of the runbooks about the way in', () => {
    expect(permissions(runbooks.filter(({ id }) => known.includes(id)))).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'handbook-runbooks' },
      rules: [
        { apiGroups: [''], resources: ['configmaps', 'pods/log'], verbs: ['get'] },
        { apiGroups: [''], resources: ['events', 'namespaces', 'pods', 'services'], verbs: ['list'] },
        { apiGroups: ['acme.cert-manager.io'], resources: ['challenges', 'orders'], verbs: ['list'] },
        { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'statefulsets'], verbs: ['list'] },
        {
          apiGroups: ['cert-manager.io'],
          resources: ['certificaterequests', 'certificates', 'clusterissuers', 'issuers'],
          verbs: ['list'],
        },
        {
          apiGroups: ['cilium.io'],
          resources: ['ciliumclusterwidenetworkpolicies', 'ciliumnetworkpolicies', 'ciliumnodeconfigs'],
          verbs: ['list'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
        {
          apiGroups: ['external-secrets.io'],
          resources: ['clustersecretstores', 'externalsecrets', 'secretstores'],
          verbs: ['list'],
        },
        { apiGroups: ['gateway.envoyproxy.io'], resources: ['envoyproxies'], verbs: ['list'] },
        {
          apiGroups: ['gateway.networking.k8s.io'],
          resources: ['gatewayclasses', 'gateways', 'httproutes', 'referencegrants'],
          verbs: ['list'],
        },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list'] },
      ],
    });
  });

  it('of all runbooks: to get and to list, never a Secret, never everything', () => {
    const { rules } = permissions(runbooks);
    for (const rule of rules) {
      expect(rule.verbs.filter((verb) => verb !== 'get' && verb !== 'list')).toEqual([]);
      expect(
        rule.resources.filter((resource) => /secrets$|\*/.test(resource) && !resource.startsWith('external')),
      ).toEqual([]);
      expect(rule.apiGroups).not.toContain('*');
    }
  });

  it('of a runbook alone are no more than it reads', () => {
    const check = defineCheck({
      id: 'a/one',
      title: 'One is well',
      why: '',
      reads: {
        pods: plain(list('Pod', 'w')),
        pod: plain(object('Pod', { namespace: 'a', name: 'b' }, 'w')),
        tcp: plain({ type: 'tcp', host: 'h', port: 1, why: 'w' } as const),
      },
      judge: () => pass('Well.'),
    });
    const runbook = defineRunbook({ id: 'x', title: 'X', summary: 'X.', checks: [check] });
    expect(permissions([runbook]).rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }]);
    expect(permissions([]).rules).toEqual([]);
  });

  it('within namespaces are Roles, and leave out what has no namespace or is elsewhere', () => {
    const [tailscale, system, ...others] = namespacedPermissions(runbooks, ['tailscale', 'kube-system']);
    expect(others).toEqual([]);
    expect(tailscale?.kind).toBe('Role');
    expect(tailscale?.metadata).toEqual({ name: 'handbook-runbooks', namespace: 'tailscale' });
    const resources = (rules: readonly { resources: string[] }[] = []): readonly string[] =>
      rules.flatMap((rule) => rule.resources);
    const whole = permissions(runbooks);
    const clusterWide = beyondRoles(runbooks).map((resource) => resource.split('.')[0]);
    expect(clusterWide.toSorted()).toEqual([
      'ciliumclusterwidenetworkpolicies',
      'clusterissuers',
      'clustersecretstores',
      'gatewayclasses',
      'namespaces',
    ]);
    expect(resources(system?.rules).toSorted()).toEqual(
      resources(whole.rules)
        .filter((resource) => !clusterWide.includes(resource))
        .toSorted(),
    );
    // The ConfigMaps that are read have names, and stand elsewhere.
    expect(resources(tailscale?.rules)).not.toContain('configmaps');
    expect(resources(tailscale?.rules)).toContain('pods/log');
  });
});
