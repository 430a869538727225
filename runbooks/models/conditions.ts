/** Conditions are looked up by type, never by index; `status` is the truth, reason and message are shown. */

import { refOf, type Evidence } from '../../src/runbook/check.ts';
import type { Quote } from '../../src/runbook/finding.ts';
import type { KubeObject } from '../../src/runbook/kinds.ts';

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

export const condition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((candidate) => candidate.type === type);

/** `True (Programmed)`, or that there is none. What it says is quoted, and does not stand in evidence a second time. */
export const conditionText = (found: Condition | undefined): string =>
  found === undefined ? 'no such condition' : `${found.status}${found.reason ? ` (${found.reason})` : ''}`;

/** A condition's own words, and whose they are: `Envoy Gateway, in the Gateway’s status`. */
export const saidIn = (found: Condition | undefined, by: string): Quote | undefined =>
  found?.message === undefined || found.message.trim() === '' ? undefined : { text: found.message.trim(), by };

/** What a condition of an object shows. */
export const conditionEvidence = (
  object: KubeObject,
  type: string,
  found: Condition | undefined,
  expected: string,
): Evidence => ({ object: refOf(object), path: conditionPath(type), observed: conditionText(found), expected });

/** The path of a condition's status as `kubectl get -o jsonpath` takes it. */
export const conditionPath = (type: string, prefix = 'status'): string => `${prefix}.conditions[?(@.type=="${type}")]`;

/**
 * No controller has ever looked at the object: the condition is missing, or still what the CRD writes as default
 * (Unknown, Pending, 1970) [Gateway API 1.0 to 1.4, GatewayClass and Gateway].
 */
export const neverReconciled = (found: Condition | undefined): boolean =>
  found === undefined || (found.status === 'Unknown' && found.reason === 'Pending');

/** The status is about an older generation of the object than the one that is there. */
export const isStale = (found: Condition | undefined, generation: number | undefined): boolean =>
  // An API server may say null where nothing was written.
  typeof found?.observedGeneration === 'number' && generation !== undefined && found.observedGeneration < generation;
