/** ClusterIssuer: the account at Let's Encrypt, and how it proves the domain. [cert-manager 1.12 to 1.19] */
import {
  defineCheck,
  nameOf,
  pass,
  refOf,
  refTo,
  skip,
  type Evidence,
  type Remedy,
} from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import { issuanceOf, issuanceReads, stateOf, titleOf, troublesOf, type Trouble } from '../../models/issuance.ts';
import {
  issuerName,
  issuerOf,
  issuerReads,
  issuersOf,
  isOfCertManager,
  usedBy,
  type AnyIssuer,
} from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { setField } from '../../models/patches.ts';
import { stack } from '#stack';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { accepts, refusalIn } from '../lets-encrypt/lets-encrypt.ts';

import { readLog, restart, rollout } from './remedies.ts';

type Certificate = KubeObject<'Certificate'>;

const none = 'No Certificate of cert-manager fills a Secret of the Gateway’s listeners.';
const reads = { ...listenerReads, ...issuerReads };

/** A Certificate that names an issuer which does not exist. */
interface Dangling {
  certificate: Certificate;
  wanted: { kind: 'Issuer' | 'ClusterIssuer'; namespace?: string; name: string };
  /** Those that it could name. */
  others: readonly AnyIssuer[];
}

/** One of which it can be told what it means. */
interface Misnamed extends Dangling {
  meant: AnyIssuer;
}

const danglingMessage = ({ certificate, wanted, others }: Dangling): string => {
  const there = others.length === 0 ? '' : ` (there is ${others.map(issuerName).join(', ')})`;
  return `Certificate ${nameOf(certificate)} names ${wanted.kind} ${wanted.name}, which does not exist${there}.`;
};

const inReference = ({ certificate }: Dangling, field: string, observed: string, expected: string): Evidence => ({
  object: refOf(certificate),
  path: `spec.issuerRef.${field}`,
  observed,
  expected,
});

const nameIssuer = ({ certificate, meant }: Misnamed, field: string, to: unknown): Remedy => ({
  title: `Let the Certificate name ${issuerName(meant)}.`,
  ...setField(certificate, `spec.issuerRef${field}`, to),
  disturbs: 'Nothing: the old certificate is served until the new one is there.',
});

