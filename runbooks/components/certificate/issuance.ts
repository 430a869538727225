/** How far a certificate's issuance has come: the deepest object that is not well is the cause. */
import { defineCheck, nameOf, pass, skip, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type FoundOutcome } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';

import {
  besides,
  issuanceOf,
  issuanceReads,
  stateOf,
  titleOf,
  troubleQuote,
  troublesOf,
  type Trouble,
} from '../../models/issuance.ts';
import { issuerOf, issuerReads, type IssuerValues } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { followedCertificate, followedListener } from '../../models/stack-listener.ts';
import { stack } from '#stack';
import { has, ifThere } from '../../parts.ts';
import { challengeRecord } from '../../stack-listeners.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import { seesPublicDns } from '../cert-manager/dns.ts';
import * as clusterissuer from '../clusterissuer/clusterissuer.ts';
import { readLog, writeToken } from '../clusterissuer/remedies.ts';
import { tokenIsThere } from '../clusterissuer/token.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as letsEncrypt from '../lets-encrypt/lets-encrypt.ts';

type Certificate = KubeObject<'Certificate'>;

/** An attempt that does not succeed, by its deepest object that is not well. */
interface Stuck {
  certificate: Certificate;
  object: Trouble['object'];
  trouble: Trouble;
  others: readonly Trouble[];
  /** Whether a valid certificate is there meanwhile. */
  isRenewal: boolean;
}

const { namespace, tokenSecret } = stack.certManager;

const disturbs = 'Nothing: a certificate that is there is served until the new one is.';

/** A failed attempt is repeated after an hour, then two, and so on up to 32; this asks at once [cmctl 2]. */
const renew = ({ metadata }: Certificate): Shell => sh`cmctl renew ${place(metadata)}`;

const describeTrouble = ({ object }: Stuck): Shell =>
  sh`kubectl describe ${object.kind.toLowerCase()} ${place(object.metadata)}`;

export const askAgain = (certificate: Certificate): Remedy => ({
  title: 'Ask for the certificate again, rather than wait for the next attempt.',
  commands: [renew(certificate)],
  disturbs,
});

export const showAttempt = ({ metadata }: Certificate): Remedy => ({
  title: 'Look at the CertificateRequest, Order and Challenge: the deepest one that is not well is the cause.',
  commands: [
    sh`kubectl get certificaterequest,order,challenge -n ${metadata.namespace ?? 'default'}`,
    sh`kubectl describe challenge -n ${metadata.namespace ?? 'default'}`,
  ],
  disturbs: 'Nothing: reading only.',
});

/** To mend what the deepest object's words name, and then to ask again. */
const mend =
  (title: string) =>
  (subject: Stuck): readonly [Remedy] => [
    { title, commands: [describeTrouble(subject), renew(subject.certificate)], disturbs },
  ];

/** What is alike in all that keeps an attempt from succeeding. */
const aboutAttempt = {
  outcome: ({ isRenewal }: Stuck): FoundOutcome => (isRenewal ? 'warned' : 'failed'),
  message: ({ certificate, trouble, isRenewal }: Stuck) =>
    `${titleOf(trouble)} ${trouble.how}, so Certificate ${nameOf(certificate)} is not ${isRenewal ? 'renewed' : 'issued'}.`,
  quote: ({ trouble }: Stuck) => troubleQuote(trouble),
  evidence: ({ trouble, others }: Stuck) => [trouble.evidence, ...besides(trouble, others)] as const,
  commands: (subject: Stuck) => [describeTrouble(subject)],
};

