/**
 * Which fields kustomize changes where a kustomization names labels, annotations, a namespace, images or replicas, and nothing else
 * [5.5, api/internal/konfig/builtinpluginconsts].
 */
import type { FieldSpec } from './fields.ts';
import { nameReference, podSpecs, type NameReference } from './name-references.ts';

/** What `configurations` add to. */
export interface Specs {
  namePrefix: readonly FieldSpec[];
  nameSuffix: readonly FieldSpec[];
  namespace: readonly FieldSpec[];
  commonLabels: readonly FieldSpec[];
  labels: readonly FieldSpec[];
  templateLabels: readonly FieldSpec[];
  commonAnnotations: readonly FieldSpec[];
  nameReference: readonly NameReference[];
  varReference: readonly FieldSpec[];
  images: readonly FieldSpec[];
  replicas: readonly FieldSpec[];
}

/** Kinds whose pods have a template in their spec, with the group where kustomize asks for one. */
const templates: readonly Omit<FieldSpec, 'path'>[] = [
  { kind: 'ReplicationController', version: 'v1' },
  { kind: 'Deployment' },
  { kind: 'ReplicaSet' },
  { kind: 'DaemonSet' },
  { kind: 'StatefulSet', group: 'apps' },
  { kind: 'Job', group: 'batch' },
];

const metadataSpecs = (field: 'labels' | 'annotations'): readonly FieldSpec[] => [
  { path: `metadata/${field}`, create: true },
  ...templates.map((kind) => ({ ...kind, path: `spec/template/metadata/${field}`, create: true })),
  { path: `spec/jobTemplate/metadata/${field}`, create: true, group: 'batch', kind: 'CronJob' },
  { path: `spec/jobTemplate/spec/template/metadata/${field}`, create: true, group: 'batch', kind: 'CronJob' },
];

const templateLabels: readonly FieldSpec[] = [
  ...metadataSpecs('labels'),
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', create: true, group: 'apps', kind: 'StatefulSet' },
];

const affinity = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
  `affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector`,
  `affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector`,
]);

const selectors: readonly FieldSpec[] = [
  { path: 'spec/selector', create: true, version: 'v1', kind: 'Service' },
  { path: 'spec/selector', create: true, version: 'v1', kind: 'ReplicationController' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'Deployment' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'ReplicaSet' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'DaemonSet' },
  { path: 'spec/selector/matchLabels', create: true, group: 'apps', kind: 'StatefulSet' },
  ...['Deployment', 'StatefulSet'].flatMap((kind) =>
    [...affinity, 'topologySpreadConstraints/labelSelector'].map((path) => ({
      path: `spec/template/spec/${path}/matchLabels`,
      group: 'apps',
      kind,
    })),
  ),
  { path: 'spec/selector/matchLabels', group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', group: 'batch', kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', group: 'policy', kind: 'PodDisruptionBudget' },
  ...['podSelector', 'ingress/from/podSelector', 'egress/to/podSelector'].map((path) => ({
    path: `spec/${path}/matchLabels`,
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
  })),
];

export const metadataLabels: FieldSpec = { path: 'metadata/labels', create: true };

const inContainers = ['containers', 'initContainers'].flatMap((list) =>
  ['args', 'command', 'env/value', 'volumeMounts/mountPath'].map((field) => `${list}/${field}`),
);

const varReference: readonly FieldSpec[] = [
  ...Object.entries(podSpecs).flatMap(([kind, at]) =>
    kind === 'PodTemplate' || kind === 'ReplicationController'
      ? []
      : [...inContainers, 'volumes/nfs/server'].map((path) => ({ path: `${at}/${path}`, kind })),
  ),
  { path: 'spec/jobTemplate/spec/template/volumes/nfs/server', kind: 'CronJob' },
  { path: 'spec/template/metadata/annotations', kind: 'Deployment' },
  ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => ({ path, kind: 'Ingress' })),
  ...['spec/ports/port', 'spec/ports/targetPort'].map((path) => ({ path, kind: 'Service' })),
  { path: 'spec/volumeClaimTemplates/spec/nfs/server', kind: 'StatefulSet' },
  { path: 'spec/nfs/server', kind: 'PersistentVolume' },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
];

export const defaultSpecs: Specs = {
  namePrefix: [{ path: 'metadata/name' }],
  nameSuffix: [{ path: 'metadata/name' }],
  namespace: [
    { path: 'metadata/name', kind: 'Namespace', create: true },
    { path: 'spec/service/namespace', group: 'apiregistration.k8s.io', kind: 'APIService', create: true },
    {
      path: 'spec/conversion/webhook/clientConfig/service/namespace',
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
    },
  ],
  commonLabels: [...selectors, ...templateLabels],
  labels: [],
  templateLabels,
  commonAnnotations: metadataSpecs('annotations'),
  nameReference,
  varReference,
  images: ['spec', 'spec/template/spec'].flatMap((at) =>
    ['containers', 'initContainers'].map((list) => ({ path: `${at}/${list}[]/image`, create: true })),
  ),
  replicas: ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({
    path: 'spec/replicas',
    kind,
    create: true,
  })),
};
