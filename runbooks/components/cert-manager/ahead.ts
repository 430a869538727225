/** Whether cert-manager will see its DNS-01 records when it next writes some: told ahead, for a certificate in force says nothing of it. */
import { parseCorefile } from '../../../src/formats/corefile/parse.ts';
import { defineCheck, nameOf, pass, refOf, skip } from '../../../src/runbook/check.ts';
import { finding } from '../../../src/runbook/finding.ts';
import type { KubeObject } from '../../../src/runbook/kinds.ts';
import { plain } from '../../../src/runbook/read.ts';
import { knownOr } from '../../../src/runbook/told.ts';
import { issuerOf, issuerReads, tokenRefs } from '../../models/issuers.ts';
import { onDemand } from '../../models/on-demand.ts';
import { certificates, corefile, deployments } from '../../models/reads.ts';
import { challengeRecord } from '../../stack-listeners.ts';
import * as certManager from './cert-manager.ts';
import {
  askPublicDns,
  asksElsewhere,
  hiderOf,
  mendCorefile,
  resolversOf,
  seesPublicDns,
  showResolvers,
} from './dns.ts';

interface Ahead {
  certificate: KubeObject<'Certificate'>;
  controller: KubeObject<'Deployment'> | undefined;
  config: KubeObject<'ConfigMap'>;
  record: string;
  /** Keys of the server block. */
  block: string;
  /** What keeps the question in the block. */
  by: string;
}

export const willSeePublicDns = defineCheck({
  id: 'cert-manager/will-see-public-dns',
  title: 'CoreDNS passes questions for DNS-01 records on',
  why: 'A certificate in force hides that its renewal will wait for a record that cert-manager cannot see.',
  needs: [seesPublicDns],
  reads: {
    ...issuerReads,
    certificates: plain(certificates),
    deployments: plain(deployments),
    corefile: plain(corefile),
  },
  commands: showResolvers,
  findings: {
    hidden: finding<Ahead>({
      headline: 'CoreDNS keeps {record} to itself',
      means:
        'The next time that a certificate is due, cert-manager asks CoreDNS for the record that it has written, and never sees it. Until then everything is well.',
      outcome: 'warned',
      message: ({ certificate, record, block, by }) =>
        `The next renewal of Certificate ${nameOf(certificate)} will wait for ${record}, which CoreDNS does not pass on in its block for ${block} (${by}).`,
      evidence: ({ config, controller, record }) => [
        {
          object: refOf(config),
          path: 'data.Corefile',
          observed: `${record} stays in the cluster`,
          expected: `${record} forwarded to public DNS`,
        },
        ...resolversOf(controller),
      ],
      remedies: ({ controller }) => [
        mendCorefile('Let _acme-challenge through: keep it out of rewrites, and forward the rest of the zone.'),
        askPublicDns(controller),
      ],
    }),
  },
  judge(values, { find }) {
    const controller = onDemand(() => certManager.controllerOf(values.deployments));
    const itself = pass('cert-manager asks resolvers of its own, past the cluster’s.');
    if (knownOr(false, () => asksElsewhere(controller()))) return itself;
    const config = values.corefile;
    const text = config?.data?.['Corefile'];
    if (config === undefined || text === undefined) return skip('There is no Corefile to look at.', []);
    const parsed = parseCorefile(text);
    for (const certificate of values.certificates) {
      for (const name of certificate.spec.dnsNames ?? []) {
        const record = challengeRecord(name);
        const hider = hiderOf(record, parsed);
        if (hider === undefined) continue;
        const issuer = issuerOf(certificate, values);
        if (issuer === undefined || tokenRefs(issuer, '').length === 0) break;
        if (asksElsewhere(controller())) return itself;
        const by = hider.by === '' ? 'no plugin answers it' : hider.by;
        return find.hidden({ certificate, controller: controller(), config, record, block: hider.block, by });
      }
    }
    return pass('CoreDNS passes questions for every certificate’s record on to public DNS.');
  },
});
