/**
 * The kinds that the API server is built with. Custom kinds are not here: as in a real cluster they are served because a
 * CustomResourceDefinition says so. The packages of models say what such an object holds, and not how its kind is called in a path.
 */
import type { Resource } from './resources.ts';

type Traits = Partial<
  Pick<
    Resource,
    'shortNames' | 'categories' | 'subresources' | 'selectableFields' | 'generation' | 'singular' | 'versions' | 'verbs'
  >
>;

const builtin =
  (namespaced: boolean) =>
  (group: string, version: string, plural: string, kind: string, traits: Traits = {}): Resource => ({
    group,
    versions: [version],
    plural,
    singular: kind.toLowerCase(),
    kind,
    namespaced,
    shortNames: [],
    categories: [],
    subresources: [],
    selectableFields: [],
    generation: false,
    custom: false,
    columns: [],
    ...traits,
  });

const namespaced = builtin(true);

const cluster = builtin(false);

const workload: Traits = { categories: ['all'], subresources: ['status'], generation: true };

const scalable: Traits = { ...workload, subresources: ['scale', 'status'] };

const withStatus: Traits = { subresources: ['status'], generation: true };

/** Posted for an answer, and never stored. */
const review: Traits = { verbs: ['create'] };

const podFields = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

/** The same fields by their names in events.k8s.io. */
const newEventFields = [
  ...eventFields
    .filter((field) => field.startsWith('involvedObject.'))
    .map((field) => field.replace('involvedObject', 'regarding')),
  'reason',
  'reportingController',
  'type',
];

