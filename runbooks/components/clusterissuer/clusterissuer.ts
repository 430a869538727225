/** ClusterIssuer: the account at Let's Encrypt, and how it proves the domain. [cert-manager 1.12 to 1.19] */
import type { Reference } from '../../../src/kinds/references.ts';
import { defineCheck, nameOf, pass, refOf, skip, type Judgement, type Remedy } from '../../../src/runbook/check.ts';
import { finding, type Find } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { eachOf, isNone } from '../../../src/runbook/told.ts';
import { astray, astrayFindings } from '../../models/astray.ts';
import { condition, conditionEvidence, saidIn, type Condition } from '../../models/conditions.ts';
import {
  issuanceOf,
  issuanceReads,
  stateOf,
  titleOf,
  troubleQuote,
  troublesOf,
  type Trouble,
} from '../../models/issuance.ts';
import {
  issuerName,
  issuerReads,
  issuerRefOf,
  issuersOf,
  usedBy,
  type AnyIssuer,
  type IssuerValues,
} from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { leadOf, meantBy, type Among } from '../../models/references.ts';
import { stackCertificates } from '../../models/stack-listener.ts';
import { stack } from '#stack';
import { reachesOut } from '../cert-manager/policies.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import { accepts, refusalIn } from '../lets-encrypt/lets-encrypt.ts';

import { contactIsTaken } from './contact.ts';
import { readLog, restart, rollout } from './remedies.ts';

type Certificate = KubeObject<'Certificate'>;

const none = 'No Certificate of cert-manager fills a Secret of the Gateway’s listeners.';
const reads = { ...listenerReads, ...issuerReads };

const naming = astrayFindings<{ certificate: Certificate; kind: string }>({
  verb: 'names',
  disturbs: 'Nothing: the old certificate is served until the new one is there.',
});

const missingIssuers = {
  wrongKind: naming.otherKind({
    headline: 'Certificate {certificate} gives its issuer the wrong kind',
    means:
      'The issuer exists as the other kind: a reference without kind means an Issuer of the Certificate’s namespace.',
  }),
  misnamed: naming.otherName({
    headline: 'Certificate {certificate} names an issuer that is not there',
    means: 'No issuer has the name that the Certificate gives, and there is another that it most likely means.',
  }),
  missing: naming.missing({
    headline: '{kind} {wanted} does not exist',
    means: 'The Certificate asks for it, and its requests wait until it is there.',
    remedies: () => [
      {
        title: 'Create the issuer again from Git.',
        commands: [sh`kubectl apply -f infrastructure/cert-manager/clusterissuer.yaml`],
        disturbs: 'Nothing: it registers with its account key as before.',
      },
    ],
  }),
};

export const exists = defineCheck({
  id: 'clusterissuer/exists',
  title: 'The issuer that the Certificate names exists',
  why: 'A request to an issuer that does not exist waits for ever; a reference without kind means an Issuer, not a ClusterIssuer.',
  needs: [envoyGateway.kindsInstalled, certManager.kindsInstalled],
  reads,
  commands: [
    sh`kubectl get clusterissuer,issuer -A`,
    sh`kubectl get certificate ${stackCertificates} -o custom-columns=NAME:.metadata.name,KIND:.spec.issuerRef.kind,ISSUER:.spec.issuerRef.name`,
  ],
  findings: missingIssuers,
  judge(values, { find }) {
    const certificates = servedCertificates(values);
    if (isNone(certificates)) return skip(none);
    return eachOf(certificates, (certificate) => judgeIssuer(certificate, values, find));
  },
});

function judgeIssuer(certificate: Certificate, values: IssuerValues, find: Find<typeof missingIssuers>): Judgement {
  const reference = issuerRefOf(certificate);
  const lead = reference && leadOf(reference, amongIssuers(certificate, reference, values));
  if (reference === undefined || lead === undefined || lead.to === 'foreign')
    return skip(`Certificate ${nameOf(certificate)} names an issuer of another controller.`, []);
  if (lead.to === 'object')
    return pass(`Certificate ${nameOf(certificate)} names ${issuerName(lead.object)}, which exists.`);
  const beside = issuersOf(certificate, values);
  const subject = astray(certificate, reference, beside, { certificate, kind: reference.kind });
  const meant = meantBy(lead);
  if (meant === undefined) return find.missing(subject);
  return lead.to === 'otherKind' ? find.wrongKind({ ...subject, meant }) : find.misnamed({ ...subject, meant });
}

/** What a wrong reference may mean: the stack's own issuer by any name, but where that is named, and is what is missing. */
function amongIssuers(certificate: Certificate, { kind, name }: Reference, values: IssuerValues): Among<AnyIssuer> {
  const there = issuersOf(certificate, values);
  return {
    ...{ takes: ['Issuer', 'ClusterIssuer'], there },
    get spare() {
      const own = there.filter(({ metadata }) => metadata.name === stack.clusterIssuer.name);
      return own.length > 0 ? own : there;
    },
    isRight: kind === 'ClusterIssuer' && name === stack.clusterIssuer.name,
  };
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
    certManager.kindsInstalled.id,
    certManager.ready.id,
    contactIsTaken.id,
    ...(refusalIn(found?.message ?? '') === undefined ? [] : [accepts.id]),
  ],
};

export const ready = defineCheck({
  id: 'clusterissuer/ready',
  title: 'The issuer has its account and is ready',
  why: 'Without an account at Let’s Encrypt nothing is issued; certificates that are there run out.',
  needs: [
    envoyGateway.kindsInstalled,
    certManager.kindsInstalled,
    certManager.ready,
    reachesOut,
    exists,
    accepts,
    contactIsTaken,
  ],
  reads: { ...reads, ...issuanceReads },
  commands: [sh`kubectl get clusterissuer -o wide`, sh`kubectl describe clusterissuer ${stack.clusterIssuer.name}`],
  findings: {
    accountGone: finding<{ issuer: AnyIssuer; trouble: Trouble }>({
      headline: 'The ACME account of {issuer} does not exist any more',
      means:
        'The server does not know the account for which it is asked for certificates; the issuer still thinks that it has it.',
      message: ({ issuer, trouble }) =>
        `The ACME account of ${issuerName(issuer)} does not exist any more: ${titleOf(trouble)} was refused for it.`,
      quote: ({ trouble }) => troubleQuote(trouble),
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
      remedies: () => [readLog, restart],
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
    if (isNone(used)) return skip(none);
    return eachOf(used, ({ issuer, certificates }) => {
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
