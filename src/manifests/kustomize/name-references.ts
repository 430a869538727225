/**
 * Which fields name objects of which kind, so that they follow when a prefix or suffix changes the name [kustomize 5.5,
 * builtinpluginconsts/namereference.go]. Routes of the Gateway API are not among them.
 */
import type { FieldSpec } from './fields.ts';

/** The kind that is named, and the fields that name it. */
export interface NameReference {
  group?: string | undefined;
  version?: string | undefined;
  kind?: string | undefined;
  fieldSpecs?: readonly FieldSpec[] | undefined;
}

/** Where the pods of each kind have their spec. */
export const podSpecs: Readonly<Record<string, string>> = {
  CronJob: 'spec/jobTemplate/spec/template/spec',
  DaemonSet: 'spec/template/spec',
  Deployment: 'spec/template/spec',
  Job: 'spec/template/spec',
  Pod: 'spec',
  PodTemplate: 'template/spec',
  ReplicaSet: 'spec/template/spec',
  ReplicationController: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
};

const inPods = (kinds: readonly string[], paths: readonly string[]): readonly FieldSpec[] =>
  kinds.flatMap((kind) => paths.map((path) => ({ kind, path: `${podSpecs[kind] ?? ''}/${path}` })));

const inContainers = (path: string): readonly string[] =>
  ['containers', 'initContainers'].map((list) => `${list}/${path}`);

/** Kinds in which ConfigMaps and Secrets are followed, and those in which the other things that a pod names are. */
const configured = ['Pod', 'PodTemplate', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob'];
const running = ['Pod', 'StatefulSet', 'Deployment', 'ReplicationController', 'CronJob', 'Job', 'DaemonSet'];

const resourceNames: readonly FieldSpec[] = ['Role', 'ClusterRole'].map((kind) => ({
  kind,
  path: 'rules/resourceNames',
}));
const webhooks: readonly FieldSpec[] = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map(
  (kind) => ({
    kind,
    group: 'admissionregistration.k8s.io',
    path: 'webhooks/clientConfig/service',
  }),
);
const bindings: readonly FieldSpec[] = ['RoleBinding', 'ClusterRoleBinding'].map((kind) => ({
  kind,
  group: 'rbac.authorization.k8s.io',
  path: 'roleRef/name',
}));
const ofIngress = (...paths: readonly string[]): readonly FieldSpec[] =>
  paths.map((path) => ({ kind: 'Ingress', path }));

export const nameReference: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({
    kind,
    fieldSpecs: [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }],
  })),
  {
    kind: 'ConfigMap',
    version: 'v1',
    fieldSpecs: [
      ...inPods(configured, [
        'volumes/configMap/name',
        'volumes/projected/sources/configMap/name',
        ...inContainers('env/valueFrom/configMapKeyRef/name'),
        ...inContainers('envFrom/configMapRef/name'),
      ]),
      { kind: 'Node', path: 'spec/configSource/configMap' },
      ...resourceNames,
      ...ofIngress('metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap'),
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fieldSpecs: [
      ...inPods(configured, [
        'volumes/secret/secretName',
        'volumes/projected/sources/secret/name',
        'imagePullSecrets/name',
        ...inContainers('env/valueFrom/secretKeyRef/name'),
        ...inContainers('envFrom/secretRef/name'),
      ]),
      ...ofIngress(
        'spec/tls/secretName',
        'metadata/annotations/ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ),
      { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
      ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((field) => ({
        kind: 'StorageClass',
        path: `parameters/${field}`,
      })),
      ...resourceNames,
      {
        kind: 'Service',
        group: 'serving.knative.dev',
        version: 'v1',
        path: 'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      },
      { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fieldSpecs: [
      { kind: 'StatefulSet', group: 'apps', path: 'spec/serviceName' },
      ...ofIngress(
        'spec/rules/http/paths/backend/serviceName',
        'spec/backend/serviceName',
        'spec/rules/http/paths/backend/service/name',
        'spec/defaultBackend/service/name',
      ),
      { kind: 'APIService', group: 'apiregistration.k8s.io', path: 'spec/service/name' },
      ...webhooks,
    ],
  },
  { kind: 'Role', group: 'rbac.authorization.k8s.io', fieldSpecs: bindings.slice(0, 1) },
  { kind: 'ClusterRole', group: 'rbac.authorization.k8s.io', fieldSpecs: bindings },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fieldSpecs: [
      ...bindings.map((spec) => ({ ...spec, path: 'subjects' })),
      ...inPods(running, ['serviceAccountName']),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    version: 'v1',
    fieldSpecs: inPods(running, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fieldSpecs: [
      { kind: 'PersistentVolumeClaim', path: 'spec/volumeName' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
    ],
  },
  {
    kind: 'StorageClass',
    version: 'v1',
    group: 'storage.k8s.io',
    fieldSpecs: [
      { kind: 'PersistentVolume', path: 'spec/storageClassName' },
      { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' },
      { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' },
    ],
  },
  {
    kind: 'PriorityClass',
    version: 'v1',
    group: 'scheduling.k8s.io',
    fieldSpecs: inPods(running, ['priorityClassName']),
  },
  {
    kind: 'ValidatingAdmissionPolicy',
    group: 'admissionregistration.k8s.io',
    fieldSpecs: [
      { kind: 'ValidatingAdmissionPolicyBinding', group: 'admissionregistration.k8s.io', path: 'spec/policyName' },
    ],
  },
];
