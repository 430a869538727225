/**
 * What every API server brings along for RBAC and people bind: who may do everything, run a namespace, work in it, or look at it
 * [Kubernetes 1.36, bootstrappolicy]. A controller puts admin, edit and view together from the roles that say they belong to them.
 */
import type { Fields } from '../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../packages/apiserver/objects/object.ts';
import { created, type Labels } from './build/basics.ts';

const group = 'rbac.authorization.k8s.io';

const bootstrapped = (kind: string, name: string, content: Fields, labels: Labels = {}): KubernetesObject => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: {
    name,
    ...created('120d'),
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  },
  ...content,
});

const belongsTo = (role: string): Labels => ({ [`${group}/aggregate-to-${role}`]: 'true' });

const aggregated = (name: string, labels?: Labels): KubernetesObject =>
  bootstrapped(
    'ClusterRole',
    name,
    { aggregationRule: { clusterRoleSelectors: [{ matchLabels: belongsTo(name) }] } },
    labels,
  );

type Rule = readonly [group: string, resources: readonly string[], verbs: readonly string[]];

const part = (role: string, rules: readonly Rule[]): KubernetesObject =>
  bootstrapped(
    'ClusterRole',
    `system:aggregate-to-${role}`,
    { rules: rules.map(([apiGroup, resources, verbs]) => ({ apiGroups: [apiGroup], resources, verbs })) },
    belongsTo(role),
  );

const look = ['get', 'list', 'watch'] as const;
const change = ['create', 'delete', 'deletecollection', 'patch', 'update'] as const;

export const kubernetes: readonly KubernetesObject[] = [
  bootstrapped('ClusterRole', 'cluster-admin', {
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  }),
  bootstrapped('ClusterRoleBinding', 'cluster-admin', {
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'system:masters' }],
  }),
  aggregated('view', belongsTo('edit')),
  aggregated('edit', belongsTo('admin')),
  aggregated('admin'),
  part('admin', [
    ['authorization.k8s.io', ['localsubjectaccessreviews'], ['create']],
    [
      group,
      ['rolebindings', 'roles'],
      ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    ],
  ]),
  part('edit', [
    ['', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], look],
    ['', ['serviceaccounts'], ['impersonate']],
    ['', ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], change],
    ['', ['pods/eviction'], ['create']],
    [
      '',
      [
        'configmaps',
        'events',
        'persistentvolumeclaims',
        'replicationcontrollers',
        'replicationcontrollers/scale',
        'secrets',
        'serviceaccounts',
        'services',
        'services/proxy',
      ],
      change,
    ],
    ['', ['serviceaccounts/token'], ['create']],
    [
      'apps',
      [
        'daemonsets',
        'deployments',
        'deployments/rollback',
        'deployments/scale',
        'replicasets',
        'replicasets/scale',
        'statefulsets',
        'statefulsets/scale',
      ],
      change,
    ],
    ['autoscaling', ['horizontalpodautoscalers'], change],
    ['batch', ['cronjobs', 'jobs'], change],
    ['networking.k8s.io', ['ingresses', 'networkpolicies'], change],
    ['policy', ['poddisruptionbudgets'], change],
    [
      'coordination.k8s.io',
      ['leases'],
      ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    ],
  ]),
  part('view', [
    [
      '',
      [
        'configmaps',
        'endpoints',
        'events',
        'limitranges',
        'namespaces',
        'persistentvolumeclaims',
        'pods',
        'pods/log',
        'pods/status',
        'replicationcontrollers',
        'resourcequotas',
        'serviceaccounts',
        'services',
        'services/status',
      ],
      look,
    ],
    [
      'apps',
      ['controllerrevisions', 'daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'statefulsets'],
      look,
    ],
    ['autoscaling', ['horizontalpodautoscalers'], look],
    ['batch', ['cronjobs', 'jobs'], look],
    ['discovery.k8s.io', ['endpointslices'], look],
    ['networking.k8s.io', ['ingresses', 'networkpolicies'], look],
    ['policy', ['poddisruptionbudgets'], look],
  ]),
];
