/** How an issuance ends: in a certificate, or in another attempt later. */
import { at, list, number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import { type StoredObject, timestamp } from '../../../../packages/apiserver/objects/object.ts';
import { parseDuration } from '../../../formats/duration.ts';
import { type Cluster, kinds } from '../cluster.ts';
import { source } from './certificate-keys.ts';
import { day, namesOf, renewalTime } from './certificate-state.ts';
import { backOff } from './certificate-attempts.ts';
import { certificateName, conditionOf, conditionsOf, dummy, issuerOf, issuerRefOf } from './common.ts';

export function fail(cluster: Cluster, certificate: StoredObject, request: StoredObject): void {
  const why = text(conditionOf(request, 'Ready'), 'message');
  const message = `The certificate request has failed to complete and will be retried: ${why}`;
  const last = Date.parse(text(certificate, 'status', 'lastFailureTime'));
  cluster.setStatus(certificate, {
    conditions: cluster.conditions(conditionsOf(certificate), {
      type: 'Issuing',
      status: 'False',
      reason: 'Failed',
      message,
      observedGeneration: certificate.metadata.generation ?? 1,
    }),
    failedIssuanceAttempts: attemptsUntil(cluster.now, last, number(certificate, 'status', 'failedIssuanceAttempts')),
    lastFailureTime: cluster.timestamp,
  });
  cluster.event(certificate, source('issuing'), 'Warning', 'Failed', message);
}

/** Attempts by now: while nobody looked, each back-off that ended was followed by another one in vain. */
function attemptsUntil(now: Date, last: number, before: number): number {
  let attempts = before + 1;
  if (Number.isNaN(last) || before === 0) return attempts;
  for (let at = last + backOff(before); at + backOff(attempts) <= now.getTime(); attempts += 1) at += backOff(attempts);
  return attempts;
}

export function finish(cluster: Cluster, certificate: StoredObject): void {
  const { namespace = '', name } = certificate.metadata;
  const secretName = text(certificate, 'spec', 'secretName');
  const old = cluster.get(kinds.Secret, namespace, secretName);
  const issuer = issuerRefOf(certificate);
  const template = at(certificate, 'spec', 'secretTemplate');
  const joined = (field: string): string =>
    list(certificate, 'spec', field)
      .map((entry) => text(entry))
      .join(',');
  const labels = {
    ...strings(old, 'metadata', 'labels'),
    ...strings(template, 'labels'),
    'controller.cert-manager.io/fao': 'true',
  };
  const annotations = {
    ...strings(old, 'metadata', 'annotations'),
    ...strings(template, 'annotations'),
    'cert-manager.io/alt-names': namesOf(certificate).join(','),
    [certificateName]: name,
    'cert-manager.io/common-name': text(certificate, 'spec', 'commonName'),
    'cert-manager.io/ip-sans': joined('ipAddresses'),
    'cert-manager.io/issuer-group': text(certificate, 'spec', 'issuerRef', 'group'),
    'cert-manager.io/issuer-kind': issuer.kind,
    'cert-manager.io/issuer-name': issuer.name,
    'cert-manager.io/uri-sans': joined('uris'),
  };
  const isAcme = at(issuerOf(cluster, certificate), 'spec', 'acme') !== undefined;
  const data = {
    ...strings(old, 'data'),
    ...(isAcme ? {} : { 'ca.crt': dummy() }),
    'tls.crt': dummy(),
    'tls.key': dummy(),
  };
  if (old === undefined) {
    cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: secretName, labels, annotations },
      type: 'kubernetes.io/tls',
      data,
    });
  } else {
    cluster.replace({ ...old, metadata: { ...old.metadata, labels, annotations }, data });
  }
  // Let's Encrypt gives ninety days whatever is asked for; others give what the Certificate asks for.
  const asked = parseDuration(text(certificate, 'spec', 'duration'));
  const life = isAcme || asked === undefined || asked <= 0 ? 90 * day : asked;
  const notBefore = new Date(Date.parse(cluster.timestamp));
  const dates = { notBefore, notAfter: new Date(notBefore.getTime() + life) };
  cluster.setStatus(certificate, {
    conditions: conditionsOf(certificate).filter((entry) => text(entry, 'type') !== 'Issuing'),
    notBefore: timestamp(dates.notBefore),
    notAfter: timestamp(dates.notAfter),
    renewalTime: timestamp(renewalTime(certificate, dates)),
    revision: number(certificate, 'status', 'revision') + 1,
    failedIssuanceAttempts: undefined,
    lastFailureTime: undefined,
  });
  cluster.event(certificate, source('issuing'), 'Normal', 'Issuing', 'The certificate has been successfully issued');
}
