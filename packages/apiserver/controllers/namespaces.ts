/**
 * What every namespace gets: the ServiceAccount that pods run as, and the certificate by which they know the API server [Kubernetes 1.36,
 * pkg/controller/serviceaccount and certificates/rootcacertpublisher].
 */
import type { Fields } from '../objects/fields.ts';
import { isTerminating } from '../state/lifetime.ts';

import { kinds, type Cluster } from './cluster.ts';

/** The key of the memory that holds the certificate, once there is one. */
export const rootCertificate = 'root certificate';

const published = 'kube-root-ca.crt';

export function namespaces(cluster: Cluster): void {
  const certificate = cluster.memory.get(rootCertificate);
  for (const namespace of cluster.list(kinds.Namespace)) {
    if (isTerminating(namespace)) continue;
    const { name, creationTimestamp } = namespace.metadata;
    const ensure = (object: { kind: string } & Fields, called: string): void => {
      if (cluster.get({ group: '', kind: object.kind }, name, called) !== undefined) return;
      cluster.create({ apiVersion: 'v1', ...object, metadata: { namespace: name, name: called, creationTimestamp } });
    };
    ensure({ kind: 'ServiceAccount' }, 'default');
    if (typeof certificate === 'string') ensure({ kind: 'ConfigMap', data: { 'ca.crt': certificate } }, published);
  }
}