export const exists = defineCheck({
  id: 'clusterissuer/exists',
  title: 'The issuer that the Certificate names exists',
  why: 'A request to an issuer that does not exist waits for ever; a reference without kind means an Issuer, not a ClusterIssuer.',
  needs: [envoyGateway.kindsInstalled],
  reads,
  commands: [
    sh`kubectl get clusterissuer,issuer -A`,
    sh`kubectl get certificate ${place(stack.certificate)} -o jsonpath='{.spec.issuerRef}'`,
  ],
  findings: {
    wrongKind: finding<Misnamed>({
      headline: 'Certificate {certificate} gives its issuer the wrong kind',
      means:
        'The issuer exists as the other kind: a reference without kind means an Issuer of the Certificate’s namespace.',
      message: danglingMessage,
      evidence: (subject) => [
        inReference(
          subject,
          'kind',
          subject.certificate.spec.issuerRef.kind ?? 'left out, which means Issuer',
          subject.meant.kind,
        ),
      ],
      remedies: (subject) => [nameIssuer(subject, '.kind', subject.meant.kind)],
    }),
    misnamed: finding<Misnamed>({
      headline: 'Certificate {certificate} names an issuer that is not there',
      means: 'No issuer has the name that the Certificate gives, and there is another that it most likely means.',
      message: danglingMessage,
      evidence: (subject) => [inReference(subject, 'name', subject.wanted.name, subject.meant.metadata.name)],
      remedies: (subject) => {
        const { kind, metadata } = subject.meant;
        return kind === subject.wanted.kind
          ? [nameIssuer(subject, '.name', metadata.name)]
          : [nameIssuer(subject, '', { group: 'cert-manager.io', kind, name: metadata.name })];
      },
    }),
    missing: finding<Dangling & { kind: string }>({
      headline: '{kind} {wanted} does not exist',
      means: 'The Certificate asks for it, and its requests wait until it is there.',
      message: danglingMessage,
      evidence: (subject) => [
        {
          object: refTo(subject.wanted.kind, subject.wanted),
          path: 'metadata.name',
          observed: 'not found',
          expected: 'exists',
        },
        inReference(subject, 'name', subject.wanted.name, 'an issuer that exists'),
      ],
      remedies: () => [
        {
          title: 'Create the issuer again from Git.',
          commands: [sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml`],
          disturbs: 'Nothing: it registers with its account key as before.',
        },
      ],
    }),
  },
  judge(values, { find }) {
    const certificates = servedCertificates(values);
    if (certificates.length === 0) return skip(none);
    return certificates.map((certificate) => {
      const named = nameOf(certificate);
      if (!isOfCertManager(certificate)) return skip(`Certificate ${named} names an issuer of another controller.`, []);
      const issuer = issuerOf(certificate, values);
      if (issuer !== undefined) return pass(`Certificate ${named} names ${issuerName(issuer)}, which exists.`);
      const others = issuersOf(certificate, values);
      const subject = { certificate, wanted: wantedBy(certificate), others };
      const meant = meantIssuer(subject);
      if (meant === undefined) return find.missing({ ...subject, kind: subject.wanted.kind });
      return meant.metadata.name === subject.wanted.name
        ? find.wrongKind({ ...subject, meant })
        : find.misnamed({ ...subject, meant });
    });
  },
});

const wantedBy = ({ metadata, spec }: Certificate): Dangling['wanted'] =>
  spec.issuerRef.kind === 'ClusterIssuer'
    ? { kind: 'ClusterIssuer', name: spec.issuerRef.name }
    : { kind: 'Issuer', namespace: metadata.namespace ?? '', name: spec.issuerRef.name };

/** The issuer that a wrong reference most likely means; none where the stack's own is named, and is what is missing. */
function meantIssuer({ wanted, others }: Dangling): AnyIssuer | undefined {
  const namesake = others.find(({ metadata }) => metadata.name === wanted.name);
  if (namesake !== undefined) return namesake;
  if (wanted.kind === 'ClusterIssuer' && wanted.name === stack.clusterIssuer.name) return undefined;
  return others.find(({ metadata }) => metadata.name === stack.clusterIssuer.name) ?? others[0];
}

/** An issuer that some Certificates name, and what it says of itself. */
interface Unready {
  issuer: AnyIssuer;
  found: Condition | undefined;
}

const describeIssuer = ({ issuer }: { issuer: AnyIssuer }) => [
  sh`kubectl describe ${issuer.kind.toLowerCase()} ${place(issuer.metadata)}`,
];

const registerAgain = ({ kind, metadata, spec }: AnyIssuer): Remedy => ({
  title: 'Let it register a new account: remove the account’s key, and cert-manager makes another when it restarts.',
  commands: [
    sh`kubectl delete secret ${place({
      namespace: kind === 'Issuer' ? metadata.namespace : stack.certManager.namespace,
      name: spec.acme?.privateKeySecretRef.name ?? '',
    })}`,
    rollout,
  ],
  disturbs: 'Nothing: a new account is registered at once, and certificates that are there stay valid.',
});

/** What is alike in all that an issuer's own condition tells. */
const aboutIssuer = {
  quote: ({ found }: Unready) => saidIn(found, 'cert-manager, in the issuer’s status'),
  message: ({ issuer, found }: Unready) => `${issuerName(issuer)} is not ready: ${found?.reason ?? 'no reason given'}.`,
  evidence: ({ issuer, found }: Unready) =>
    [conditionEvidence(issuer, 'Ready', found, 'True (ACMEAccountRegistered)')] as const,
  commands: describeIssuer,
  explainedBy: ({ found }: Unready) => [
    envoyGateway.kindsInstalled.id,
    certManager.ready.id,
    ...(refusalIn(found?.message ?? '') === undefined ? [] : [accepts.id]),
  ],
};

export const ready = defineCheck({
  id: 'clusterissuer/ready',
  title: 'The issuer has its account and is ready',
  why: 'Without an account at Let’s Encrypt nothing is issued; certificates that are there run out.',
  needs: [envoyGateway.kindsInstalled, certManager.ready, exists, accepts],
  reads: { ...reads, ...issuanceReads },
  commands: [sh`kubectl get clusterissuer -o wide`, sh`kubectl describe clusterissuer ${stack.clusterIssuer.name}`],
  findings: {
    accountGone: finding<{ issuer: AnyIssuer; trouble: Trouble }>({
      headline: 'The ACME account of {issuer} does not exist any more',
      means:
        'The server does not know the account for which it is asked for certificates; the issuer still thinks that it has it.',
      message: ({ issuer, trouble }) =>
        `The ACME account of ${issuerName(issuer)} does not exist any more: ${titleOf(trouble)} was refused for it.`,
      evidence: ({ issuer, trouble }) => [
        {
          object: refOf(issuer),
          path: 'status.acme.uri',
          observed: issuer.status?.acme?.uri ?? 'an account that the server does not know',
          expected: 'an account that the server knows',
        },
        trouble.evidence,
      ],
      remedies: ({ issuer }) => [registerAgain(issuer)],
    }),
    neverSeen: finding<Unready>({
      headline: 'cert-manager has not looked at issuer {issuer}',
      means: 'The issuer has no condition Ready: nobody has taken it up, and it has no account.',
      ...aboutIssuer,
      message: ({ issuer }) => `No controller has ever looked at ${issuerName(issuer)}.`,
      remedies: () => [restart, readLog],
    }),
    accountRefused: finding<Unready>({
      headline: 'The ACME account of issuer {issuer} is refused',
      means: 'The server does not take the account’s key: the account was deactivated, or never was.',
      ...aboutIssuer,
      remedies: ({ issuer }) => [registerAgain(issuer)],
    }),
    notReady: finding<Unready>({
      headline: 'Issuer {issuer} is not ready',
      means: 'cert-manager cannot register the issuer’s account, or cannot use the issuer as it stands.',
      ...aboutIssuer,
      remedies: ({ issuer }) => [
        {
          title:
            'Correct what the message names: the server’s URL, the e-mail address, or cert-manager’s way out to the internet.',
          commands: describeIssuer({ issuer }),
          disturbs: 'Nothing: reading only.',
        },
        readLog,
      ],
    }),
  },
  judge(values, { find, now }) {
    const used = usedBy(servedCertificates(values), values);
    if (used.length === 0) return skip(none);
    return used.map(({ issuer, certificates }) => {
      const ill = certificates.filter((certificate) => stateOf(certificate, now) !== 'well');
      const trouble = ill
        .flatMap((certificate) => troublesOf(issuanceOf(certificate, values)))
        .find(({ reason }) => reason.includes('acme:error:accountDoesNotExist'));
      if (trouble !== undefined) return find.accountGone({ issuer, trouble });
      const found = condition(issuer.status?.conditions, 'Ready');
      if (found?.status === 'True')
        return pass(`${issuerName(issuer)} is ready: ${found.reason ?? 'no reason given'}.`);
      if (found !== undefined)
        return isRefused(found) ? find.accountRefused({ issuer, found }) : find.notReady({ issuer, found });
      return ill.length === 0
        ? skip(`cert-manager has said nothing of ${issuerName(issuer)} yet.`)
        : find.neverSeen({ issuer, found });
    });
  },
});

const isRefused = ({ message = '' }: Condition): boolean =>
  /acme:error:(?:accountDoesNotExist|unauthorized)|account.*(?:deactivated|does not exist)/i.test(message);
