/**
 * Certificates: whether the Secret is what they ask for, and how it becomes so [cert-manager 1.19, pkg/controller/certificates].
 *
 * Real ones are several controllers, one after the other: readiness, trigger, key manager, request manager, issuing, revision manager.
 * What a certificate's own dates are, its status tells: the demo's Secrets hold dummies.
 */
import { at, condition, fieldsOf, list, number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import { timestamp, type StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { isTerminating } from '../../../../packages/apiserver/state/state.ts';
import { controlledBy, type Condition } from '../../../../packages/apiserver/controllers/cluster.ts';
import { kinds, type Cluster } from '../cluster.ts';
import { parseDuration } from '../../../formats/duration.ts';
import {
  certificateName,
  conditionOf,
  conditionsOf,
  dummy,
  issuerOf,
  issuerRefOf,
  keyAnnotation,
  namesIn,
  requestFor,
  revisionAnnotation,
} from './common.ts';
import type { Settings } from './settings.ts';

const hour = 3_600_000;
const day = 24 * hour;
const source = (part: string): string => `cert-manager-certificates-${part}`;

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

type Why = { reason: string; message: string };

const namesOf = (certificate: StoredObject): readonly string[] => {
  const common = text(certificate, 'spec', 'commonName');
  const names = list(certificate, 'spec', 'dnsNames').map((name) => text(name));
  return common === '' || names.includes(common) ? names : [common, ...names];
};

const revisionOf = (request: StoredObject): number =>
  Number(text(request, 'metadata', 'annotations', revisionAnnotation)) || 0;

/** What is wrong with the Secret, in the order in which it is looked for [internal/controller/certificates/policies]. */
function violationOf(
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
function mismatches(certificate: StoredObject, request: StoredObject): readonly string[] {
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
function judge(
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
function renewalTime(certificate: StoredObject, { notBefore, notAfter }: Dates): Date {
  const life = notAfter.getTime() - notBefore.getTime();
  const percentage = number(certificate, 'spec', 'renewBeforePercentage');
  const told =
    parseDuration(text(certificate, 'spec', 'renewBefore')) ?? (percentage > 0 ? (life * percentage) / 100 : undefined);
  const before = told !== undefined && told > 0 && told < life ? told : life / 3;
  return new Date(notAfter.getTime() - before);
}

function renewal(cluster: Cluster, certificate: StoredObject): Why | undefined {
  const due = new Date(text(certificate, 'status', 'renewalTime'));
  if (!(cluster.now >= due)) return undefined;
  const written = `${timestamp(due).replace('T', ' ').replace('Z', '')} +0000 UTC`;
  return { reason: 'Renewing', message: `Renewing certificate as renewal was scheduled at ${written}` };
}

/** `Sun, 22 Nov 2026 12:00:00 UTC`, as Go writes RFC 1123. */
const rfc1123 = (date: Date): string => date.toUTCString().replace('GMT', 'UTC');

const hasFailed = (request: StoredObject): boolean =>
  ['Failed', 'Denied'].includes(text(conditionOf(request, 'Ready'), 'reason'));

/**
 * After a failure the next attempt waits for an hour, then two, and so on up to 32, unless the Certificate was changed since. A real one
 * waits on even when the cause is gone or the failed request was deleted; here it does not, so that nobody waits for it.
 */
function isBackingOff(cluster: Cluster, certificate: StoredObject, next: readonly StoredObject[]): boolean {
  const failed = next.find(hasFailed);
  const last = Date.parse(text(certificate, 'status', 'lastFailureTime'));
  if (Number.isNaN(last) || failed === undefined || mismatches(certificate, failed).length > 0) return false;
  const attempts = Math.max(1, number(certificate, 'status', 'failedIssuanceAttempts'));
  return cluster.world.letsEncrypt.refuses !== null && cluster.now.getTime() < last + backOff(attempts);
}

const backOff = (attempts: number): number => Math.min(32, 2 ** (attempts - 1)) * hour;

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

const nextKeyLabel = 'cert-manager.io/next-private-key';

const keysOf = (cluster: Cluster, certificate: StoredObject): readonly StoredObject[] =>
  cluster
    .owned(kinds.Secret, certificate)
    .filter((secret) => text(secret, 'metadata', 'labels', nextKeyLabel) === 'true');

/** The key of an issuance that is over is of no use. */
function dropKeys(cluster: Cluster, certificate: StoredObject): void {
  if (text(certificate, 'status', 'nextPrivateKeySecretName') === '') return;
  keysOf(cluster, certificate).forEach((secret) => cluster.remove(secret));
  cluster.setStatus(certificate, { nextPrivateKeySecretName: undefined });
}

/** An issuance under way: a key, then a request, then what becomes of it. */
function issue(cluster: Cluster, certificate: StoredObject, next: readonly StoredObject[], settings: Settings): void {
  const { namespace } = certificate.metadata;
  const known = text(certificate, 'status', 'nextPrivateKeySecretName');
  if (known === '' || cluster.get(kinds.Secret, namespace, known) === undefined) return makeKey(cluster, certificate);
  const since = Date.parse(text(conditionOf(certificate, 'Issuing'), 'lastTransitionTime'));
  const [request, ...others] = next.filter((one) => {
    const isOld = hasFailed(one) && Date.parse(text(one, 'status', 'failureTime')) < since;
    if (!isOld && mismatches(certificate, one).length === 0) return true;
    cluster.remove(one);
    return false;
  });
  others.forEach((other) => cluster.remove(other));
  if (request === undefined) return makeRequest(cluster, certificate, known, settings);
  if (hasFailed(request)) return fail(cluster, certificate, request);
  if (condition(request['status'], 'Ready') === 'True') finish(cluster, certificate);
}

function makeKey(cluster: Cluster, certificate: StoredObject): void {
  const name = `${certificate.metadata.name}-${cluster.suffix(`${certificate.metadata.uid} ${cluster.serial()}`)}`;
  cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: certificate.metadata.namespace ?? '',
      name,
      labels: { [nextKeyLabel]: 'true', 'controller.cert-manager.io/fao': 'true' },
      ownerReferences: [controlledBy(certificate)],
    },
    type: 'Opaque',
    data: { 'tls.key': dummy() },
  });
  cluster.setStatus(certificate, { nextPrivateKeySecretName: name });
  const message = `Stored new private key in temporary Secret resource "${name}"`;
  cluster.event(certificate, source('key-manager'), 'Normal', 'Generated', message);
}

function makeRequest(cluster: Cluster, certificate: StoredObject, key: string, settings: Settings): void {
  const { namespace = '', name } = certificate.metadata;
  const revision = number(certificate, 'status', 'revision') + 1;
  const own = `${name.slice(0, 52).replace(/[^a-z0-9]+$/, '')}-${revision}`;
  // One of that name that goes, or is somebody's: it is made when there is room.
  if (cluster.get(kinds.CertificateRequest, namespace, own) !== undefined) return;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = strings(
    certificate,
    'metadata',
    'annotations',
  );
  const labels = strings(certificate, 'metadata', 'labels');
  const usages = list(certificate, 'spec', 'usages');
  cluster.create({
    apiVersion: 'cert-manager.io/v1',
    kind: 'CertificateRequest',
    metadata: {
      namespace,
      name: own,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: {
        ...annotations,
        [certificateName]: name,
        [revisionAnnotation]: String(revision),
        [keyAnnotation]: key,
      },
      ownerReferences: [controlledBy(certificate)],
    },
    spec: {
      ...(at(certificate, 'spec', 'duration') === undefined ? {} : { duration: at(certificate, 'spec', 'duration') }),
      issuerRef: at(certificate, 'spec', 'issuerRef'),
      request: requestFor(namesOf(certificate)),
      usages: usages.length > 0 ? usages : ['digital signature', 'key encipherment'],
      username: `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${settings.namespace}`, 'system:authenticated'],
    },
  });
  const message = `Created new CertificateRequest resource "${own}"`;
  cluster.event(certificate, source('request-manager'), 'Normal', 'Requested', message);
}

function fail(cluster: Cluster, certificate: StoredObject, request: StoredObject): void {
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

function finish(cluster: Cluster, certificate: StoredObject): void {
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

/** Of requests only the last is kept, unless the Certificate says otherwise [1.18]. */
function forget(cluster: Cluster, certificate: StoredObject, requests: readonly StoredObject[]): void {
  const limit = at(certificate, 'spec', 'revisionHistoryLimit');
  const kept = typeof limit === 'number' && limit > 0 ? limit : 1;
  [...requests]
    .sort((one, other) => revisionOf(other) - revisionOf(one))
    .slice(kept)
    .forEach((request) => cluster.remove(request));
}
