/** When a Certificate is tried again after an issuance has failed. */
import { number, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import type { Cluster } from '../cluster.ts';
import { hour, mismatches } from './certificate-state.ts';
import { conditionOf } from './common.ts';

/**
 * After a failure the next attempt waits for an hour, then two, and so on up to 32, unless the Certificate was changed since. A real one
 * waits on even when the cause is gone or the failed request was deleted; here it does not, so that nobody waits for it.
 */
export function isBackingOff(cluster: Cluster, certificate: StoredObject, next: readonly StoredObject[]): boolean {
  const failed = next.find(hasFailed);
  const last = Date.parse(text(certificate, 'status', 'lastFailureTime'));
  if (Number.isNaN(last) || failed === undefined || mismatches(certificate, failed).length > 0) return false;
  const attempts = Math.max(1, number(certificate, 'status', 'failedIssuanceAttempts'));
  return cluster.world.letsEncrypt.refuses !== null && cluster.now.getTime() < last + backOff(attempts);
}

export const backOff = (attempts: number): number => Math.min(32, 2 ** (attempts - 1)) * hour;

export const hasFailed = (request: StoredObject): boolean =>
  ['Failed', 'Denied'].includes(text(conditionOf(request, 'Ready'), 'reason'));
