/** What some apps have beside a Deployment, a Service and a route. */
import type { Fields } from '../../../../packages/apiserver/objects/fields.ts';
import type { KubernetesObject } from '../../../../packages/apiserver/objects/object.ts';
import type { App, Stack } from '../../../../runbooks/stack-type.ts';
import { ownerName, ownerNamespace } from '../../controllers/envoy-gateway/managed.ts';
import { ago, created, named, observed } from '../build/basics.ts';

/** In from the Gateway's Envoy alone, and out to nobody; and a drained node waits until the other pod answers. */
function guards({ namespace, name, containerPort }: App, stack: Stack): readonly KubernetesObject[] {
  const { gateway, envoyGateway } = stack;
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace },
      spec: {
        podSelector: { matchLabels: named(name) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': envoyGateway.namespace } },
                podSelector: {
                  matchLabels: { [ownerNamespace]: gateway.namespace, [ownerName]: gateway.name },
                },
              },
            ],
            ports: [{ protocol: 'TCP', port: containerPort }],
          },
        ],
        egress: [],
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace, ...created('60d') },
      spec: {
        minAvailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: named(name) },
      },
      status: {
        observedGeneration: 1,
        currentHealthy: 2,
        desiredHealthy: 1,
        disruptionsAllowed: 1,
        expectedPods: 2,
        conditions: [observed('DisruptionAllowed', '9d', 'SufficientPods', '')],
      },
    },
  ];
}

/** A directory of the node, made by hand, and the app's claim to it. */
function volume(
  { namespace, name: app }: App,
  { node }: Stack,
  what: string,
  { path, storage, mode }: { path: string; storage: string; mode: string },
): readonly KubernetesObject[] {
  const name = `${app}-${what}`;
  const kept = (kind: string) => ({ ...created('60d'), finalizers: [`kubernetes.io/${kind}-protection`] });
  const common: Fields = { accessModes: [mode], storageClassName: '', volumeMode: 'Filesystem' };
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, ...kept('pv') },
      spec: {
        capacity: { storage },
        ...common,
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name },
        local: { path },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] }] },
            ],
          },
        },
      },
      status: { phase: 'Bound', lastPhaseTransitionTime: ago('60d') },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, ...kept('pvc') },
      spec: { ...common, volumeName: name, resources: { requests: { storage } } },
      status: { phase: 'Bound', accessModes: [mode], capacity: { storage } },
    },
  ];
}

const media = (app: App, stack: Stack): readonly KubernetesObject[] => [
  ...volume(app, stack, 'config', { path: `/srv/${app.name}/config`, storage: '20Gi', mode: 'ReadWriteOnce' }),
  ...volume(app, stack, 'media', { path: '/srv/media', storage: '4Ti', mode: 'ReadOnlyMany' }),
];

const none = (): readonly KubernetesObject[] => [];

const beside: Readonly<Record<NonNullable<App['program']>, (app: App, stack: Stack) => readonly KubernetesObject[]>> = {
  handbook: guards,
  headlamp: none,
  jellyfin: media,
};

export const besideOf = (app: App, stack: Stack): readonly KubernetesObject[] =>
  app.program === undefined ? [] : beside[app.program](app, stack);
