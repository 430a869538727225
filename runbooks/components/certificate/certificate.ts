/** Certificate: keeps the Secret filled from which Envoy serves TLS. [cert-manager 1.12 to 1.19] */
import { since, spanText } from '../../../src/formats/duration.ts';
import { defineCheck, nameOf, pass, refOf, skip, type Evidence, type Judgement } from '../../../src/runbook/check.ts';
import { finding, type Find, type Quote } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { condition, conditionEvidence, conditionText, saidIn, type Condition } from '../../models/conditions.ts';
import { stateOf } from '../../models/issuance.ts';
import { listenerReads, listenerSecrets } from '../../models/listener-secrets.ts';
import { stackCertificates } from '../../models/stack-listener.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import { seesPublicDns } from '../cert-manager/dns.ts';
import * as clusterissuer from '../clusterissuer/clusterissuer.ts';
import { readLog, restart } from '../clusterissuer/remedies.ts';
import { tokenIsThere } from '../clusterissuer/token.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as letsEncrypt from '../lets-encrypt/lets-encrypt.ts';

import { askAgain, issued, showAttempt } from './issuance.ts';
import { judgeUnwritten, unwrittenFindings } from './unwritten.ts';

export { coversRoutes } from './names.ts';

type Certificate = KubeObject<'Certificate'>;

/** A Certificate that is not as it should be, at the time of the run. */
interface Ill {
  certificate: Certificate;
  now: Date;
}

const issuing = ({ status }: Certificate): Condition | undefined => condition(status?.conditions, 'Issuing');
const readiness = ({ status }: Certificate): Condition | undefined => condition(status?.conditions, 'Ready');

const readyEvidence = (certificate: Certificate): Evidence =>
  conditionEvidence(certificate, 'Ready', readiness(certificate), 'True (Ready)');

/** How often issuing failed: a failed attempt is repeated after an hour, then two, up to 32. */
function attempts({ status }: Certificate): string {
  const failed = status?.failedIssuanceAttempts ?? 0;
  if (failed === 0) return '';
  return ` Issuing failed ${failed === 1 ? 'once' : `${failed} times`}.`;
}

/** What was said of the last attempt; of the Certificate, where nothing was. */
function lastWords(certificate: Certificate): Quote | undefined {
  const by = 'cert-manager, in the Certificate’s status';
  const attempt = issuing(certificate);
  const said = attempt?.status === 'False' ? saidIn(attempt, by) : undefined;
  const found = readiness(certificate);
  return said ?? (found?.status === 'True' ? undefined : saidIn(found, by));
}

/** It is valid today, and will be refused the day it expires. */
function renewalFails({ certificate, now }: Ill, why: string): string {
  const left = -(since(certificate.status?.notAfter, now) ?? 0);
  const expires = left > 0 ? `, and the certificate expires in ${spanText(left)}` : '';
  return `Renewal of Certificate ${nameOf(certificate)} is failing: ${why}${expires}.${attempts(certificate)}`;
}

/** What is alike in all that keeps a Certificate from being well. */
const aboutCertificate = {
  quote: ({ certificate }: Ill) => lastWords(certificate),
  commands: ({ certificate }: Ill) => [sh`kubectl describe certificate ${place(certificate.metadata)}`],
  remedies: ({ certificate }: Ill) => [askAgain(certificate), showAttempt(certificate)] as const,
};

