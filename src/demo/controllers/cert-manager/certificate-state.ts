/** What of a Certificate is as it should be, and when it is to be renewed. */
import type { Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { condition, fieldsOf, list, number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import { type StoredObject, timestamp } from '../../../../packages/apiserver/objects/object.ts';
import { parseDuration } from '../../../formats/duration.ts';
import type { Cluster } from '../cluster.ts';
import { certificateName, conditionsOf, issuerRefOf, namesIn, revisionAnnotation } from './common.ts';

export const hour = 3_600_000;

export const day = 24 * hour;

export type Why = { reason: string; message: string };

export const namesOf = (certificate: StoredObject): readonly string[] => {
  const common = text(certificate, 'spec', 'commonName');
  const names = list(certificate, 'spec', 'dnsNames').map((name) => text(name));
  return common === '' || names.includes(common) ? names : [common, ...names];
};

export const revisionOf = (request: StoredObject): number =>
  Number(text(request, 'metadata', 'annotations', revisionAnnotation)) || 0;

/** What is wrong with the Secret, in the order in which it is looked for [internal/controller/certificates/policies]. */
export function violationOf(
  certificate: StoredObject,
  secret: StoredObject | undefined,
  current: StoredObject | undefined,
): Why | undefined {
  if (secret === undefined) return { reason: 'DoesNotExist', message: 'Issuing certificate as Secret does not exist' };
  const data = strings(secret, 'data');
  const lacks = (what: string): Why => ({
    reason: 'MissingData',
    message: `Issuing certificate as Secret does not contain ${what}`,
  });
  if (Object.keys(data).length === 0) return lacks('any data');
  if ((data['tls.key'] ?? '') === '') return lacks('a private key');
  if ((data['tls.crt'] ?? '') === '') return lacks('a certificate');
  const notes = strings(secret, 'metadata', 'annotations');
  const wanted = issuerRefOf(certificate);
  const issued = {
    group: notes['cert-manager.io/issuer-group'] || 'cert-manager.io',
    kind: notes['cert-manager.io/issuer-kind'] || 'Issuer',
    name: notes['cert-manager.io/issuer-name'],
  };
  if (
    issued.name !== undefined &&
    (issued.name !== wanted.name || issued.kind !== wanted.kind || issued.group !== wanted.group)
  ) {
    return {
      reason: 'IncorrectIssuer',
      message: `Issuing certificate as Secret was previously issued by "${issued.kind}.${issued.group}/${issued.name}"`,
    };
  }
  const owner = notes[certificateName];
  if (owner !== undefined && owner !== certificate.metadata.name) {
    return {
      reason: 'IncorrectCertificate',
      message: `Secret was issued for "${owner}". If this message is not transient, you might have two conflicting Certificates pointing to the same secret.`,
    };
  }
  if (current !== undefined) {
    const changed = mismatches(certificate, current);
    return changed.length === 0
      ? undefined
      : {
          reason: 'RequestChanged',
          message: `Fields on existing CertificateRequest resource not up to date: [${changed.join(' ')}]`,
        };
  }
  const names = notes['cert-manager.io/alt-names']?.split(',');
  return names === undefined || isSame(names, namesOf(certificate))
    ? undefined
    : {
        reason: 'SecretMismatch',
        message: 'Issuing certificate as Existing issued Secret is not up to date for spec: [spec.dnsNames]',
      };
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((entry) => other.includes(entry));

/** Fields of the Certificate that a request does not ask for. */
export function mismatches(certificate: StoredObject, request: StoredObject): readonly string[] {
  const [wanted, asked] = [issuerRefOf(certificate), issuerRefOf(request)];
  const names = namesIn(text(request, 'spec', 'request'));
  return [
    ...(names === undefined || isSame(names, namesOf(certificate)) ? [] : ['spec.dnsNames']),
    ...(wanted.name === asked.name && wanted.kind === asked.kind && wanted.group === asked.group
      ? []
      : ['spec.issuerRef']),
  ];
}

/** Writes how the Certificate is: its dates, and whether it is ready. */
export function judge(
  cluster: Cluster,
  certificate: StoredObject,
  secret: StoredObject | undefined,
  violation: Why | undefined,
): StoredObject {
  const dates = secret === undefined ? undefined : datesOf(certificate, secret);
  const observedGeneration = certificate.metadata.generation ?? 1;
  const present = conditionsOf(certificate);
  const isExpired = dates !== undefined && cluster.now > dates.notAfter;
  const ready: Condition =
    violation !== undefined
      ? { type: 'Ready', status: 'False', ...violation, observedGeneration }
      : isExpired
        ? {
            type: 'Ready',
            status: 'False',
            reason: 'Expired',
            message: `Certificate expired on ${rfc1123(dates.notAfter)}`,
            observedGeneration,
          }
        : {
            type: 'Ready',
            status: 'True',
            reason: 'Ready',
            message: 'Certificate is up to date and has not expired',
            observedGeneration,
          };
  const next = cluster.conditions(present, ready).map((entry) => {
    // It expires at its time, whether or not anybody looks just then.
    const justExpired = ready.reason === 'Expired' && condition({ conditions: present }, 'Ready') !== 'False';
    const isIt = text(entry, 'type') === 'Ready' && justExpired && dates !== undefined;
    return isIt ? { ...fieldsOf(entry), lastTransitionTime: timestamp(dates.notAfter) } : entry;
  });
  return cluster.setStatus(certificate, {
    conditions: next,
    notBefore: dates && timestamp(dates.notBefore),
    notAfter: dates && timestamp(dates.notAfter),
    renewalTime: dates && timestamp(renewalTime(certificate, dates)),
  });
}

interface Dates {
  notBefore: Date;
  notAfter: Date;
}

/** The status has them; a Secret that somebody brought back is as old as it is. */
function datesOf(certificate: StoredObject, secret: StoredObject): Dates {
  const [before, after] = ['notBefore', 'notAfter'].map((field) => Date.parse(text(certificate, 'status', field)));
  if (before !== undefined && after !== undefined && !Number.isNaN(before) && !Number.isNaN(after)) {
    return { notBefore: new Date(before), notAfter: new Date(after) };
  }
  const made = Date.parse(secret.metadata.creationTimestamp);
  return { notBefore: new Date(made), notAfter: new Date(made + 90 * day) };
}

/** A third of its life before it ends, or when the Certificate says [pkg/util/pki/renewaltime.go]. */
export function renewalTime(certificate: StoredObject, { notBefore, notAfter }: Dates): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  const percentage = number(certificate, 'spec', 'renewBeforePercentage');
  const told =
    parseDuration(text(certificate, 'spec', 'renewBefore')) ?? (percentage > 0 ? (life * percentage) / 100 : undefined);
  const before = told !== undefined && told > 0 && told < life ? told : life / 3;
  return new Date(notAfter.getTime() - before);
}

export function renewal(cluster: Cluster, certificate: StoredObject): Why | undefined {
  const due = new Date(text(certificate, 'status', 'renewalTime'));
  if (!(cluster.now >= due)) return undefined;
  const written = `${timestamp(due).replace('T', ' ').replace('Z', '')} +0000 UTC`;
  return { reason: 'Renewing', message: `Renewing certificate as renewal was scheduled at ${written}` };
}

/** `Sun, 22 Nov 2026 12:00:00 UTC`, as Go writes RFC 1123. */
const rfc1123 = (date: Date): string => date.toUTCString().replace('GMT', 'UTC');
