/** Let's Encrypt: issues the certificate, or says why not. Its answers are quoted in statuses. [RFC 8555; Boulder] */
import { defineCheck, skip } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { foundOr, isNone } from '../../../src/runbook/told.ts';
import { condition, conditionEvidence } from '../../models/conditions.ts';
import { issuanceOf, issuanceReads, stateOf, troublesOf } from '../../models/issuance.ts';
import { issuerReads, usedBy, type AnyIssuer } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { followedCertificate } from '../../models/stack-listener.ts';
import { stack } from '#stack';
import { refusalIn, refusals, type Refused, type Refusal } from './refusals.ts';

export { refusalIn };

type Certificate = KubeObject<'Certificate'>;
type Quoted = Pick<Refused, 'reason' | 'evidence'>;

export const accepts = defineCheck({
  id: 'lets-encrypt/accepts',
  title: 'Let’s Encrypt does not refuse the cluster’s requests',
  why: 'A rate limit or a CAA record stops issuing whatever the cluster does right, and every new attempt can make it worse.',
  reads: { ...listenerReads, ...issuerReads, ...issuanceReads },
  commands: [
    sh`kubectl get challenge,order -n ${followedCertificate.namespace} -o jsonpath='{range .items[*]}{.kind}{" "}{.metadata.name}{": "}{.status.reason}{"\\n"}{end}'`,
    sh`dig +short CAA ${stack.domain} @1.1.1.1`,
  ],
  findings: refusals,
  judge(values, { now, find }) {
    const used = usedBy(servedCertificates(values), values).filter(({ issuer }) => issuer.spec.acme !== undefined);
    if (isNone(used)) return skip('No Certificate of the Gateway comes from an ACME server.');
    const refused = used.flatMap(({ issuer, certificates }) => {
      const ill = certificates.filter((certificate) => stateOf(certificate, now) !== 'well');
      const first = firstRefusal([...ill.flatMap((one) => troublesOf(issuanceOf(one, values))), ...saidOf(issuer)]);
      return first === undefined ? [] : [{ ...first, issuer, isBroken: isBroken(first, issuer, ill, now) }];
    });
    return foundOr(
      'Nothing in the cluster quotes a refusal.',
      refused.map(({ type, ...subject }) => find[type](subject)),
    );
  },
});

const firstRefusal = (quotes: readonly Quoted[]): (Quoted & { type: Refusal }) | undefined =>
  quotes
    .flatMap(({ reason, evidence }) => {
      const type = refusalIn(reason);
      return type === undefined ? [] : [{ type, reason, evidence }];
    })
    .at(0);

/** An issuer that is refused issues nothing at all. */
const isBroken = ({ evidence }: Quoted, issuer: AnyIssuer, ill: readonly Certificate[], now: Date): boolean =>
  ill.some((certificate) => stateOf(certificate, now) === 'broken') || evidence.object.kind === issuer.kind;

/** What an issuer's own condition quotes, where it is not ready. */
function saidOf(issuer: AnyIssuer): readonly Quoted[] {
  const found = condition(issuer.status?.conditions, 'Ready');
  if (found === undefined || found.status === 'True') return [];
  const evidence = conditionEvidence(issuer, 'Ready', found, 'True (ACMEAccountRegistered)');
  return [{ reason: found.message ?? '', evidence }];
}
