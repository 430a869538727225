/** How far a certificate's issuance has come: the deepest object that is not well is the cause. */
import { defineCheck, fail, nameOf, pass, skip, warn, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { sh, type Shell } from '../../../src/runbook/shell.ts';

import { issuanceOf, issuanceReads, stateOf, troublesOf, type Trouble } from '../../models/issuance.ts';
import { issuerOf, issuerReads } from '../../models/issuers.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { stack } from '../../stack.ts';
import * as certManager from '../cert-manager/cert-manager.ts';
import * as clusterissuer from '../clusterissuer/clusterissuer.ts';
import { tokenIsThere } from '../clusterissuer/token.ts';
import { seesPublicDns } from '../cert-manager/dns.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';
import * as letsEncrypt from '../lets-encrypt/lets-encrypt.ts';

type Certificate = KubeObject<'Certificate'>;
export const issued = defineCheck({
  id: 'certificate/is-issued',
  title: 'What is asked for in the Certificate’s name is issued',
  why: 'A Certificate walks through CertificateRequest, Order and Challenge; the deepest of them that is not well says why it stops.',
  needs: [
    envoyGateway.kindsInstalled,
    certManager.ready,
    clusterissuer.exists,
    clusterissuer.ready,
    tokenIsThere,
    letsEncrypt.accepts,
    seesPublicDns,
  ],
  reads: { ...listenerReads, ...issuerReads, ...issuanceReads },
  commands: [
    sh`kubectl get certificaterequest,order,challenge -n ${stack.certificate.namespace}`,
    sh`kubectl describe challenge -n ${stack.certificate.namespace}`,
  ],
  judge(values, { now }): Judgement | readonly Judgement[] {
    const certificates = servedCertificates(values);
    if (certificates.length === 0) return skip('No Certificate fills a Secret of the Gateway’s listeners.');
    return certificates.map((certificate): Judgement => {
      const state = stateOf(certificate, now);
      if (state === 'well') return pass(`Certificate ${nameOf(certificate)} is issued.`);
      const [deepest, ...others] = troublesOf(issuanceOf(certificate, values));
      if (deepest === undefined) {
        return skip(`No request, Order or Challenge says why Certificate ${nameOf(certificate)} is not issued.`);
      }
      const words = deepest.reason.trim().replace(/\.$/, '');
      const message = `${deepest.says}, so Certificate ${nameOf(certificate)} is not ${state === 'broken' ? 'issued' : 'renewed'}.${words === '' ? '' : ` It says: “${words}”.`}`;
      const provider = Object.keys(issuerOf(certificate, values)?.spec.acme?.solvers?.[0]?.dns01 ?? {})[0];
      const finding = {
        message,
        evidence: [deepest.evidence, ...others.map(({ evidence }) => evidence)] as const,
        commands: [
          sh`kubectl describe ${deepest.evidence.object.kind.toLowerCase()} -n ${certificate.metadata.namespace ?? 'default'} ${deepest.evidence.object.name}`,
        ],
        remedy: remedyFor(deepest, certificate, provider),
      };
      return state === 'broken' ? fail(finding) : warn(finding);
    });
  },
});

/** What the words of the deepest object ask for, the telling first. */
const advice: readonly { matches: RegExp; title: string; commands: readonly Shell[] }[] = [
  {
    matches: /\b(?:10000|9109|6003|40[13])\b|authentication error|invalid (?:access )?token|forbidden|permission/i,
    title:
      'The DNS provider refuses the token. Make one that may edit the zone (Zone, DNS, Edit) and put it into Vault; External Secrets copies it.',
    commands: [
      sh`kubectl annotate externalsecret -n ${stack.certManager.namespace} ${stack.certManager.tokenSecret} force-sync=$(date +%s) --overwrite`,
    ],
  },
  {
    matches: /propagat|SOA|authoritative|NXDOMAIN|No TXT record|Incorrect TXT/i,
    title:
      'Compare what public DNS says with what cert-manager wrote; a record that is there and not seen points at the resolver that it asks.',
    commands: [sh`dig +short TXT _acme-challenge.${stack.domain} @1.1.1.1`],
  },
];

function remedyFor({ reason, evidence }: Trouble, certificate: Certificate, provider: string | undefined) {
  const namespace = certificate.metadata.namespace ?? '';
  const known = advice.find(({ matches }) => provider !== undefined && matches.test(reason));
  const describe = sh`kubectl describe ${evidence.object.kind.toLowerCase()} -n ${namespace} ${evidence.object.name}`;
  // A failed attempt is repeated after an hour, then two, and so on up to 32; this asks at once [cmctl 2].
  const again = sh`cmctl renew -n ${namespace} ${certificate.metadata.name}`;
  return {
    title:
      known?.title ??
      'Mend what the message names; then ask for the certificate again, rather than wait for the next attempt.',
    commands: [...(known?.commands ?? [describe]), again],
    disturbs: 'Nothing: a certificate that is there is served until the new one is.',
  };
}
