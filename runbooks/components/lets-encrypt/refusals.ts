/**
 * The problems with which an ACME server refuses whatever the cluster does right, by their type [RFC 8555, 6.7; RFC 8659]. The others
 * tell of what it found when it looked for the proof (dns, unauthorized, connection) or of the account, and are other checks' business.
 */
import type { Evidence, Remedy } from '../../../src/runbook/check.ts';
import { finding, type Finding } from '../../../src/runbook/finding.ts';
import { place, sh, type Shell } from '../../../src/runbook/shell.ts';
import { acmeProblem } from '../../models/issuance.ts';
import { issuerName, type AnyIssuer } from '../../models/issuers.ts';
import { stack } from '#stack';

/** A refusal, where some object's status quotes it. */
export interface Refused {
  issuer: AnyIssuer;
  /** The words that were quoted. */
  reason: string;
  /** The object whose status quotes them. */
  evidence: Evidence;
  /** No valid certificate is there, or the issuer itself is refused; else a renewal fails, for now. */
  isBroken: boolean;
}

interface Kind {
  headline: string;
  means: string;
  /** What the server objects to, to close the sentence. */
  says: string;
  /** Ways to mend it, told the command that shows the words. */
  ways: (show: Shell) => readonly [Remedy, ...Remedy[]];
}

const look = (title: string, ...commands: readonly Shell[]): Remedy => ({
  title,
  commands,
  disturbs: 'Nothing: reading only.',
});

const refused = ({ headline, means, says, ways }: Kind): Finding<Refused> =>
  finding<Refused>({
    headline,
    means,
    outcome: ({ isBroken }) => (isBroken ? 'failed' : 'warned'),
    message: ({ issuer }) => `Let’s Encrypt refuses ${issuerName(issuer)}: ${says}.`,
    quote: ({ reason, evidence: { object } }) => ({
      text: reason.trim(),
      by: `cert-manager, in the ${object.kind}’s status`,
    }),
    evidence: ({ evidence }) => [evidence],
    remedies: ({ evidence: { object } }) => ways(sh`kubectl describe ${object.kind.toLowerCase()} ${place(object)}`),
  });

export const refusals = {
  rateLimited: refused({
    headline: 'Let’s Encrypt’s rate limit is reached for {issuer}',
    means:
      'Let’s Encrypt issues a few certificates a week for the same names, and fewer still after failures. It issues no more until the time that it names.',
    says: 'a rate limit is reached (rateLimited)',
    ways: (show) => [
      look('Wait until the time that Let’s Encrypt names: each attempt before then makes it later.', show),
      look(
        'Stop what asks so often: a Certificate or Secret that is deleted again and again, or another cluster.',
        sh`kubectl get certificaterequest -A --sort-by=.metadata.creationTimestamp`,
      ),
    ],
  }),
  caa: refused({
    headline: 'A CAA record keeps Let’s Encrypt from issuing for {issuer}',
    means: 'CAA records say which authorities may issue for a domain, and Let’s Encrypt is not among them.',
    says: 'a CAA record of the domain forbids it (caa)',
    ways: (show) => [
      look(
        'Allow letsencrypt.org in the domain’s CAA records at Cloudflare, for wildcards too (issuewild).',
        show,
        sh`dig +short CAA ${stack.domain} @1.1.1.1`,
      ),
    ],
  }),
  rejectedIdentifier: refused({
    headline: 'Let’s Encrypt rejects a name that {issuer} asks for',
    means: 'Let’s Encrypt issues for no such name: its policy forbids it, or it is not under a public suffix.',
    says: 'it does not issue for this name (rejectedIdentifier)',
    ways: (show) => [
      look('Correct the Certificate’s dnsNames: Let’s Encrypt says which name it refuses, and why.', show),
    ],
  }),
  unsupportedIdentifier: refused({
    headline: 'Let’s Encrypt supports no names of that kind for {issuer}',
    means: 'The Certificate asks for an identifier of a kind that Let’s Encrypt does not certify.',
    says: 'it does not issue for names of this kind (unsupportedIdentifier)',
    ways: (show) => [look('Correct the Certificate’s dnsNames: Let’s Encrypt says which name it refuses.', show)],
  }),
  userActionRequired: refused({
    headline: 'Let’s Encrypt wants its terms agreed to by {issuer}',
    means: 'Let’s Encrypt has new terms of service, and the account has not agreed to them.',
    says: 'its terms have to be agreed to (userActionRequired)',
    ways: (show) => [look('Follow the link that Let’s Encrypt gives, then let cert-manager try again.', show)],
  }),
  serverInternal: refused({
    headline: 'Let’s Encrypt has a fault of its own, and {issuer} waits',
    means: 'The fault is on Let’s Encrypt’s side, and mostly passes by itself.',
    says: 'it has a fault of its own (serverInternal)',
    ways: (show) => [
      look('Wait: cert-manager tries again by itself. letsencrypt.status.io tells how Let’s Encrypt is.', show),
    ],
  }),
};

export type Refusal = keyof typeof refusals;

const isRefusal = (type: string | undefined): type is Refusal => type !== undefined && Object.hasOwn(refusals, type);

/** The refusal that a text quotes; undefined when it quotes none. */
export function refusalIn(text: string): Refusal | undefined {
  const type = acmeProblem(text);
  if (isRefusal(type)) return type;
  // cert-manager shortens some messages to the server's own words.
  return /too many certificates|rate limit/i.test(text) ? 'rateLimited' : undefined;
}
