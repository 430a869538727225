/** Which kinds have no namespace, of those that manifests commonly hold beyond the table of the runbooks. */
import { kinds } from '../runbook/kinds.ts';
import { groupOf } from '../kinds/kind.ts';
import type { Manifest, ManifestObject } from './files.ts';

const clusterScoped = new Set([
  'APIService',
  'CSIDriver',
  'CertificateSigningRequest',
  'CiliumBGPAdvertisement',
  'CiliumBGPClusterConfig',
  'CiliumBGPPeerConfig',
  'CiliumCIDRGroup',
  'CiliumClusterwideNetworkPolicy',
  'CiliumLoadBalancerIPPool',
  'CiliumL2AnnouncementPolicy',
  'ClusterExternalSecret',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeSnapshotClass',
]);

/** Whether an object of this kind stands in a namespace. */
export function isNamespaced({ apiVersion, kind }: Pick<ManifestObject, 'apiVersion' | 'kind'>): boolean {
  const known = Object.entries(kinds).find(([name, { group }]) => name === kind && group === groupOf(apiVersion));
  return known === undefined ? !clusterScoped.has(kind) : known[1].namespaced;
}

/** `namespace/name`, or the name alone. */
export const nameOf = ({ metadata }: ManifestObject): string =>
  `${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** The namespaces that manifests declare. */
export const namespacesOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(manifests.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.metadata.name] : [])));
