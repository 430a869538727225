/** Certificate: keeps the Secret filled from which Envoy serves TLS. [cert-manager 1.12 to 1.19] */
import {
  defineCheck,
  fail,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  warn,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText, inItsWords } from '../../models/conditions.ts';
import { since, spanText } from '../../../src/formats/duration.ts';
import { stateOf } from '../../models/issuance.ts';
import { listenerReads, listenerSecrets, type ListenerSecret } from '../../models/listener-secrets.ts';
import { stack } from '../../stack.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import { seesPublicDns } from '../cert-manager/dns.ts';
import { issued } from './issuance.ts';
import * as clusterissuer from '../clusterissuer/clusterissuer.ts';
import { tokenIsThere } from '../clusterissuer/token.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as letsEncrypt from '../lets-encrypt/lets-encrypt.ts';

export { coversRoutes } from './names.ts';

type Certificate = KubeObject<'Certificate'>;

export const ready = defineCheck({
  id: 'certificate/ready',
  title: 'The Certificate behind the listener is ready',
  why: 'A listener whose Secret is missing or broken is not programmed, and its names are refused.',
  needs: [
    envoyGateway.kindsInstalled,
    certManager.ready,
    clusterissuer.exists,
    clusterissuer.ready,
    tokenIsThere,
    letsEncrypt.accepts,
    seesPublicDns,
    issued,
  ],
  reads: listenerReads,
  commands: [sh`kubectl get certificate ${place(stack.certificate)}`],
  judge(values, { now }): Judgement | readonly Judgement[] {
    const secrets = listenerSecrets(values);
    if (secrets.length === 0) return skip('No listener of the Gateway terminates TLS with a Secret.');
    return secrets.map((secret) => {
      const [certificate] = secret.writers;
      return certificate === undefined
        ? judgeReference(secret, values.certificates)
        : judgeCertificate(certificate, now);
    });
  },
});

/** No Certificate writes the Secret: a fault only where the listener misses it, for it may come from elsewhere. */
function judgeReference(
  { gateway, listener, namespace, name }: ListenerSecret,
  all: readonly Certificate[],
): Judgement {
  const listenerStatus = gateway.status?.listeners?.find((status) => status.name === listener.name);
  const resolved = condition(listenerStatus?.conditions, 'ResolvedRefs');
  if (resolved?.status !== 'False') {
    return skip(`No Certificate writes Secret ${namespace}/${name}; the listener is content with what is there.`);
  }
  if (resolved.reason !== 'InvalidCertificateRef') {
    return skip(`No Certificate writes Secret ${namespace}/${name}, and it is not what the listener misses.`);
  }
  const near = all.filter((one) => one.metadata.namespace === namespace);
  const namesake = all.find((one) => one.spec.secretName === name);
  const meant =
    near.find((one) => one.spec.dnsNames?.some((pattern) => pattern === listener.hostname)) ?? near[0] ?? namesake;
  if (meant === undefined) {
    return fail({
      message: `Secret ${namespace}/${name} cannot be used, and no Certificate writes it.`,
      evidence: [
        {
          object: refTo('Certificate', stack.certificate),
          path: 'metadata.name',
          observed: 'not found',
          expected: `a Certificate with secretName ${name}`,
        },
      ],
      remedy: {
        title: 'Create the Certificate again from Git.',
        commands: [sh`kubectl apply -f infrastructure/gateway/certificate.yaml`],
        disturbs: 'Nothing: the listener is programmed once the Secret is there.',
      },
      explainedBy: [envoyGateway.kindsInstalled.id],
    });
  }
  // The stack's own names are taken for the right ones: which of the two differs from them is at fault.
  const isListenerRight = namespace === stack.certificate.namespace && name === stack.certificate.secret;
  const isNamespace = meant === namesake;
  const [written, wanted] = isNamespace ? [meant.metadata.namespace, namespace] : [meant.spec.secretName, name];
  const fault: Evidence = isListenerRight
    ? {
        object: refOf(meant),
        path: isNamespace ? 'metadata.namespace' : 'spec.secretName',
        observed: written,
        expected: wanted,
      }
    : {
        object: refOf(gateway),
        path: `spec.listeners[?(@.name=="${listener.name}")].tls.certificateRefs[*].${isNamespace ? 'namespace' : 'name'}`,
        observed: wanted,
        expected: written,
      };
  return fail({
    message: `Listener ${listener.name} takes Secret ${namespace}/${name}, which no Certificate writes; Certificate ${meant.metadata.name} writes ${isNamespace ? `${meant.metadata.namespace}/` : ''}${meant.spec.secretName}.`,
    evidence: [fault],
    remedy: {
      title: 'Let listener and Certificate name the same Secret, in the Gateway’s own namespace.',
      commands: [sh`kubectl apply -f infrastructure/gateway/${isListenerRight ? 'certificate' : 'gateway'}.yaml`],
      disturbs: 'Nothing: the listener is programmed once the Secret is there.',
    },
    explainedBy: [envoyGateway.kindsInstalled.id],
  });
}