/** What can be wrong with a Certificate that a listener serves. */
const ownFindings = {
  expired: finding<Ill>({
    headline: 'Certificate {certificate} has expired',
    means: 'The certificate in the Secret is too old, and none has taken its place: every client refuses it.',
    ...aboutCertificate,
    message: ({ certificate, now }) =>
      `Certificate ${nameOf(certificate)} expired ${spanText(since(certificate.status?.notAfter, now) ?? 0)} ago: every client refuses it.${attempts(certificate)}`,
    evidence: ({ certificate }) => [
      {
        object: refOf(certificate),
        path: 'status.notAfter',
        observed: certificate.status?.notAfter,
        expected: 'a time to come',
      },
      ...(readiness(certificate)?.status === 'True' ? [] : [readyEvidence(certificate)]),
    ],
  }),
  neverSeen: finding<Ill>({
    headline: 'cert-manager has not looked at Certificate {certificate}',
    means: 'The Certificate has no condition Ready: nobody has taken it up, and nothing is asked for in its name.',
    ...aboutCertificate,
    message: ({ certificate }) =>
      `Certificate ${nameOf(certificate)} is not ready: cert-manager has not looked at it.${attempts(certificate)}`,
    evidence: ({ certificate }) => [readyEvidence(certificate)],
    remedies: () => [readLog, restart],
  }),
  notReady: finding<Ill>({
    headline: 'Certificate {certificate} is not ready',
    means: 'cert-manager does not take what is in the Secret for a valid certificate, or has not issued one yet.',
    ...aboutCertificate,
    message: ({ certificate }) =>
      `Certificate ${nameOf(certificate)} is not ready: ${readiness(certificate)?.reason ?? 'no reason given'}.${attempts(certificate)}`,
    evidence: ({ certificate }) => [readyEvidence(certificate)],
  }),
  renewalOverdue: finding<Ill>({
    headline: 'Renewal of Certificate {certificate} is overdue',
    means: 'The certificate is valid still, and should have been renewed by now: on the day it expires, it is refused.',
    outcome: 'warned',
    ...aboutCertificate,
    message: (subject) =>
      renewalFails(
        subject,
        `it was due ${spanText(since(subject.certificate.status?.renewalTime, subject.now) ?? 0)} ago`,
      ),
    evidence: ({ certificate }) => [
      {
        object: refOf(certificate),
        path: 'status.renewalTime',
        observed: certificate.status?.renewalTime,
        expected: 'a time to come',
      },
    ],
  }),
  renewalFailed: finding<Ill>({
    headline: 'Renewal of Certificate {certificate} has failed',
    means: 'The certificate is valid still, and an attempt to renew it has failed; cert-manager will try again.',
    outcome: 'warned',
    ...aboutCertificate,
    message: (subject) => renewalFails(subject, 'an attempt failed'),
    evidence: ({ certificate }) => [
      {
        object: refOf(certificate),
        path: 'status.failedIssuanceAttempts',
        observed: certificate.status?.failedIssuanceAttempts ?? conditionText(issuing(certificate)),
        expected: 0,
      },
    ],
  }),
};

export const ready = defineCheck({
  id: 'certificate/ready',
  title: 'The Certificate behind the listener is ready',
  why: 'A listener whose Secret is missing or broken is not programmed, and its names are refused.',
  needs: [
    envoyGateway.kindsInstalled,
    certManager.kindsInstalled,
    certManager.ready,
    clusterissuer.exists,
    clusterissuer.ready,
    tokenIsThere,
    letsEncrypt.accepts,
    seesPublicDns,
    issued,
  ],
  reads: listenerReads,
  commands: [sh`kubectl get certificate ${stackCertificates}`],
  findings: { ...ownFindings, ...unwrittenFindings },
  judge(values, { find, now }) {
    const secrets = listenerSecrets(values);
    if (isNone(secrets)) return skip('No listener of the Gateway terminates TLS with a Secret.');
    return eachOf(secrets, (secret) => {
      const [certificate] = secret.writers;
      return certificate === undefined
        ? judgeUnwritten(secret, values.certificates, find)
        : judgeCertificate({ certificate, now }, find);
    });
  },
});

function judgeCertificate(subject: Ill, find: Find<typeof ownFindings>): Judgement {
  const { certificate, now } = subject;
  const { status } = certificate;
  switch (stateOf(certificate, now)) {
    case 'well':
      return pass(`Certificate ${nameOf(certificate)} is ready until ${status?.notAfter ?? 'an unknown date'}.`);
    case 'failing':
      return isPast(status?.renewalTime, now) ? find.renewalOverdue(subject) : find.renewalFailed(subject);
    case 'broken':
      if (isPast(status?.notAfter, now)) return find.expired(subject);
      return readiness(certificate) === undefined ? find.neverSeen(subject) : find.notReady(subject);
  }
}

const isPast = (time: string | undefined, now: Date): boolean => (since(time, now) ?? -1) >= 0;
