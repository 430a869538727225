/** The cluster's own CoreDNS, wherever it is: the one whose Service and pods carry `k8s-app: kube-dns`, as kubeadm and k3s install it. */
import { list, strings, text } from '../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../packages/apiserver/objects/object.ts';
import type { Kind } from '../../../packages/apiserver/state/kind.ts';
import { kinds } from './cluster.ts';

/** A cluster, or the state that it is of. */
interface Objects {
  list: (kind: Kind, namespace?: string) => readonly StoredObject[];
  get: (kind: Kind, namespace: string | undefined, name: string) => StoredObject | undefined;
}

const isClusterDns = (object: StoredObject): boolean => text(object, 'metadata', 'labels', 'k8s-app') === 'kube-dns';

export const clusterDnsService = (objects: Objects): StoredObject | undefined =>
  objects.list(kinds.Service).find(isClusterDns);

/** The files that it is configured with, the Corefile among them. */
export function clusterDnsFiles(objects: Objects): Readonly<Record<string, string>> {
  const deployment = objects.list(kinds.Deployment).find(isClusterDns);
  const files = list(deployment, 'spec', 'template', 'spec', 'volumes')
    .map((volume) => objects.get(kinds.ConfigMap, deployment?.metadata.namespace, text(volume, 'configMap', 'name')))
    .find((config) => config !== undefined);
  return strings(files, 'data');
}
