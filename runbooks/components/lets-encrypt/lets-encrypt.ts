/** Let's Encrypt: issues the certificate, or says why not. Its answers are quoted in statuses. [RFC 8555; Boulder] */
import {
  defineCheck,
  fail,
  pass,
  refOf,
  skip,
  warn,
  type Evidence,
  type Judgement,
} from '../../../src/runbook/check.ts';
import { place, sh } from '../../../src/runbook/shell.ts';
import { condition, conditionPath, conditionText } from '../../models/conditions.ts';
import { acmeProblem, issuanceOf, issuanceReads, stateOf, troublesOf } from '../../models/issuance.ts';
import { issuerName, issuerReads, usedBy, type AnyIssuer } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { stack } from '../../stack.ts';

/**
 * The problems with which an ACME server refuses whatever the cluster does right, by their type. The others tell of what it
 * found when it looked for the proof (dns, unauthorized, connection) or of the account, and are other checks' business.
 */
const refusals: Readonly<Record<string, { says: string; title: string }>> = {
  rateLimited: {
    says: 'a rate limit is reached',
    title:
      'Wait until the time that the message names: trying again makes it longer. Find what asks so often: a Certificate or Secret that is deleted again and again.',
  },
  caa: {
    says: 'a CAA record of the domain forbids it',
    title: 'Allow letsencrypt.org in the domain’s CAA records at Cloudflare, for wildcards too (issuewild).',
  },
  rejectedIdentifier: {
    says: 'it does not issue for this name',
    title: 'Correct the Certificate’s dnsNames: the message says which name is refused, and why.',
  },
  unsupportedIdentifier: {
    says: 'it does not issue for names of this kind',
    title: 'Correct the Certificate’s dnsNames: the message says which name is refused.',
  },
  userActionRequired: {
    says: 'its terms have to be agreed to',
    title: 'Follow the link in the message, then let cert-manager try again.',
  },
  serverInternal: {
    says: 'it has a fault of its own',
    title: 'Wait: cert-manager tries again by itself. letsencrypt.status.io tells how it is.',
  },
};

/** The refusal that a text quotes; undefined when it quotes none. */
export function refusalIn(text: string): { type: string; says: string; title: string } | undefined {
  const type = acmeProblem(text);
  const refusal = type === undefined ? undefined : refusals[type];
  if (type !== undefined && refusal !== undefined) return { type, ...refusal };
  // cert-manager shortens some messages to the server's own words.
  const limit = refusals['rateLimited'];
  return limit !== undefined && /too many certificates|rate limit/i.test(text)
    ? { type: 'rateLimited', ...limit }
    : undefined;
}

const reads = { ...listenerReads, ...issuerReads, ...issuanceReads };

export const accepts = defineCheck({
  id: 'lets-encrypt/accepts',
  title: 'Let’s Encrypt does not refuse the cluster’s requests',
  why: 'A rate limit or a CAA record stops issuing whatever the cluster does right, and every new attempt can make it worse.',
  reads,
  commands: [
    sh`kubectl get challenge,order -n ${stack.certificate.namespace} -o jsonpath='{range .items[*]}{.kind}{" "}{.metadata.name}{": "}{.status.reason}{"\\n"}{end}'`,
    sh`dig +short CAA ${stack.domain} @1.1.1.1`,
  ],
  judge(values, { now }): Judgement | readonly Judgement[] {
    const certificates = servedCertificates(values);
    const used = usedBy(certificates, values).filter(({ issuer }) => issuer.spec.acme !== undefined);
    if (used.length === 0) return skip('No Certificate of the Gateway comes from an ACME server.');
    const findings = used.flatMap(({ issuer, certificates }): readonly Judgement[] => {
      const ill = certificates.filter((certificate) => stateOf(certificate, now) !== 'well');
      const quotes = [
        ...ill.flatMap((certificate) => troublesOf(issuanceOf(certificate, values))),
        ...issuerQuote(issuer),
      ];
      for (const { reason, evidence } of quotes) {
        const refusal = refusalIn(reason);
        if (refusal === undefined) continue;
        const isBroken =
          ill.some((certificate) => stateOf(certificate, now) === 'broken') || evidence.object.kind === issuer.kind;
        const finding = {
          message: `Let’s Encrypt refuses ${issuerName(issuer)}: ${refusal.says} (${refusal.type}). It says: “${reason.trim().replace(/\.$/, '')}”.`,
          evidence: [evidence] as const,
          remedy: {
            title: refusal.title,
            commands: [
              sh`kubectl describe ${evidence.object.kind.toLowerCase()} ${place(evidence.object)}`,
              ...(refusal.type === 'caa' ? [sh`dig +short CAA ${stack.domain} @1.1.1.1`] : []),
            ],
            disturbs: 'Nothing: reading only.',
          },
        };
        return [isBroken ? fail(finding) : warn(finding)];
      }
      return [];
    });
    return findings.length > 0 ? findings : pass('Nothing in the cluster quotes a refusal.');
  },
});

/** What an issuer's own condition quotes, where it is not ready. */
function issuerQuote(issuer: AnyIssuer): readonly { reason: string; evidence: Evidence }[] {
  const found = condition(issuer.status?.conditions, 'Ready');
  if (found === undefined || found.status === 'True') return [];
  return [
    {
      reason: found.message ?? '',
      evidence: {
        object: refOf(issuer),
        path: conditionPath('Ready'),
        observed: conditionText(found),
        expected: 'True (ACMEAccountRegistered)',
      },
    },
  ];
}
