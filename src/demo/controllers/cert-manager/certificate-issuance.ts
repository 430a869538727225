/** How a certificate is issued: a key, a request, and what becomes of it. */
import { controlledBy } from '../../../../packages/apiserver/controllers/cluster.ts';
import { at, condition, list, number, strings, text } from '../../../../packages/apiserver/objects/fields.ts';
import type { StoredObject } from '../../../../packages/apiserver/objects/object.ts';
import { type Cluster, kinds } from '../cluster.ts';
import { nextKeyLabel, source } from './certificate-keys.ts';
import { mismatches, namesOf } from './certificate-state.ts';
import { hasFailed } from './certificate-attempts.ts';
import { fail, finish } from './certificate-outcome.ts';
import { certificateName, conditionOf, dummy, keyAnnotation, requestFor, revisionAnnotation } from './common.ts';
import type { Settings } from './settings.ts';

/** An issuance under way: a key, then a request, then what becomes of it. */
export function issue(
  cluster: Cluster,
  certificate: StoredObject,
  next: readonly StoredObject[],
  settings: Settings,
): void {
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