const findings = {
  tokenRefused: finding<Stuck>({
    headline: 'The DNS token for Certificate {certificate} is refused',
    means: 'The DNS provider does not let cert-manager write the record that proves the domain.',
    ...aboutAttempt,
    remedies: ({ certificate }) => [
      {
        title: `Make a token that may edit the zone (Zone, DNS, Edit) and put it into ${ifThere('vault', 'Vault; External Secrets copies it', `Secret ${namespace}/${tokenSecret}; the command reads it from standard input`)}.`,
        commands: [
          has('vault')
            ? sh`kubectl annotate externalsecret -n ${namespace} ${tokenSecret} force-sync=$(date +%s) --overwrite`
            : writeToken({ namespace, name: tokenSecret }),
          renew(certificate),
        ],
        disturbs,
      },
    ],
  }),
  recordUnseen: finding<Stuck>({
    headline: 'The DNS record for Certificate {certificate} is not seen',
    means: 'cert-manager wrote the record that proves the domain, and it does not show in DNS, or not everywhere.',
    ...aboutAttempt,
    remedies: ({ certificate }) => [
      {
        title:
          'Compare what public DNS says with what cert-manager wrote; a record that is there and not seen points at the resolver that it asks.',
        commands: [
          sh`dig +short TXT ${challengeRecord(certificate.spec.dnsNames?.[0] ?? followedListener.hostname)} @1.1.1.1`,
          renew(certificate),
        ],
        disturbs,
      },
    ],
  }),
  challengeWaits: finding<Stuck>({
    headline: 'Challenge {object} waits',
    means: 'The domain is not proven yet: cert-manager still works at it, or waits for something.',
    ...aboutAttempt,
    remedies: (subject) => [
      ...mend('Mend what the Challenge’s words name; then ask for the certificate again.')(subject),
      readLog,
    ],
  }),
  challengeFailed: finding<Stuck>({
    headline: 'Challenge {object} has failed',
    means: 'The domain could not be proven, and this attempt is over; the next one comes after an hour or more.',
    ...aboutAttempt,
    remedies: mend('Mend what the Challenge’s words name; then ask for the certificate again.'),
  }),
  orderFails: finding<Stuck>({
    headline: 'Order {object} does not succeed',
    means: 'The server that issues the certificate was asked for it, and this went wrong, though no Challenge did.',
    ...aboutAttempt,
    remedies: mend('Mend what the Order’s words name; then ask for the certificate again.'),
  }),
  requestDenied: finding<Stuck>({
    headline: 'CertificateRequest {object} is denied',
    means: 'An approver in the cluster does not let the certificate be asked for.',
    ...aboutAttempt,
    remedies: mend('Let the approver’s policy allow the request; then ask for the certificate again.'),
  }),
  requestInvalid: finding<Stuck>({
    headline: 'CertificateRequest {object} is invalid',
    means: 'The issuer does not take the request as it stands: the Certificate asks for something that it may not.',
    ...aboutAttempt,
    remedies: mend('Correct in the Certificate what the request’s words name; then ask for it again.'),
  }),
  requestWaits: finding<Stuck>({
    headline: 'CertificateRequest {object} waits',
    means:
      'The certificate is asked for, and the issuer has not begun, or nothing below the request says why it waits.',
    ...aboutAttempt,
    remedies: (subject) => [
      ...mend('Mend what the request’s words name; then ask for the certificate again.')(subject),
      readLog,
    ],
  }),
  requestFailed: finding<Stuck>({
    headline: 'CertificateRequest {object} has failed',
    means: 'The issuer gave the request up, and no Order or Challenge below it says more.',
    ...aboutAttempt,
    remedies: mend('Mend what the request’s words name; then ask for the certificate again.'),
  }),
};

export const issued = defineCheck({
  id: 'certificate/is-issued',
  title: 'What is asked for in the Certificate’s name is issued',
  why: 'A Certificate walks through CertificateRequest, Order and Challenge; the deepest of them that is not well says why it stops.',
  needs: [
    envoyGateway.kindsInstalled,
    certManager.kindsInstalled,
    certManager.ready,
    clusterissuer.exists,
    clusterissuer.ready,
    tokenIsThere,
    letsEncrypt.accepts,
    seesPublicDns,
  ],
  reads: { ...listenerReads, ...issuerReads, ...issuanceReads },
  commands: [
    sh`kubectl get certificaterequest,order,challenge -n ${followedCertificate.namespace}`,
    sh`kubectl describe challenge -n ${followedCertificate.namespace}`,
  ],
  findings,
  judge(values, { find, now }) {
    const certificates = servedCertificates(values);
    if (isNone(certificates)) return skip('No Certificate fills a Secret of the Gateway’s listeners.');
    return eachOf(certificates, (certificate) => {
      const state = stateOf(certificate, now);
      if (state === 'well') return pass(`Certificate ${nameOf(certificate)} is issued.`);
      const [trouble, ...others] = troublesOf(issuanceOf(certificate, values));
      if (trouble === undefined)
        return skip(`No request, Order or Challenge says why Certificate ${nameOf(certificate)} is not issued.`);
      const found = (provesByDns(certificate, values) && namedIn(trouble.reason)) || stopOf(trouble);
      return find[found]({ certificate, object: trouble.object, trouble, others, isRenewal: state === 'failing' });
    });
  },
});

const provesByDns = (certificate: Certificate, values: IssuerValues): boolean =>
  Object.keys(issuerOf(certificate, values)?.spec.acme?.solvers?.[0]?.dns01 ?? {}).length > 0;

/** What the deepest object's words tell of DNS, the telling first. */
function namedIn(words: string): 'tokenRefused' | 'recordUnseen' | undefined {
  if (/\b(?:10000|9109|6003|40[13])\b|authentication error|invalid (?:access )?token|forbidden|permission/i.test(words))
    return 'tokenRefused';
  return /propagat|SOA|authoritative|NXDOMAIN|No TXT record|Incorrect TXT/i.test(words) ? 'recordUnseen' : undefined;
}

/** Where the attempt stops, and whether it may go on. */
function stopOf({ object, state }: Trouble): Exclude<keyof typeof findings, 'tokenRefused' | 'recordUnseen'> {
  if (object.kind === 'Challenge') return state === 'ended' ? 'challengeFailed' : 'challengeWaits';
  if (object.kind === 'Order') return 'orderFails';
  if (state === 'denied') return 'requestDenied';
  if (state === 'invalid') return 'requestInvalid';
  return state === 'waiting' ? 'requestWaits' : 'requestFailed';
}
