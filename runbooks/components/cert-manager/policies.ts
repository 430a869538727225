/** cert-manager: whether network policies let it reach what it works with. */
import { defineCheck } from '../../../src/runbook/check.ts';
import { controllerHops, controllerReads } from '../../models/controller-hops.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { controllerOf, kindsInstalled } from './cert-manager.ts';

const asked = [
  {
    called: 'Let’s Encrypt',
    name: 'acme-v02.api.letsencrypt.org',
    breaks: 'no certificate is issued or renewed, and the one that there is runs out',
  },
  {
    called: 'Cloudflare',
    name: 'api.cloudflare.com',
    breaks: 'it cannot prove the domain, so no certificate is issued or renewed',
  },
];

export const reachesOut = defineCheck({
  id: 'cert-manager/reaches-what-it-needs',
  title: 'Network policies let cert-manager reach DNS, the API server and the internet',
  why: 'Nothing shows while the certificate is good: what is dropped is noticed when it should have been renewed.',
  needs: [kindsInstalled],
  reads: controllerReads,
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { find }) {
    const hops = controllerHops('cert-manager', controllerOf(values.deployments), values, asked);
    return judgeAll(hops, values, find, 'No pod of cert-manager runs that a policy could stop.');
  },
});
