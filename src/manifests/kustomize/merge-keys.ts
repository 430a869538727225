/**
 * The lists of Kubernetes' own kinds whose items a strategic merge patch merges, and by which of their fields: `patchMergeKey` of the API's
 * types, with `listMapKey` where it names more [kubernetes 1.21, which kustomize 5.5 reads]. Every other list a patch replaces.
 */
import type { Fields } from './resource.ts';

/** What a merge has to know of a value: the lists among its fields, and what its fields are. */
export interface MergeType {
  /** Fields that tell the items of this list apart; none where the items are plain values. Undefined for a list that is replaced. */
  keys?: readonly string[] | undefined;
  items?: MergeType | undefined;
  field?: (name: string) => MergeType | undefined;
}

const fields = (types: Readonly<Record<string, MergeType>>): MergeType => ({
  field: (name) => (Object.hasOwn(types, name) ? types[name] : undefined),
});
const listOf = (keys: readonly string[], items?: MergeType): MergeType => ({ keys, items });

const metadata = fields({ finalizers: listOf([]), ownerReferences: listOf(['uid']) });

const mounts = {
  env: listOf(['name']),
  volumeDevices: listOf(['devicePath']),
  volumeMounts: listOf(['mountPath']),
};
const container = fields({ ...mounts, ports: listOf(['containerPort', 'protocol']) });
const pod = fields({
  containers: listOf(['name'], container),
  initContainers: listOf(['name'], container),
  ephemeralContainers: listOf(['name'], fields(mounts)),
  volumes: listOf(['name']),
  hostAliases: listOf(['ip']),
  imagePullSecrets: listOf(['name']),
  topologySpreadConstraints: listOf(['topologyKey', 'whenUnsatisfiable']),
});
const template = fields({ metadata, spec: pod });
const workload = fields({ metadata, spec: fields({ template }) });
const webhooks = fields({ metadata, webhooks: listOf(['name']) });
const cronJob = fields({
  metadata,
  spec: fields({ jobTemplate: fields({ metadata, spec: fields({ template }) }) }),
});
const plain = fields({ metadata });

const types: Readonly<Record<string, MergeType>> = {
  'v1 Pod': fields({ metadata, spec: pod }),
  'v1 PodTemplate': fields({ metadata, template }),
  'v1 ReplicationController': workload,
  'apps/v1 DaemonSet': workload,
  'apps/v1 Deployment': workload,
  'apps/v1 ReplicaSet': workload,
  'apps/v1 StatefulSet': workload,
  'batch/v1 Job': workload,
  'batch/v1 CronJob': cronJob,
  'batch/v1beta1 CronJob': cronJob,
  'v1 Service': fields({ metadata, spec: fields({ ports: listOf(['port', 'protocol']) }) }),
  'v1 ServiceAccount': fields({ metadata, secrets: listOf(['name']) }),
  'v1 Node': fields({ metadata, spec: fields({ podCIDRs: listOf([]) }) }),
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration': webhooks,
};

/** Groups of Kubernetes itself, of whose kinds only the metadata has lists that are merged. */
const ownGroups =
  /^(v1|autoscaling\/v[12].*|policy\/v1.*|(apiextensions|apiregistration|certificates|coordination|discovery|networking|node|rbac\.authorization|scheduling|storage)\.k8s\.io\/v1.*)$/;

/** @param own Types of kinds that a kustomization defines. */
export function mergeTypeOf(
  { apiVersion, kind }: Fields,
  own: ReadonlyMap<string, MergeType> | undefined,
): MergeType | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const name = `${apiVersion} ${kind}`;
  return own?.get(name) ?? types[name] ?? (ownGroups.test(apiVersion) ? plain : undefined);
}