/** In the order in which an API server's discovery names them. */
export const builtinResources: readonly Resource[] = [
  namespaced('', 'v1', 'bindings', 'Binding', review),
  cluster('', 'v1', 'componentstatuses', 'ComponentStatus', { shortNames: ['cs'], verbs: ['get', 'list'] }),
  namespaced('', 'v1', 'configmaps', 'ConfigMap', { shortNames: ['cm'] }),
  namespaced('', 'v1', 'endpoints', 'Endpoints', { shortNames: ['ep'] }),
  namespaced('', 'v1', 'events', 'Event', { shortNames: ['ev'], selectableFields: eventFields }),
  namespaced('', 'v1', 'limitranges', 'LimitRange', { shortNames: ['limits'] }),
  cluster('', 'v1', 'namespaces', 'Namespace', {
    shortNames: ['ns'],
    subresources: ['finalize', 'status'],
    selectableFields: ['status.phase'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  }),
  cluster('', 'v1', 'nodes', 'Node', {
    shortNames: ['no'],
    subresources: ['proxy', 'status'],
    selectableFields: ['spec.unschedulable'],
  }),
  namespaced('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', {
    shortNames: ['pvc'],
    subresources: ['status'],
  }),
  cluster('', 'v1', 'persistentvolumes', 'PersistentVolume', { shortNames: ['pv'], subresources: ['status'] }),
  namespaced('', 'v1', 'pods', 'Pod', {
    shortNames: ['po'],
    categories: ['all'],
    subresources: [
      'attach',
      'binding',
      'ephemeralcontainers',
      'eviction',
      'exec',
      'log',
      'portforward',
      'proxy',
      'resize',
      'status',
    ],
    selectableFields: podFields,
    generation: true,
  }),
  namespaced('', 'v1', 'podtemplates', 'PodTemplate'),
  namespaced('', 'v1', 'replicationcontrollers', 'ReplicationController', { ...scalable, shortNames: ['rc'] }),
  namespaced('', 'v1', 'resourcequotas', 'ResourceQuota', { shortNames: ['quota'], subresources: ['status'] }),
  namespaced('', 'v1', 'secrets', 'Secret', { selectableFields: ['type'] }),
  namespaced('', 'v1', 'serviceaccounts', 'ServiceAccount', {
    shortNames: ['sa'],
    subresources: ['token'],
  }),
  namespaced('', 'v1', 'services', 'Service', {
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['proxy', 'status'],
    selectableFields: ['spec.clusterIP', 'spec.type'],
  }),
  cluster('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService', {
    categories: ['api-extensions'],
    subresources: ['status'],
  }),
  namespaced('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  namespaced('apps', 'v1', 'daemonsets', 'DaemonSet', { ...workload, shortNames: ['ds'] }),
  namespaced('apps', 'v1', 'deployments', 'Deployment', { ...scalable, shortNames: ['deploy'] }),
  namespaced('apps', 'v1', 'replicasets', 'ReplicaSet', { ...scalable, shortNames: ['rs'] }),
  namespaced('apps', 'v1', 'statefulsets', 'StatefulSet', { ...scalable, shortNames: ['sts'] }),
  namespaced('events.k8s.io', 'v1', 'events', 'Event', { shortNames: ['ev'], selectableFields: newEventFields }),
  cluster('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', review),
  cluster('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview', review),
  namespaced('authorization.k8s.io', 'v1', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', review),
  cluster('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', review),
  cluster('authorization.k8s.io', 'v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', review),
  cluster('authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview', review),
  namespaced('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler', {
    versions: ['v2', 'v1'],
    categories: ['all'],
    shortNames: ['hpa'],
    subresources: ['status'],
  }),
  namespaced('batch', 'v1', 'cronjobs', 'CronJob', { ...workload, shortNames: ['cj'] }),
  namespaced('batch', 'v1', 'jobs', 'Job', { ...workload, selectableFields: ['status.successful'] }),
  cluster('certificates.k8s.io', 'v1', 'certificatesigningrequests', 'CertificateSigningRequest', {
    shortNames: ['csr'],
    subresources: ['approval', 'status'],
    selectableFields: ['spec.signerName'],
  }),
  cluster('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', { generation: true }),
  namespaced('networking.k8s.io', 'v1', 'ingresses', 'Ingress', { ...withStatus, shortNames: ['ing'] }),
  cluster('networking.k8s.io', 'v1', 'ipaddresses', 'IPAddress', { shortNames: ['ip'] }),
  namespaced('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', {
    shortNames: ['netpol'],
    generation: true,
  }),
  cluster('networking.k8s.io', 'v1', 'servicecidrs', 'ServiceCIDR', { subresources: ['status'] }),
  namespaced('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', { ...withStatus, shortNames: ['pdb'] }),
  cluster('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding'),
  cluster('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole'),
  namespaced('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  namespaced('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  cluster('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver'),
  cluster('storage.k8s.io', 'v1', 'csinodes', 'CSINode'),
  namespaced('storage.k8s.io', 'v1', 'csistoragecapacities', 'CSIStorageCapacity'),
  cluster('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', { shortNames: ['sc'] }),
  cluster('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment', { subresources: ['status'] }),
  cluster('storage.k8s.io', 'v1', 'volumeattributesclasses', 'VolumeAttributesClass', { shortNames: ['vac'] }),
  cluster('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicies', 'MutatingAdmissionPolicy', {
    categories: ['api-extensions'],
    generation: true,
  }),
  cluster('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding', {
    categories: ['api-extensions'],
    generation: true,
  }),
  cluster('admissionregistration.k8s.io', 'v1', 'mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', {
    categories: ['api-extensions'],
    generation: true,
  }),
  cluster('admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', {
    ...withStatus,
    categories: ['api-extensions'],
  }),
  cluster(
    'admissionregistration.k8s.io',
    'v1',
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
    {
      categories: ['api-extensions'],
      generation: true,
    },
  ),
  cluster('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', {
    categories: ['api-extensions'],
    generation: true,
  }),
  cluster('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
    ...withStatus,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  }),
  cluster('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', { shortNames: ['pc'] }),
  namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  cluster('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass'),
  namespaced('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', { generation: true }),
  cluster('resource.k8s.io', 'v1', 'deviceclasses', 'DeviceClass', { generation: true }),
  namespaced('resource.k8s.io', 'v1', 'resourceclaims', 'ResourceClaim', { subresources: ['status'] }),
  namespaced('resource.k8s.io', 'v1', 'resourceclaimtemplates', 'ResourceClaimTemplate'),
  cluster('resource.k8s.io', 'v1', 'resourceslices', 'ResourceSlice', {
    generation: true,
    selectableFields: ['spec.nodeName', 'spec.driver'],
  }),
  cluster('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas', 'FlowSchema', withStatus),
  cluster(
    'flowcontrol.apiserver.k8s.io',
    'v1',
    'prioritylevelconfigurations',
    'PriorityLevelConfiguration',
    withStatus,
  ),
];
