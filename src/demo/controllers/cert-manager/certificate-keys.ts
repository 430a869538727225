/** The keys of a Certificate that are not in use yet, and who of cert-manager speaks of them. */
import { text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { type Cluster, kinds } from '../cluster.ts';

export const source = (part: string): string => `cert-manager-certificates-${part}`;

export const nextKeyLabel = 'cert-manager.io/next-private-key';

const keysOf = (cluster: Cluster, certificate: StoredObject): readonly StoredObject[] =>
  cluster
    .owned(kinds.Secret, certificate)
    .filter((secret) => text(secret, 'metadata', 'labels', nextKeyLabel) === 'true');

/** The key of an issuance that is over is of no use. */
export function dropKeys(cluster: Cluster, certificate: StoredObject): void {
  if (text(certificate, 'status', 'nextPrivateKeySecretName') === '') return;
  keysOf(cluster, certificate).forEach((secret) => cluster.remove(secret));
  cluster.setStatus(certificate, { nextPrivateKeySecretName: undefined });
}
