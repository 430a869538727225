/**
 * What an item of a list is told by, for patches that merge lists and for knowing who owns which item: the `patchMergeKey` and
 * `listMapKeys` of k8s.io/api v0.36, and those of the Gateway API's definitions. A list that is not here is one value: it is replaced.
 *
 * The packages of models say none of it of built-in kinds.
 */
export interface ListType {
  /**
   * The field that a strategic merge patch finds an item by; empty for a list of plain values, which is then a set. Absent where such a
   * patch replaces the list all the same.
   */
  mergeKey?: string;
  /** The fields that an item's owner is recorded with, and server-side apply finds it by. */
  keys: readonly string[];
}

const by = (mergeKey: string, ...others: readonly string[]): ListType => ({
  mergeKey,
  keys: [mergeKey, ...others],
});
const set: ListType = { mergeKey: '', keys: [] };
const applied = (...keys: readonly string[]): ListType => ({ keys });

/** By the last fields of the path; the longer one wins. */
const listTypes: Readonly<Record<string, ListType>> = {
  'metadata.ownerReferences': by('uid'),
  'metadata.finalizers': set,
  'status.conditions': by('type'),
  'listeners.conditions': by('type'),
  'parents.conditions': by('type'),

  'spec.containers': by('name'),
  'spec.initContainers': by('name'),
  'spec.ephemeralContainers': by('name'),
  'spec.volumes': by('name'),
  'spec.imagePullSecrets': by('name'),
  'spec.hostAliases': by('ip'),
  'spec.topologySpreadConstraints': by('topologyKey', 'whenUnsatisfiable'),
  'spec.schedulingGates': by('name'),
  'spec.resourceClaims': by('name'),
  'containers.env': by('name'),
  'containers.ports': by('containerPort', 'protocol'),
  'containers.volumeMounts': by('mountPath'),
  'containers.volumeDevices': by('devicePath'),
  'resources.claims': applied('name'),
  'initContainers.env': by('name'),
  'initContainers.ports': by('containerPort', 'protocol'),
  'initContainers.volumeMounts': by('mountPath'),
  'initContainers.volumeDevices': by('devicePath'),

  'ephemeralContainers.env': by('name'),
  'ephemeralContainers.ports': by('containerPort', 'protocol'),
  'ephemeralContainers.volumeMounts': by('mountPath'),
  'ephemeralContainers.volumeDevices': by('devicePath'),
  'onExitCodes.values': applied(),

  'Service.spec.ports': by('port', 'protocol'),
  'ServiceAccount.secrets': by('name'),
  'EndpointSlice.endpoints.addresses': applied(),
  'Node.spec.podCIDRs': set,
  'Node.status.addresses': by('type'),
  'Pod.status.podIPs': by('ip'),
  'Pod.status.hostIPs': by('ip'),
  'CSINode.spec.drivers': by('name'),
  'MutatingWebhookConfiguration.webhooks': by('name'),
  'ValidatingWebhookConfiguration.webhooks': by('name'),

  'Gateway.spec.listeners': by('name'),
  'Gateway.status.listeners': by('name'),
};

/** Defaults of keys that an item may leave out. */
export const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** @param path Names of fields only: items of a list have the path of the list. */
export function listTypeAt(kind: string, path: readonly string[]): ListType | undefined {
  return listTypes[[kind, ...path].join('.')] ?? listTypes[path.slice(-2).join('.')];
}
