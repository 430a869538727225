/** Whether cert-manager sees its own DNS-01 records, where the cluster's resolver answers the zone itself. */
import { answerOf, isLeftToOthers } from '../../../src/formats/corefile/answer.ts';
import { blockFor, rootPort } from '../../../src/formats/corefile/corefile.ts';
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { defineCheck, fail, pass, refOf, skip, type Judgement } from '../../../src/runbook/check.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { sh } from '../../../src/runbook/shell.ts';
import { issuanceOf, issuanceReads, stateOf } from '../../models/issuance.ts';
import { listenerReads, servedCertificates } from '../../models/listener-secrets.ts';
import { corefile, deployments } from '../../models/reads.ts';
import { stack } from '../../stack.ts';
import * as certManager from './cert-manager.ts';
import * as envoyGateway from '../envoy-gateway/envoy-gateway.ts';

type Challenge = KubeObject<'Challenge'>;

/** cert-manager's words while it cannot see the record that it wrote. */
const waitsForRecord = ({ status }: Challenge): boolean =>
  /propagat|self[- ]check|SOA|authoritative nameserver/i.test(status?.reason ?? '');

export const seesPublicDns = defineCheck({
  id: 'cert-manager/sees-public-dns',
  title: 'cert-manager sees the DNS-01 records that it writes',
  why: 'Before it calls Let’s Encrypt it looks for its record through the cluster’s resolver; one that answers the zone itself hides it.',
  needs: [envoyGateway.kindsInstalled],
  reads: { ...listenerReads, ...issuanceReads, deployments: plain(deployments), corefile: plain(corefile) },
  commands: [
    sh`kubectl get configmap -n ${stack.coredns.namespace} ${stack.coredns.configMap} -o jsonpath='{.data.Corefile}'`,
    sh`kubectl get deployment -n ${stack.certManager.namespace} ${stack.certManager.deployment} -o jsonpath='{.spec.template.spec.containers[0].args}'`,
    sh`dig +short TXT _acme-challenge.${stack.domain} @1.1.1.1`,
  ],
  judge(values, { now }): Judgement | readonly Judgement[] {
    const waiting = servedCertificates(values)
      .filter((certificate) => stateOf(certificate, now) !== 'well')
      .flatMap((certificate) => issuanceOf(certificate, values).challenges.filter(waitsForRecord));
    const [challenge] = waiting;
    if (challenge === undefined) return skip('No Challenge waits for a record to be seen.', []);
    const controller = certManager.controllerOf(values.deployments);
    const args = certManager.argumentsOf(controller);
    const asksElsewhere = certManager.flagsOfController(controller).last('dns01-recursive-nameservers') !== '';
    if (asksElsewhere) return pass('cert-manager asks resolvers of its own, past the cluster’s.');
    const text = values.corefile?.data?.['Corefile'];
    if (values.corefile === undefined || text === undefined) return skip('There is no Corefile to look at.', []);
    const name = `_acme-challenge.${challenge.spec.dnsName.replace(/^\*\./, '')}`;
    const parsed = parseCorefile(text);
    const block = blockFor(parsed, name, rootPort(parsed));
    const answer = block === undefined ? undefined : answerOf(block, name, 'TXT');
    if (block === undefined || answer === undefined || answer.result.kind === 'elsewhere' || isLeftToOthers(answer)) {
      return pass(`CoreDNS passes questions for ${name} on to public DNS.`);
    }
    return fail({
      message: `Challenge ${challenge.metadata.namespace}/${challenge.metadata.name} waits for a record that cert-manager cannot see: CoreDNS answers ${name} itself, in its block for ${block.title}.`,
      evidence: [
        {
          object: refOf(values.corefile),
          path: 'data.Corefile',
          observed:
            answer.rewritten === undefined
              ? `${answer.plugin || 'no plugin'} answers ${name} in block ${block.title}`
              : `rewrite ${answer.rewritten.by.args.join(' ')}`,
          expected: `${name} forwarded to public DNS`,
        },
        {
          object: refOf(challenge),
          path: 'status.reason',
          observed: challenge.status?.reason,
          expected: 'a record that is seen',
        },
        ...(controller === undefined
          ? []
          : [
              {
                object: refOf(controller),
                path: 'spec.template.spec.containers[*].args',
                observed: args.filter((argument) => argument.startsWith('--dns01')),
                expected: '--dns01-recursive-nameservers, or a Corefile that lets _acme-challenge through',
              },
            ]),
      ],
      remedy: {
        title:
          'Keep _acme-challenge out of the rewrite (no underscore in its expression) and forward the rest of the zone; or let cert-manager ask public resolvers.',
        commands: [
          sh`kubectl apply -k infrastructure/coredns`,
          sh`helm upgrade cert-manager oci://quay.io/jetstack/charts/cert-manager -n ${stack.certManager.namespace} --reuse-values --set 'extraArgs={--dns01-recursive-nameservers-only,--dns01-recursive-nameservers=1.1.1.1:53\\,1.0.0.1:53}'`,
        ],
        disturbs: 'Nothing: CoreDNS takes the change up by itself, and the Challenge is tried again.',
      },
    });
  },
});