function judgeCertificate(certificate: Certificate, now: Date): Judgement {
  const { status } = certificate;
  const found = condition(status?.conditions, 'Ready');
  const state = stateOf(certificate, now);
  const expired = since(status?.notAfter, now) ?? -1;
  if (state === 'well') {
    return pass(`Certificate ${nameOf(certificate)} is ready until ${status?.notAfter ?? 'an unknown date'}.`);
  }
  if (state === 'failing') return renewalFails(certificate, now);
  const isPastIt = expired >= 0;
  const ready: Evidence = {
    object: refOf(certificate),
    path: conditionPath('Ready'),
    observed: conditionText(found),
    expected: 'True (Ready)',
  };
  const notAfter: Evidence = {
    object: refOf(certificate),
    path: 'status.notAfter',
    observed: status?.notAfter,
    expected: 'a time to come',
  };
  return fail({
    message: isPastIt
      ? `Certificate ${nameOf(certificate)} expired ${spanText(expired)} ago: every client refuses it.${attempts(certificate)}`
      : `Certificate ${nameOf(certificate)} is not ready: ${found?.reason ?? 'cert-manager has not looked at it'}.${inItsWords(found)}${attempts(certificate)}`,
    evidence: isPastIt ? [notAfter, ...(found?.status === 'True' ? [] : [ready])] : [ready],
    commands: [sh`kubectl describe certificate ${place(certificate.metadata)}`],
    remedy: followItDown(certificate),
  });
}

/** How often issuing failed, and what it said: a failed attempt is repeated after an hour, then two, up to 32. */
function attempts({ status }: Certificate): string {
  const failed = status?.failedIssuanceAttempts ?? 0;
  const issuing = condition(status?.conditions, 'Issuing');
  const words = issuing?.status === 'False' ? inItsWords(issuing) : '';
  return failed === 0 ? words : ` Issuing failed ${failed === 1 ? 'once' : `${failed} times`}.${words}`;
}

/** It is valid today and is not renewed: it will be refused the day it expires. */
function renewalFails(certificate: Certificate, now: Date): Judgement {
  const { status } = certificate;
  const overdue = since(status?.renewalTime, now) ?? 0;
  const left = -(since(status?.notAfter, now) ?? 0);
  const isOverdue = overdue > 0;
  return warn({
    message: `Renewal of Certificate ${nameOf(certificate)} is failing: ${isOverdue ? `it was due ${spanText(overdue)} ago` : 'an attempt failed'}${left > 0 ? `, and the certificate expires in ${spanText(left)}` : ''}.${attempts(certificate)}`,
    evidence: [
      isOverdue
        ? {
            object: refOf(certificate),
            path: 'status.renewalTime',
            observed: status?.renewalTime,
            expected: 'a time to come',
          }
        : {
            object: refOf(certificate),
            path: 'status.failedIssuanceAttempts',
            observed: status?.failedIssuanceAttempts ?? conditionText(condition(status?.conditions, 'Issuing')),
            expected: 0,
          },
    ],
    remedy: followItDown(certificate),
  });
}

const followItDown = ({ metadata }: Certificate) => ({
  title:
    'Follow it down to the CertificateRequest, Order and Challenge: the deepest one that is not well is the cause. Without any, ask for it again.',
  commands: [
    sh`kubectl get certificaterequest,order,challenge -n ${metadata.namespace ?? 'default'}`,
    sh`kubectl describe challenge -n ${metadata.namespace ?? 'default'}`,
    sh`cmctl renew ${place(metadata)}`,
  ],
  disturbs: 'Nothing: a certificate that is there is served until the new one is.',
});
