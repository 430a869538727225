/**
 * Certificates: whether the Secret is what they ask for, and how it becomes so [cert-manager 1.19, pkg/controller/certificates].
 *
 * Real ones are several controllers, one after the other: readiness, trigger, key manager, request manager, issuing, revision manager.
 * What a certificate's own dates are, its status tells: the demo's Secrets hold dummies.
 */
import { at, condition, list, number, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/lifetime.ts';
import { type Cluster, kinds } from '../cluster.ts';
import { hasFailed, isBackingOff } from './certificate-attempts.ts';
import { issue } from './certificate-issuance.ts';
import { dropKeys, source } from './certificate-keys.ts';
import { judge, renewal, revisionOf, violationOf, type Why } from './certificate-state.ts';
import { conditionsOf } from './common.ts';
import type { Settings } from './settings.ts';

export function certificates(cluster: Cluster, settings: Settings): void {
  const requestsOf = Map.groupBy(cluster.list(kinds.CertificateRequest), (request) =>
    text(list(request, 'metadata', 'ownerReferences')[0], 'uid'),
  );
  for (const certificate of cluster.list(kinds.Certificate)) {
    if (isTerminating(certificate)) continue;
    const requests = (requestsOf.get(certificate.metadata.uid) ?? []).filter((request) => !isTerminating(request));
    keep(cluster, certificate, requests, settings);
  }
}

function keep(cluster: Cluster, given: StoredObject, requests: readonly StoredObject[], settings: Settings): void {
  const secret = cluster.get(kinds.Secret, given.metadata.namespace, text(given, 'spec', 'secretName'));
  const revision = number(given, 'status', 'revision');
  const current = requests.find((request) => revisionOf(request) === revision);
  const next = requests.filter((request) => revisionOf(request) === revision + 1);
  const violation = violationOf(given, secret, current);
  const certificate = judge(cluster, given, secret, violation);
  if (condition(certificate['status'], 'Ready') === 'True') forget(cluster, certificate, requests);
  if (condition(certificate['status'], 'Issuing') === 'True') {
    issue(cluster, certificate, next, settings);
    return;
  }
  const why = violation ?? renewal(cluster, certificate);
  if (why !== undefined && !isBackingOff(cluster, certificate, next)) {
    // What failed before is of the last issuance.
    next.filter(hasFailed).forEach((request) => cluster.remove(request));
    trigger(cluster, certificate, why);
    return;
  }
  dropKeys(cluster, certificate);
}

function trigger(cluster: Cluster, certificate: StoredObject, why: Why): void {
  cluster.setStatus(certificate, {
    conditions: cluster.conditions(conditionsOf(certificate), {
      type: 'Issuing',
      status: 'True',
      ...why,
      observedGeneration: certificate.metadata.generation ?? 1,
    }),
  });
  cluster.event(certificate, source('trigger'), 'Normal', 'Issuing', why.message);
}

/** Of requests only the last is kept, unless the Certificate says otherwise [1.18]. */
function forget(cluster: Cluster, certificate: StoredObject, requests: readonly StoredObject[]): void {
  const limit = at(certificate, 'spec', 'revisionHistoryLimit');
  const kept = typeof limit === 'number' && limit > 0 ? limit : 1;
  [...requests]
    .sort((one, other) => revisionOf(other) - revisionOf(one))
    .slice(kept)
    .forEach((request) => cluster.remove(request));
}
