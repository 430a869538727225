/** ExternalDNS: whether network policies let it reach what it works with. */
import { defineCheck } from '../../../src/runbook/check.ts';
import { controllerHops, controllerReads } from '../../models/controller-hops.ts';
import { hopFindings, judgeAll, showPolicies } from '../../models/hop-findings.ts';
import { externalDnsOf } from '../../models/external-dns-options.ts';

const asked = [
  {
    called: 'Cloudflare',
    name: 'api.cloudflare.com',
    breaks: 'records stay as they are, and new hostnames get none',
  },
];

export const reachesOut = defineCheck({
  id: 'external-dns/reaches-what-it-needs',
  title: 'Network policies let ExternalDNS reach DNS, the API server and Cloudflare',
  why: 'Records that are there stay: what is dropped is noticed with the next hostname.',
  reads: controllerReads,
  commands: showPolicies,
  findings: hopFindings,
  judge(values, { find }) {
    const hops = externalDnsOf(values.deployments).flatMap(({ deployment }) =>
      controllerHops('ExternalDNS', deployment, values, asked),
    );
    return judgeAll(hops, values, find, 'No pod of ExternalDNS runs that a policy could stop.');
  },
});
